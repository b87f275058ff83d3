#include "app/unknown_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace gw::app {

namespace {

/// How many letters must be put in, taken out or changed to make one word of the other (Levenshtein).
std::size_t distance(std::string_view one, std::string_view other) {
  std::vector<std::size_t> row(other.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < one.size(); ++i) {
    auto diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < other.size(); ++j) {
      const auto changed = diagonal + (one[i] == other[j] ? 0U : 1U);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string unknown_command(std::string_view word, const std::vector<std::string>& commands) {
  constexpr std::size_t longest_compared = 64;
  constexpr std::size_t near = 2;
  std::string meant;
  auto best = near;
  for (const auto& command : commands) {
    const bool begun = !word.empty() && command.starts_with(word);
    const auto apart = begun ? 0 : distance(word.substr(0, longest_compared), command);
    if (apart > best || (apart == best && !meant.empty())) continue;
    best = apart;
    meant = command;
  }
  return fmt::format("there is no command '{}'{}. Commands: {}. '--help' after one tells what it does", word,
                     meant.empty() ? "" : fmt::format("; did you mean '{}'?", meant), fmt::join(commands, ", "));
}

}  // namespace gw::app
