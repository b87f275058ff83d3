#include "app/stop_signals.hpp"

#include <pthread.h>

namespace gw::app {

StopSignals::StopSignals() {
  ::sigemptyset(&signals_);
  ::sigaddset(&signals_, SIGINT);
  ::sigaddset(&signals_, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
}

bool StopSignals::came() const {
  sigset_t pending;
  ::sigpending(&pending);
  return ::sigismember(&pending, SIGINT) == 1 || ::sigismember(&pending, SIGTERM) == 1;
}

void StopSignals::wait() const {
  int signal = 0;
  ::sigwait(&signals_, &signal);
}

}  // namespace gw::app
