#include "outbox/audit_chain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "outbox/fields.hpp"
#include "outbox/schema.hpp"

namespace gw::outbox {

namespace {

constexpr std::size_t kTexts = 14;
using Texts = std::array<std::string_view, kTexts>;

// In the order of the table's columns, from `trace` to `outcome`.
Texts texts_of(const AuditRecord& record) {
  return {record.trace,
          record.from,
          record.to,
          record.interaction,
          record.user_id,
          record.user_name,
          record.user_role,
          record.organisation,
          record.device,
          record.authority,
          record.patient,
          record.peer_fqdn,
          record.peer_fingerprint,
          record.peer_address};
}

struct Numbers {
  std::int64_t seq, at, task, status;
};

Sha256 hash_of(const Sha256& before, const Numbers& numbers, std::string_view kind, const Texts& texts,
               std::string_view outcome, std::string& canonical) {
  canonical.assign(reinterpret_cast<const char*>(before.data()), before.size());
  append_number(canonical, numbers.seq);
  append_number(canonical, numbers.at);
  append_field(canonical, kind);
  append_number(canonical, numbers.task);
  append_number(canonical, numbers.status);
  for (const auto text : texts) append_field(canonical, text);
  append_field(canonical, outcome);
  return sha256(canonical);
}

std::int64_t count_of(Instant at) {
  return at.time_since_epoch().count();
}

constexpr const char* kAll =
    "SELECT seq, at, kind, task, status, trace, from_asid, to_asid, interaction, user_id, user_name, user_role, "
    "organisation, device, authority, patient, peer_fqdn, peer_fingerprint, peer_address, outcome, hash "
    "FROM audit ORDER BY seq";
constexpr int kFirstText = 5;
constexpr int kOutcome = 19;
constexpr int kHash = 20;

bool has_hash(const Rows& rows, int column, const Sha256& wanted) {
  const auto found = rows.view(column);
  return std::equal(found.begin(), found.end(), wanted.begin(), wanted.end(),
                    [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

// Reads on until the end or the first flaw.
AuditVerdict walk(Rows& rows, const std::optional<AuditWitness>& witness) {
  AuditVerdict verdict;
  std::string canonical;
  while (rows.next()) {
    const auto seq = rows.integer(0);
    const auto expected = verdict.records + 1;
    if (seq != expected) {
      verdict.flaw =
          AuditFlaw{expected, fmt::format("record {} is missing: {} comes after {}", expected, seq, verdict.records)};
      break;
    }
    Texts texts;
    for (std::size_t i = 0; i < kTexts; ++i) texts[i] = rows.view(kFirstText + static_cast<int>(i));
    const auto hash = hash_of(verdict.head, {seq, rows.integer(1), rows.integer(3), rows.integer(4)}, rows.view(2),
                              texts, rows.view(kOutcome), canonical);
    // A record of no task hashes like one of task 0, which there is not.
    const bool task_zero = !rows.is_null(3) && rows.integer(3) == 0;
    if (task_zero || !has_hash(rows, kHash, hash)) {
      verdict.flaw = AuditFlaw{seq, fmt::format("record {} was changed, dated anew or put in another's place", seq)};
      break;
    }
    if (witness && seq == witness->number && hash != witness->hash) {
      verdict.flaw = AuditFlaw{
          seq,
          fmt::format("record {} is not the one the given head was taken from: it, or one before, was made anew", seq)};
      break;
    }
    verdict.records = seq;
    verdict.head = hash;
  }
  return verdict;
}

}  // namespace

AuditChain::AuditChain(Connection& connection)
    : connection_(connection),
      insert_(connection,
              "INSERT INTO audit (seq, at, kind, task, status, trace, from_asid, to_asid, interaction, user_id, "
              "user_name, user_role, organisation, device, authority, patient, peer_fqdn, peer_fingerprint, "
              "peer_address, outcome, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, "
              "?16, ?17, ?18, ?19, ?20, ?21)"),
      tail_(connection, "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1") {}

Status AuditChain::load() {
  last_ = 0;
  hash_ = {};
  auto rows = tail_.query();
  if (rows.next()) {
    const auto hash = rows.view(1);
    if (hash.size() != hash_.size()) return fault(FaultKind::kStorage, "the audit's last record has no whole hash");
    last_ = rows.integer(0);
    std::copy(hash.begin(), hash.end(), hash_.begin());
  }
  return connection_.status();
}

std::int64_t AuditChain::append(const AuditRecord& record) {
  const auto texts = texts_of(record);
  const Numbers numbers{++last_, count_of(record.at), record.task ? record.task->number : 0, record.status};
  hash_ = hash_of(hash_, numbers, record.kind, texts, record.outcome, canonical_);
  const std::optional<std::int64_t> task = record.task ? std::optional{numbers.task} : std::nullopt;
  insert_.run(numbers.seq, numbers.at, std::string_view{record.kind}, task, numbers.status, texts[0], texts[1],
              texts[2], texts[3], texts[4], texts[5], texts[6], texts[7], texts[8], texts[9], texts[10], texts[11],
              texts[12], texts[13], std::string_view{record.outcome}, Blob{hash_});
  return last_;
}

std::optional<AuditWitness> witness_from(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  AuditWitness witness;
  const auto number = text.substr(0, colon);
  const auto digits = text.substr(colon + 1);
  const auto* const number_end = number.data() + number.size();
  const auto counted = std::from_chars(number.data(), number_end, witness.number);
  if (counted.ec != std::errc{} || counted.ptr != number_end || witness.number < 1) return std::nullopt;
  if (digits.size() != 2 * witness.hash.size()) return std::nullopt;
  for (std::size_t i = 0; i < witness.hash.size(); ++i) {
    const auto* const from = digits.data() + 2 * i;
    const auto read = std::from_chars(from, from + 2, witness.hash[i], 16);
    if (read.ec != std::errc{} || read.ptr != from + 2) return std::nullopt;
  }
  return witness;
}

std::string to_text(const AuditWitness& witness) {
  return fmt::format("{}:{}", witness.number, to_hex(witness.hash));
}

Result<AuditVerdict> verify_audit(const std::filesystem::path& path, const std::optional<AuditWitness>& witness) {
  auto opened = open_for_reading(path);
  if (!opened) return opened.error();
  auto& connection = **opened;
  // One view of the file for both questions, while a gateway may be writing.
  if (auto begun = connection.execute("BEGIN"); !begun) return begun.error();
  Statement all{connection, kAll};
  auto rows = all.query();
  auto verdict = walk(rows, witness);
  if (!verdict.flaw) {
    Statement cut_off{connection, "SELECT min(audited) FROM task WHERE audited > ?1"};
    auto missing = cut_off.query(verdict.records);
    if (missing.next() && !missing.is_null(0)) {
      verdict.flaw =
          AuditFlaw{verdict.records + 1, fmt::format("the records from {} on are missing: a task refers to {}",
                                                     verdict.records + 1, missing.integer(0))};
    }
  }
  if (!verdict.flaw && witness && witness->number > verdict.records) {
    verdict.flaw =
        AuditFlaw{verdict.records + 1, fmt::format("the records from {} on are missing: the given head is record {}",
                                                   verdict.records + 1, witness->number)};
  }
  if (auto read = connection.status(); !read) return read.error();
  return verdict;
}

}  // namespace gw::outbox
