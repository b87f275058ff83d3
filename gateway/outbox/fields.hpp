// Length-prefixed pieces in one run of bytes: the audit's canonical form, the keys of repeats, stored headers.
// Numbers are big-endian, so the bytes are the same on every machine. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/http.hpp"

namespace gw::outbox {

/// Eight bytes, most significant first.
void append_number(std::string& bytes, std::int64_t number);
/// Four bytes of length, then the text.
void append_field(std::string& bytes, std::string_view text);
/// Takes one field off the front of `bytes`; nothing when they end too soon.
[[nodiscard]] std::optional<std::string_view> take_field(std::string_view& bytes);

[[nodiscard]] std::string encode_headers(const Headers& headers);
/// Stops at the first damaged field.
[[nodiscard]] Headers decode_headers(std::string_view bytes);

}  // namespace gw::outbox
