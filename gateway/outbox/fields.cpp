#include "outbox/fields.hpp"

namespace gw::outbox {

namespace {

constexpr std::size_t kLengthBytes = 4;

void append_big_endian(std::string& bytes, std::uint64_t number, unsigned count) {
  for (unsigned i = count; i-- > 0;) bytes += static_cast<char>(number >> (8U * i) & 0xFFU);
}

}  // namespace

void append_number(std::string& bytes, std::int64_t number) {
  append_big_endian(bytes, static_cast<std::uint64_t>(number), 8);
}

void append_field(std::string& bytes, std::string_view text) {
  append_big_endian(bytes, text.size(), kLengthBytes);
  bytes += text;
}

std::optional<std::string_view> take_field(std::string_view& bytes) {
  if (bytes.size() < kLengthBytes) return std::nullopt;
  std::size_t length = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i) length = length << 8U | static_cast<unsigned char>(bytes[i]);
  if (bytes.size() - kLengthBytes < length) return std::nullopt;
  const auto field = bytes.substr(kLengthBytes, length);
  bytes.remove_prefix(kLengthBytes + length);
  return field;
}

std::string encode_headers(const Headers& headers) {
  std::string bytes;
  for (const auto& header : headers) {
    append_field(bytes, header.name);
    append_field(bytes, header.value);
  }
  return bytes;
}

Headers decode_headers(std::string_view bytes) {
  Headers headers;
  while (!bytes.empty()) {
    const auto name = take_field(bytes);
    if (!name) break;
    const auto value = take_field(bytes);
    if (!value) break;
    headers.push_back({std::string{*name}, std::string{*value}});
  }
  return headers;
}

}  // namespace gw::outbox
