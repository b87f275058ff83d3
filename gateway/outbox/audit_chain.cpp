#include "outbox/audit_chain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "outbox/audit_text.hpp"

namespace gw::outbox {

namespace {

constexpr int kFirstText = 5;
constexpr int kOutcome = kFirstText + static_cast<int>(AuditRow::kTexts);
constexpr int kIdentifier = kOutcome + 1;
static_assert(kIdentifier + 1 == kAuditHashColumn);

// In the order of the table's columns, from `trace` to `peer_address`.
std::array<const std::string*, AuditRow::kTexts> texts_of(const AuditRecord& record) {
  return {&record.trace,
          &record.from,
          &record.to,
          &record.interaction,
          &record.user_id,
          &record.user_name,
          &record.user_role,
          &record.organisation,
          &record.device,
          &record.authority,
          &record.patient,
          &record.peer_fqdn,
          &record.peer_fingerprint,
          &record.peer_address};
}

std::optional<Sha256> hash_from(std::string_view bytes) {
  Sha256 hash{};
  if (bytes.size() != hash.size()) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

}  // namespace

AuditRow audit_row(const Rows& rows) {
  AuditRow row{.number = rows.integer(0),
               .at = rows.integer(1),
               .task = rows.integer(3),
               .status = rows.integer(4),
               .kind = rows.view(2),
               .texts = {},
               .outcome = rows.view(kOutcome),
               .identifier = rows.view(kIdentifier)};
  for (std::size_t i = 0; i < AuditRow::kTexts; ++i) row.texts.at(i) = rows.view(kFirstText + static_cast<int>(i));
  return row;
}

AuditMarks audit_marks(Connection& connection) {
  AuditMarks marks;
  Statement all{connection, "SELECT outcome FROM audit WHERE kind = 'chain' ORDER BY seq"};
  auto rows = all.query();
  while (rows.next()) {
    const auto outcome = rows.view(0);
    if (const auto key = key_in_mark(outcome)) marks.key = *key;
    if (outcome == kWitnessBegins) marks.witness = true;
    if (outcome == kWitnessEnds) marks.witness = false;
  }
  return marks;
}

AuditChain::AuditChain(Connection& connection)
    : connection_(connection),
      insert_(connection, fmt::format("INSERT INTO audit ({}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
                                      "?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)",
                                      kAuditColumns)),
      tail_(connection, "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1") {}

Status AuditChain::load() {
  head_ = {};
  auto rows = tail_.query();
  if (rows.next()) {
    const auto hash = hash_from(rows.view(1));
    if (!hash) return fault(FaultKind::kStorage, "the audit's last record has no whole hash");
    head_ = {rows.integer(0), *hash};
  }
  return connection_.status();
}

Result<bool> AuditChain::ends_well(const AuditKey* key) {
  if (head_.number == 0) return true;
  const auto before = hash_at(head_.number - 1);
  if (!before) return before.error();
  if (head_.number > 1 && !*before) return false;
  Statement last{connection_, fmt::format("SELECT {} FROM audit WHERE seq = ?1", kAuditColumns)};
  auto rows = last.query(head_.number);
  if (!rows.next()) {
    if (auto read = connection_.status(); !read) return read.error();
    return false;
  }
  AuditHash hash_of;
  hash_of.use(key);
  return hash_of.of(before->value_or(Sha256{}), audit_row(rows)) == head_.hash;
}

Result<std::optional<Sha256>> AuditChain::hash_at(std::int64_t number) {
  Statement one{connection_, "SELECT hash FROM audit WHERE seq = ?1"};
  std::optional<Sha256> hash;
  auto rows = one.query(number);
  if (rows.next()) hash = hash_from(rows.view(0));
  if (auto read = connection_.status(); !read) return read.error();
  return hash;
}

std::int64_t AuditChain::append(const AuditRecord& record) {
  const auto texts = texts_of(record);
  AuditRow row{.number = head_.number + 1,
               .at = record.at.time_since_epoch().count(),
               .task = record.task ? record.task->number : 0,
               .status = record.status,
               .kind = record.kind,
               .texts = {},
               .outcome = audit_text(record.outcome, room_.at(AuditRow::kTexts)),
               .identifier = audit_text(record.identifier, room_.at(AuditRow::kTexts + 1))};
  for (std::size_t i = 0; i < texts.size(); ++i) row.texts.at(i) = audit_text(*texts.at(i), room_.at(i));
  head_ = {row.number, hash_of_.of(head_.hash, row)};
  const auto& text = row.texts;
  const std::optional<std::int64_t> task = record.task ? std::optional{row.task} : std::nullopt;
  insert_.run(row.number, row.at, row.kind, task, row.status, text[0], text[1], text[2], text[3], text[4], text[5],
              text[6], text[7], text[8], text[9], text[10], text[11], text[12], text[13], row.outcome, row.identifier,
              Blob{head_.hash});
  return head_.number;
}

}  // namespace gw::outbox
