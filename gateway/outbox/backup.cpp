#include "outbox/backup.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <memory>
#include <string>

#include "outbox/schema.hpp"

namespace gw::outbox {

namespace {

/// The copy until it is whole: gone with this object unless it was given its name.
class Unfinished {
 public:
  explicit Unfinished(std::filesystem::path path) : path_(std::move(path)) { remove(); }
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  ~Unfinished() { remove(); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  void remove() const {
    std::error_code ignored;
    for (const auto* const end : {"", "-journal", "-wal", "-shm"}) {
      std::filesystem::remove(path_.string() + end, ignored);
    }
  }
  std::filesystem::path path_;
};

// In one step, so that a gateway that commits meanwhile does not make it start anew.
Status copy_all(Connection& from, Connection& to) {
  auto* const backup = sqlite3_backup_init(to.handle(), "main", from.handle(), "main");
  if (backup == nullptr) {
    return fault(FaultKind::kStorage, fmt::format("the copy cannot be begun: {}", sqlite3_errmsg(to.handle())));
  }
  const int stepped = sqlite3_backup_step(backup, -1);
  const int finished = sqlite3_backup_finish(backup);
  if (stepped == SQLITE_DONE && finished == SQLITE_OK) return Done{};
  return fault(FaultKind::kStorage, fmt::format("the copy cannot be written: {}",
                                                sqlite3_errstr(stepped == SQLITE_DONE ? finished : stepped)));
}

// Without the write-ahead log's mark, so that the copy is one file.
Status close_up(Connection& copy) {
  const auto journal = copy.value_of("PRAGMA journal_mode = DELETE");
  if (!journal) return journal.error();
  const auto verdict = copy.value_of("PRAGMA integrity_check(1)");
  if (!verdict) return verdict.error();
  if (*verdict != "ok") return fault(FaultKind::kStorage, "the copy is damaged, and so is the outbox: " + *verdict);
  return Done{};
}

}  // namespace

Result<std::uintmax_t> back_up(const std::filesystem::path& database, const std::filesystem::path& copy) {
  std::error_code error;
  if (std::filesystem::exists(copy, error)) {
    return fault(FaultKind::kInvalid, copy.string() + " is there already: name a new file");
  }
  auto from = open_for_reading(database);
  if (!from) return from.error();
  const Unfinished unfinished{copy.string() + ".part"};
  if (auto made = make_file(unfinished.path()); !made) return made.error();
  {
    auto to = Connection::open(unfinished.path(), Connection::Access::kReadWrite);
    if (!to) return to.error();
    if (auto copied = copy_all(**from, **to); !copied) return copied.error();
    if (auto closed = close_up(**to); !closed) return closed.error();
  }
  const auto size = std::filesystem::file_size(unfinished.path(), error);
  if (!error) std::filesystem::rename(unfinished.path(), copy, error);
  if (error) return fault(FaultKind::kStorage, fmt::format("{}: {}", copy.string(), error.message()));
  return size;
}

}  // namespace gw::outbox
