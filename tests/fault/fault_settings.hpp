// How much the fault tests do: short forms by default, full forms by environment variables that tests/fault/run.sh
// sets.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace gw::test {

/// The number in the environment variable `name`, or `usual`. Throws if it holds anything else.
inline std::uint64_t count_from_environment(const char* name, std::uint64_t usual) {
  const char* const given = std::getenv(name);
  if (given == nullptr || *given == '\0') return usual;
  const std::string_view text{given};
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size())
    throw std::invalid_argument(std::string{name} + " is a number");
  return number;
}

inline std::uint64_t seed_from_environment(std::uint64_t usual) {
  return count_from_environment("GW_FAULT_SEED", usual);
}

/// Tells on stderr how far a long run is, each twentieth of it; short runs say nothing.
class Progress {
 public:
  Progress(std::string_view what, std::uint64_t total) : what_(what), total_(total) {}
  void reached(std::uint64_t done) {
    constexpr std::uint64_t long_run = 1'000;
    constexpr std::uint64_t parts = 20;
    if (total_ < long_run || done * parts / total_ == told_) return;
    told_ = done * parts / total_;
    std::cerr << done << " of " << total_ << ' ' << what_ << std::endl;
  }

 private:
  std::string what_;
  std::uint64_t total_;
  std::uint64_t told_ = 0;
};

}  // namespace gw::test
