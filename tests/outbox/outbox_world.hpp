// What the outbox's tests share: a folder of their own, a clock that they set, tasks made of a number, and a way to run
// awaitables to their end.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "outbox/outbox.hpp"

/// A failing check shows the fault's text.
template <class T>
struct Catch::StringMaker<boost::system::result<T, gw::Fault>> {
  static std::string convert(const boost::system::result<T, gw::Fault>& result) {
    return result ? "a value" : std::string{gw::name_of(result.error().kind)} + ": " + result.error().detail;
  }
};

namespace gw::outbox::test {

/// A new folder, removed with this object.
class Folder {
 public:
  Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder();
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

class SetClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return now_; }
  void set(Instant now) { now_ = now; }
  void advance(milliseconds by) { now_ += by; }

 private:
  Instant now_{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} + std::chrono::hours{10}};
};

template <class T>
asio::awaitable<void> keep(asio::awaitable<T> wanted, std::optional<T>& kept) {
  kept.emplace(co_await std::move(wanted));
}

inline void rethrow(std::exception_ptr thrown) {
  if (thrown) std::rethrow_exception(thrown);
}

/// An outbox in a folder, and the executor that its waiters run on.
class World {
 public:
  World();
  /// With these settings; the path is set if it is empty.
  explicit World(Settings settings);

  Result<std::unique_ptr<Outbox>> try_open();
  void open();
  /// Stop it and let go of the file.
  void close();
  void reopen() {
    close();
    open();
  }

  /// Run `wanted` to its end, and give what it gives.
  template <class T>
  T run(asio::awaitable<T> wanted) {
    std::optional<T> kept;
    start(std::move(wanted), kept);
    drain();
    return std::move(*kept);
  }
  /// Start without waiting; drain() runs everything that was started.
  template <class T>
  void start(asio::awaitable<T> wanted, std::optional<T>& kept) {
    asio::co_spawn(context, keep(std::move(wanted), kept), rethrow);
  }
  void drain() {
    context.restart();
    context.run();
  }

  /// A task with its own trace id, body and id.
  NewTask task(int number);
  /// What a deferred task may have: due now, for five minutes.
  [[nodiscard]] Deferral deferral() const;
  /// A task that is to be queued gets a deferral, unless it has one.
  Result<Admission> admit(NewTask task, State state = State::kReceived, int status = 0);
  /// Admit and require that it was.
  TaskId admitted(NewTask task, State state = State::kReceived, int status = 0);
  Status conclude(TaskId id, Event event, int status, std::string body = {});
  State state_of(TaskId id);
  /// Run `sql` on the file through another connection. Gives the first value.
  std::string sql(const std::string& text);

  Folder folder;
  SetClock clock;
  asio::io_context context;  // before the outbox: waiters that are never answered still refer to it
  Settings settings;
  std::unique_ptr<Outbox> outbox;
};

AuditRecord audit_of(std::string kind, std::string outcome);

/// Put the keys of repeats into the tables that versions 2 to 5 had, in a closed outbox with few tasks. What else an
/// older version had otherwise is for the caller, who also sets the version.
void keep_keys_as_version_5(World& world);

}  // namespace gw::outbox::test
