#include "outbox/audit_start.hpp"

#include <fmt/format.h>

#include <utility>

namespace gw::outbox {

namespace {

constexpr std::string_view kWhatToDo =
    "; nothing is served, since tasks that were answered may be missing here and could be delivered a second time. Put "
    "the right outbox in place, or, once it is understood what happened and what is missing, take this one with: "
    "gpconnect-gateway audit accept --reason ... --config ...";

Fault held(std::string_view doubts) {
  return fault(FaultKind::kHeld, fmt::format("{}{}", doubts, kWhatToDo));
}

}  // namespace

Result<AuditStart> AuditStart::look(Store& store, const AuditSettings& settings) {
  AuditStart start{settings};
  auto keys = read_audit_keys(settings.key_file, settings.old_key_files);
  if (!keys) return keys.error();
  start.keys_ = std::move(*keys);
  start.marks_ = audit_marks(store.connection());
  if (auto read = store.connection().status(); !read) return read.error();

  const auto& under = start.marks_.key;
  const auto* const key = under.empty() ? nullptr : start.keys_.find(under);
  if (!under.empty() && key == nullptr) {
    return fault(FaultKind::kInvalid,
                 fmt::format("the audit is under the key {}, and {}. To change the key, name the new file as key_file "
                             "and the one before among old_key_files",
                             under,
                             start.keys_.current
                                 ? fmt::format("[audit] key_file holds another one ({})", start.keys_.current->id())
                                 : std::string{"[audit] names no key_file"}));
  }
  auto& chain = store.audit();
  chain.use(key);
  const auto well = chain.ends_well(key);
  if (!well) return well.error();
  auto doubts = start.doubts_of_witness(chain);
  if (!doubts) return doubts.error();
  if (!*well) *doubts = fmt::format("the audit's last record, {}, is not as it was written", chain.head().number);
  if (!doubts->empty() && !settings.accept) return held(*doubts);
  if (doubts->empty() && settings.accept) {
    return fault(FaultKind::kInvalid, "there is nothing to accept: the audit ends as the gateway left it");
  }
  start.accepted_ = std::move(*doubts);
  return start;
}

// In words, and none when the audit holds what the witness saw.
Result<std::string> AuditStart::doubts_of_witness(AuditChain& chain) {
  if (settings_->witness.empty()) return std::string{};
  auto opened = AuditWitness::open(settings_->witness);
  if (!opened) return opened.error();
  witness_ = std::move(*opened);
  const auto file = settings_->witness.string();
  const auto& last = chain.head().number;
  if (witness_->is_damaged()) return fmt::format("the audit's witness {} cannot be read", file);
  const auto& seen = witness_->seen();
  if (!seen) {
    if (marks_.witness) return fmt::format("the audit's witness {} is gone, or empty", file);
    // Before the audit says that there is one: a crash in between must not look like a witness that was lost.
    if (auto kept = witness_->keep(chain.head()); !kept) return kept.error();
    return std::string{};
  }
  if (seen->number > last) {
    return fmt::format(
        "the audit ends with record {}, but its witness saw record {}: this is an older copy of the "
        "outbox, or its last records were cut off",
        last, seen->number);
  }
  const auto found = chain.hash_at(seen->number);
  if (!found) return found.error();
  if (seen->number > 0 && *found != seen->hash) {
    return fmt::format(
        "the audit's record {} is not the one that its witness saw: this is another outbox, an older "
        "copy that went its own way, or its records were made anew",
        seen->number);
  }
  return std::string{};
}

Status AuditStart::write(Store& store) {
  const auto chain_record = [&store](std::string outcome) {
    return store.record(AuditRecord{.kind = std::string{kChainKind}, .outcome = std::move(outcome)});
  };
  if (!accepted_.empty()) {
    const auto& by = *settings_->accept;
    const auto outcome = fmt::format("audit accepted: {}; {}", by.reason, accepted_);
    auto written = store.record(
        AuditRecord{.kind = "operator", .user_id = by.user_id, .user_name = by.user_name, .outcome = outcome});
    if (!written) return written;
  }
  if (keys_.current && keys_.current->id() != marks_.key) {
    store.audit().use(&*keys_.current);
    if (auto written = chain_record(key_mark(*keys_.current)); !written) return written;
  }
  if (witness_ != nullptr && !marks_.witness) return chain_record(std::string{kWitnessBegins});
  if (witness_ == nullptr && marks_.witness) return chain_record(std::string{kWitnessEnds});
  return Done{};
}

Result<std::unique_ptr<AuditWitness>> AuditStart::begin(const Store& store) {
  if (witness_ == nullptr) return std::unique_ptr<AuditWitness>{};
  const auto& head = store.audit_head();
  auto kept = accepted_.empty() ? witness_->keep(head) : witness_->start_anew(head);
  if (!kept) return kept.error();
  return std::move(witness_);
}

}  // namespace gw::outbox
