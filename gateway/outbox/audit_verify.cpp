#include "outbox/audit_verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "outbox/audit_chain.hpp"
#include "outbox/audit_witness.hpp"
#include "outbox/schema.hpp"

namespace gw::outbox {

namespace {

constexpr std::int64_t kBetweenProgress = 1 << 15;
constexpr int kTaskColumn = 3;

/// A record that must be there, with its hash.
struct Sworn {
  AuditHead head;
  std::string by;  ///< "the given head", "the witness"
};

bool has_hash(const Rows& rows, const Sha256& wanted) {
  const auto found = rows.view(kAuditHashColumn);
  return std::equal(found.begin(), found.end(), wanted.begin(), wanted.end(),
                    [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

/// One reading of an audit, record by record.
class Walk {
 public:
  Walk(const AuditCheck& check, std::vector<Sworn> sworn) : check_(check), sworn_(std::move(sworn)) {}

  /// Reads on until the end or the first flaw. Errors: kInvalid, for want of a key.
  Status run(Rows& rows, std::int64_t all) {
    while (!verdict_.flaw && rows.next()) {
      const auto row = audit_row(rows);
      if (auto keyed = take_key(row); !keyed) return keyed;
      if (verdict_.flaw || !check_order(row) || !check_hash(rows, row) || !check_sworn(row.number)) continue;
      if (check_.progress && row.number % kBetweenProgress == 0) check_.progress(row.number, all);
    }
    if (!verdict_.flaw) check_key_at_end();
    return Done{};
  }

  /// What the records themselves do not tell: that some are missing at the end. `cut_off`: of a task, by its entry.
  void check_end(std::optional<std::int64_t> cut_off) {
    const auto next = verdict_.records + 1;
    if (!verdict_.flaw && cut_off) {
      missing(fmt::format("the records from {} on are missing: a task refers to {}", next, *cut_off));
    }
    for (const auto& [head, by] : sworn_) {
      if (verdict_.flaw || head.number <= verdict_.records) continue;
      missing(fmt::format("the records from {} on are missing: {} is record {}", next, by, head.number));
    }
  }

  [[nodiscard]] AuditVerdict take() && { return std::move(verdict_); }

 private:
  void flaw(std::int64_t number, std::string what) { verdict_.flaw = AuditFlaw{number, std::move(what)}; }
  void missing(std::string what) { verdict_.flaw = AuditFlaw{verdict_.records + 1, std::move(what), true}; }

  /// Where a key begins, its record is under it already.
  Status take_key(const AuditRow& row) {
    if (row.kind != kChainKind) return Done{};
    const auto id = key_in_mark(row.outcome);
    if (!id || *id == verdict_.key) return Done{};
    const auto* const key = check_.keys.find(*id);
    if (key == nullptr) {
      auto unknown = fmt::format(
          "the records from {} on are under the audit key {}, which no file of [audit] key_file "
          "and old_key_files holds",
          row.number, *id);
      if (!check_.keys.current) return fault(FaultKind::kInvalid, unknown + "; without it they cannot be checked");
      flaw(row.number, unknown + ": they were made anew, or an old key's file is not named");
      return Done{};
    }
    hash_of_.use(key);
    verdict_.key = *id;
    key_begins_ = row.number;
    return Done{};
  }

  bool check_order(const AuditRow& row) {
    const auto expected = verdict_.records + 1;
    if (row.number == expected) return true;
    flaw(expected, fmt::format("record {} is missing: {} comes after {}", expected, row.number, verdict_.records));
    return false;
  }

  bool check_hash(const Rows& rows, const AuditRow& row) {
    const auto hash = hash_of_.of(verdict_.head, row);
    // A record of no task hashes like one of task 0, which there is not.
    const bool task_zero = !rows.is_null(kTaskColumn) && row.task == 0;
    if (!task_zero && has_hash(rows, hash)) {
      verdict_.records = row.number;
      verdict_.head = hash;
      return true;
    }
    flaw(row.number, fmt::format("record {} was changed, dated anew, put in or put in another's place", row.number));
    return false;
  }

  bool check_sworn(std::int64_t number) {
    for (const auto& [head, by] : sworn_) {
      if (head.number != number || head.hash == verdict_.head) continue;
      verdict_.records = number - 1;
      flaw(number, fmt::format("record {} is not the one that {} was taken from: it, or one before, was made anew",
                               number, by));
      return false;
    }
    return true;
  }

  /// Whoever has no key can make a chain anew without one, or under a key that became known.
  void check_key_at_end() {
    if (!check_.keys.current || verdict_.records == 0 || check_.keys.current->id() == verdict_.key) return;
    const auto from = std::max<std::int64_t>(key_begins_, 1);
    const auto key = check_.keys.current->id();
    verdict_.records = from - 1;
    flaw(from, fmt::format("the records from {} on are not under the audit key {}: they were made anew, or the gateway "
                           "was never started with this key",
                           from, key));
  }

  const AuditCheck& check_;
  std::vector<Sworn> sworn_;
  AuditVerdict verdict_;
  AuditHash hash_of_;
  std::int64_t key_begins_ = 0;
};

std::int64_t number_from(Connection& connection, const char* sql) {
  Statement question{connection, sql};
  auto rows = question.query();
  return rows.next() ? rows.integer(0) : 0;
}

}  // namespace

Result<AuditVerdict> verify_audit(const std::filesystem::path& path, const AuditCheck& check) {
  std::vector<Sworn> sworn;
  if (check.kept) sworn.push_back({*check.kept, "the given head"});
  // Before the audit: what the witness saw is on disk by then.
  std::optional<Result<AuditHead>> seen;
  if (!check.witness.empty()) seen = read_witness(check.witness);
  if (seen && *seen) sworn.push_back({**seen, "what the witness saw last"});
  auto opened = open_for_reading(path);
  if (!opened) return opened.error();
  auto& connection = **opened;
  // One view of the file for all questions, while a gateway may be writing.
  if (auto begun = connection.execute("BEGIN"); !begun) return begun.error();
  const bool witness_lost = seen && !*seen && audit_marks(connection).witness;
  const auto all = number_from(connection, "SELECT max(seq) FROM audit");
  Walk walk{check, std::move(sworn)};
  {
    Statement records{connection, fmt::format("SELECT {} FROM audit ORDER BY seq", kAuditColumns)};
    auto rows = records.query();
    if (auto done = walk.run(rows, all); !done) return done.error();
  }
  const auto referred = number_from(connection, "SELECT max(audited) FROM task");
  walk.check_end(referred > all ? std::optional{referred} : std::nullopt);
  if (auto read = connection.status(); !read) return read.error();
  auto verdict = std::move(walk).take();
  verdict.witness = seen && *seen;
  if (!verdict.flaw && witness_lost) {
    verdict.flaw = AuditFlaw{verdict.records + 1,
                             "whether records are missing at the end cannot be told: " + seen->error().detail, true};
  }
  return verdict;
}

}  // namespace gw::outbox
