// How long a request spent in each stage of its way (OPS-02, OPS-03). Must not know requests.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <string_view>

namespace gw::exchange {

enum class Stage : unsigned char {
  kIdentify,  ///< envelope, token, directory
  kBody,      ///< reading the body, and inflating it
  kParse,
  kValidate,
  kAdmit,  ///< commits before sending
  kConnect,
  kSend,      ///< from the first byte to the recipient's whole answer
  kConclude,  ///< the commit of the outcome
};

inline constexpr std::array<std::string_view, 8> kStageNames = {"identify", "body",    "parse", "validate",
                                                                "admit",    "connect", "send",  "conclude"};

/// One request's watch. It has no lock: a request is worked on by one thread at a time.
class StageClock {
 public:
  using Clock = std::chrono::steady_clock;

  /// What was done since the last call (or the start) was `stage`. A stage may be passed more than once.
  void done(Stage stage) {
    const auto now = Clock::now();
    spent_.at(static_cast<std::size_t>(stage)) += now - last_;
    last_ = now;
  }
  /// Zero: not passed.
  [[nodiscard]] std::chrono::nanoseconds spent(std::size_t stage) const { return spent_.at(stage); }
  [[nodiscard]] std::chrono::nanoseconds since_start() const { return Clock::now() - start_; }

 private:
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
  std::array<std::chrono::nanoseconds, kStageNames.size()> spent_{};
};

}  // namespace gw::exchange
