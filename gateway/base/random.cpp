#include "base/random.hpp"

#include <random>

namespace gw {

double SystemRandom::fraction() {
  thread_local std::minstd_rand engine{std::random_device{}()};
  return std::uniform_real_distribution<double>{0.0, 1.0}(engine);
}

}  // namespace gw
