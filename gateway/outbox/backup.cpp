#include "outbox/backup.hpp"

#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <system_error>

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

/// Whether the copy's folder takes new files; told before the unfinished copy, of which the user knows nothing.
Status look_at_folder(const std::filesystem::path& copy) {
  const auto folder = std::filesystem::absolute(copy).parent_path();
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    return fault(FaultKind::kStorage, fmt::format("{}: there is no folder {}", copy.string(), folder.string()));
  }
  if (::access(folder.c_str(), W_OK | X_OK) == 0) return Done{};
  return fault(FaultKind::kStorage, fmt::format("{}: this user cannot write in {}: {}", copy.string(), folder.string(),
                                                std::generic_category().message(errno)));
}

// In one reading of the outbox, so that a gateway that commits meanwhile does not make it start anew.
Status copy_all(Connection& from, Connection& to, const std::function<void(std::int64_t, std::int64_t)>& progress) {
  constexpr int pages_a_step = 1024;
  if (auto begun = from.execute("BEGIN"); !begun) return begun;
  if (const auto read = from.value_of("SELECT count(*) FROM sqlite_schema"); !read) return read.error();
  auto* const backup = sqlite3_backup_init(to.handle(), "main", from.handle(), "main");
  if (backup == nullptr) {
    return fault(FaultKind::kStorage, fmt::format("the copy cannot be begun: {}", sqlite3_errmsg(to.handle())));
  }
  int stepped = SQLITE_OK;
  while (stepped == SQLITE_OK) {
    stepped = sqlite3_backup_step(backup, pages_a_step);
    const std::int64_t all = sqlite3_backup_pagecount(backup);
    if (progress) progress(all - sqlite3_backup_remaining(backup), all);
  }
  const int finished = sqlite3_backup_finish(backup);
  if (stepped == SQLITE_DONE && finished == SQLITE_OK) return from.execute("COMMIT");
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

Result<std::uintmax_t> back_up(const std::filesystem::path& database, const std::filesystem::path& copy,
                               const std::function<void(std::int64_t done, std::int64_t all)>& progress) {
  std::error_code error;
  if (std::filesystem::exists(copy, error)) {
    return fault(FaultKind::kInvalid, copy.string() + " is there already: name a new file");
  }
  if (auto right = look_at_folder(copy); !right) return right.error();
  auto from = open_for_reading(database);
  if (!from) return from.error();
  const Unfinished unfinished{copy.string() + ".part"};
  if (auto made = make_file(unfinished.path()); !made) return made.error();
  {
    auto to = Connection::open(unfinished.path(), Connection::Access::kReadWrite);
    if (!to) return to.error();
    if (auto copied = copy_all(**from, **to, progress); !copied) return copied.error();
    if (auto closed = close_up(**to); !closed) return closed.error();
  }
  const auto size = std::filesystem::file_size(unfinished.path(), error);
  if (!error) std::filesystem::rename(unfinished.path(), copy, error);
  if (error) return fault(FaultKind::kStorage, fmt::format("{}: {}", copy.string(), error.message()));
  return size;
}

}  // namespace gw::outbox
