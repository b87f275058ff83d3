// A head of the audit's chain: the number and the hash of a record, by which that record and all before it are known
// again. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.hpp"

namespace gw::outbox {

struct AuditHead {
  std::int64_t number = 0;  ///< from 1; 0, with a hash of zeros, is the head of an audit without records
  Sha256 hash{};
  bool operator==(const AuditHead&) const = default;
};

/// "NUMBER:HASH", as `audit verify` prints a head; the hash in 64 hex digits, of either case. Nothing: not of that
/// form.
[[nodiscard]] std::optional<AuditHead> audit_head_from(std::string_view text);
[[nodiscard]] std::string to_text(const AuditHead& head);

}  // namespace gw::outbox
