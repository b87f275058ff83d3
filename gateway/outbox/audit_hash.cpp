#include "outbox/audit_hash.hpp"

#include "outbox/fields.hpp"

namespace gw::outbox {

namespace {
constexpr std::string_view kKeyMark = "key ";
}  // namespace

void AuditHash::use(const AuditKey* key) {
  hmac_.reset();
  if (key != nullptr) hmac_.emplace(key->hmac());
}

Sha256 AuditHash::of(const Sha256& before, const AuditRow& row) {
  canonical_.assign(reinterpret_cast<const char*>(before.data()), before.size());
  append_number(canonical_, row.number);
  append_number(canonical_, row.at);
  append_field(canonical_, row.kind);
  append_number(canonical_, row.task);
  append_number(canonical_, row.status);
  for (const auto text : row.texts) append_field(canonical_, text);
  append_field(canonical_, row.outcome);
  if (!row.identifier.empty()) append_field(canonical_, row.identifier);
  return hmac_ ? hmac_->of(canonical_) : sha256(canonical_);
}

std::string key_mark(const AuditKey& key) {
  return std::string{kKeyMark} + key.id();
}

std::optional<std::string_view> key_in_mark(std::string_view outcome) {
  if (!outcome.starts_with(kKeyMark)) return std::nullopt;
  return outcome.substr(kKeyMark.size());
}

}  // namespace gw::outbox
