// Chance comes in through here, so that tests set it. For spreading repeats in time, not for secrets.
#pragma once

namespace gw {

/// One object for the process; thread-safe.
class Random {
 public:
  Random() = default;
  Random(const Random&) = delete;
  Random& operator=(const Random&) = delete;
  virtual ~Random() = default;
  /// A number of [0, 1).
  virtual double fraction() = 0;
};

class SystemRandom final : public Random {
 public:
  double fraction() override;
};

}  // namespace gw
