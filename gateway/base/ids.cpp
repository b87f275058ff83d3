#include "base/ids.hpp"

namespace gw {

namespace {
constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuv";
constexpr std::size_t kLength = 13;  // 13 * 5 bits hold 63
}  // namespace

std::string to_text(TaskId id) {
  std::string text(kLength, '0');
  auto rest = static_cast<std::uint64_t>(id.number);
  for (std::size_t i = kLength; i-- > 0; rest >>= 5U) text[i] = kDigits[rest & 31U];
  return text;
}

TaskId task_id_from(std::string_view text) {
  if (text.size() != kLength || text.front() > '7') return {};
  std::uint64_t number = 0;
  for (const char c : text) {
    const auto digit = kDigits.find(c);
    if (digit == std::string_view::npos) return {};
    number = number << 5U | digit;
  }
  return TaskId{static_cast<std::int64_t>(number)};
}

}  // namespace gw
