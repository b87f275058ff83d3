// One running gateway: owns every part, wires them together, starts and stops them in the right order.
#pragma once

#include <memory>
#include <string>

#include "app/config.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace gw::app {

class Instance {
 public:
  /// Load certificates and directory, open and recover the outbox, bind the listeners. Nothing is served before
  /// start(). Faults name the file or address and the cause. `config` and `clock` are copied or must outlive it
  /// respectively.
  static Result<std::unique_ptr<Instance>> make(const Config& config, const Clock& clock);
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
  /// Stops if it is running.
  ~Instance();

  void start();
  /// No new work, running requests finish inside limits.drain_ms, the rest is consistent on disk (OUT-10). Idempotent.
  void stop();
  /// Read certificates, directory, token keys and the console's users again; what fails keeps its old state, and is
  /// logged.
  void reload();
  /// Read the certificates and revocation lists again if one of their files has changed (TLS-07). For any thread but
  /// an io thread.
  void reload_changed_certificates();

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::uint16_t admin_port() const;
  [[nodiscard]] std::uint16_t console_port() const;  ///< 0: there is no console
  [[nodiscard]] const outbox::RecoveryReport& recovery() const;

 private:
  struct Inside;
  explicit Instance(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace gw::app
