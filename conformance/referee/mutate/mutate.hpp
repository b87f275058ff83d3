// Breaks (or only changes) a valid task at random, the same way for the same seed and number on any machine.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace gw::referee {

struct Mutated {
  std::string label;                ///< what was done, for people
  std::optional<std::string> json;  ///< nothing where the change exists in XML alone
  std::optional<std::string> xml;   ///< and the other way round
  /// Whether both forms say the same, so that their issues must be the same; otherwise (a value that is no number, in
  /// JSON's quotes) only the verdicts must be.
  bool same = true;
};

[[nodiscard]] Mutated mutated(std::uint64_t seed, std::uint64_t number);

}  // namespace gw::referee
