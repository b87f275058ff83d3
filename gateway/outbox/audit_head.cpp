#include "outbox/audit_head.hpp"

#include <fmt/format.h>

#include <charconv>

namespace gw::outbox {

std::optional<AuditHead> audit_head_from(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  AuditHead head;
  const auto number = text.substr(0, colon);
  const auto digits = text.substr(colon + 1);
  const auto* const number_end = number.data() + number.size();
  const auto counted = std::from_chars(number.data(), number_end, head.number);
  if (counted.ec != std::errc{} || counted.ptr != number_end || head.number < 0) return std::nullopt;
  if (digits.size() != 2 * head.hash.size()) return std::nullopt;
  for (std::size_t i = 0; i < head.hash.size(); ++i) {
    const auto* const from = digits.data() + 2 * i;
    const auto read = std::from_chars(from, from + 2, head.hash[i], 16);
    if (read.ec != std::errc{} || read.ptr != from + 2) return std::nullopt;
  }
  if (head.number == 0 && head.hash != Sha256{}) return std::nullopt;
  return head;
}

std::string to_text(const AuditHead& head) {
  return fmt::format("{}:{}", head.number, to_hex(head.hash));
}

}  // namespace gw::outbox
