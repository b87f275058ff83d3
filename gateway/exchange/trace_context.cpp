#include "exchange/trace_context.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <random>

namespace gw::exchange {

namespace {

bool is_id(std::string_view text, std::size_t digits) {
  constexpr std::string_view hex = "0123456789abcdef";
  return text.size() == digits && text.find_first_not_of(hex) == std::string_view::npos &&
         text.find_first_not_of('0') != std::string_view::npos;
}

/// Of a GUID in its usual form; empty for anything else.
std::string digits_of_guid(std::string_view guid) {
  constexpr std::size_t length = 36;
  constexpr std::size_t digits = 32;
  if (guid.size() != length) return {};
  std::string id;
  for (const char c : guid) {
    if (c != '-') id += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return is_id(id, digits) ? id : std::string{};
}

/// "00-<trace id>-<parent id>-<flags>", and what a later version may have behind it.
bool read_traceparent(std::string_view text, TraceContext& context) {
  constexpr std::size_t length = 55;
  constexpr std::string_view hex = "0123456789abcdef";
  if (text.size() < length || text[2] != '-' || text[35] != '-' || text[52] != '-') return false;
  if (text.size() > length && (text.starts_with("00") || text[length] != '-')) return false;
  const auto version = text.substr(0, 2);
  const auto flags = text.substr(53, 2);
  if (version == "ff" || version.find_first_not_of(hex) != std::string_view::npos) return false;
  if (flags.find_first_not_of(hex) != std::string_view::npos) return false;
  if (!is_id(text.substr(3, 32), 32) || !is_id(text.substr(36, 16), 16)) return false;
  context = {std::string{text.substr(3, 32)}, std::string{text.substr(36, 16)}, std::string{flags}};
  return true;
}

}  // namespace

TraceContext trace_context_of(const Headers& headers, std::string_view ssp_trace) {
  TraceContext context;
  const bool once = header_count(headers, "traceparent") == 1;
  if (!once || !read_traceparent(header_value(headers, "traceparent"), context)) {
    context.trace_id = digits_of_guid(ssp_trace);
  }
  return context;
}

std::string new_span_id() {
  thread_local std::mt19937_64 source{std::random_device{}()};
  return fmt::format("{:016x}", std::max<std::uint64_t>(source(), 1));
}

}  // namespace gw::exchange
