// A gateway whose outbox cannot be opened for want of room on its disk: it is up, says so on /readyz, refuses every
// request with 503, and waits until there is room (OUT-09). Must not touch the outbox: what is on disk stays as it is.
//
// Not chosen: ending and being started again until there is room, which tells senders nothing and wakes an operator
// with the wrong message; and space put aside in a file, which whoever filled the disk may take as well once it is
// given up.
#pragma once

#include <memory>

#include "app/config.hpp"
#include "base/result.hpp"

namespace gw::app {

class NoRoom {
 public:
  /// Whether Instance::make failed with `failed` for want of room.
  [[nodiscard]] static bool is_why(const Config& config, const Fault& failed);
  /// Whether there is as much room as [outbox] min_free_bytes wants. Success, or kStorage with the figures.
  [[nodiscard]] static Status has_room(const Config& config);

  /// Bind both listeners. `cause`: what Instance::make failed with. Faults: kIo, kInvalid, kTls.
  static Result<std::unique_ptr<NoRoom>> make(const Config& config, const Fault& cause);
  NoRoom(const NoRoom&) = delete;
  NoRoom& operator=(const NoRoom&) = delete;
  /// Stops if it is running; the listeners' ports are free then.
  ~NoRoom();

  void start();
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] std::uint16_t admin_port() const;

 private:
  struct Inside;
  explicit NoRoom(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace gw::app
