#include "fault/power_vfs.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <new>
#include <stdexcept>
#include <utility>

namespace gw::test {

namespace {

constexpr std::int64_t kSectorBytes = 512;

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void put(std::string& image, std::int64_t offset, std::string_view bytes) {
  const auto at = static_cast<std::size_t>(offset);
  if (image.size() < at + bytes.size()) image.resize(at + bytes.size(), '\0');
  image.replace(at, bytes.size(), bytes);
}

void apply(std::string& image, const DiskState::Change& change) {
  if (change.truncates) {
    image.resize(static_cast<std::size_t>(change.offset), '\0');
  } else {
    put(image, change.offset, change.bytes);
  }
}

bool happens(std::mt19937_64& random, double probability) {
  return std::bernoulli_distribution{probability}(random);
}

// Sector by sector: kept, lost, or kept in part.
void apply_some(std::string& image, const DiskState::Change& change, double keep, std::mt19937_64& random) {
  constexpr double torn = 0.05;
  if (change.truncates) {
    if (happens(random, keep)) apply(image, change);
    return;
  }
  const std::string_view bytes{change.bytes};
  for (std::size_t at = 0; at < bytes.size();) {
    const auto offset = change.offset + static_cast<std::int64_t>(at);
    const auto to_sector_end = static_cast<std::size_t>(kSectorBytes - offset % kSectorBytes);
    const auto piece = bytes.substr(at, to_sector_end);
    at += piece.size();
    if (!happens(random, keep)) continue;
    const auto kept =
        happens(random, torn) ? std::uniform_int_distribution<std::size_t>{0, piece.size()}(random) : piece.size();
    put(image, offset, piece.substr(0, kept));
  }
}

}  // namespace

void DiskState::write_after_cut(const std::filesystem::path& folder, std::mt19937_64& random) const {
  // All lost, all kept, and mixtures between, each likely enough to be met often.
  const double keep = std::uniform_int_distribution<int>{0, 4}(random) / 4.0;
  const auto write = [&](const std::string& name, const File& file) {
    auto image = file.synced;
    for (const auto& change : file.unsynced) apply_some(image, change, keep, random);
    std::ofstream{folder / name, std::ios::binary} << image;
  };
  const bool folder_reached_disk = happens(random, 0.5);
  if (!folder_reached_disk) {
    for (const auto& [name, file] : removed) write(name, file);
  }
  for (const auto& [name, file] : files) {
    if (file.entry_synced || folder_reached_disk) write(name, file);
  }
}

void DiskState::sync_folder() {
  removed.clear();
  for (auto& [name, file] : files) file.entry_synced = true;
}

struct PowerVfs::Watch {
  std::filesystem::path folder;
  std::function<void(std::uint64_t)> after_operation;
  std::function<bool()> log_gate;  // asked without the mutex: it may wait
  std::mutex mutex;                // guards what follows
  DiskState state;
  std::uint64_t operations = 0;
  Syncs syncs = Syncs::kHonest;

  [[nodiscard]] bool lets_sync(const std::string& name) const {
    return !log_gate || !name.ends_with("-wal") || log_gate();
  }
  [[nodiscard]] bool lies(const std::string& name) const {
    return syncs == Syncs::kLie || (syncs == Syncs::kLogLies && name.ends_with("-wal"));
  }

  template <class Work>
  void operate(Work work) {
    std::uint64_t number = 0;
    {
      const std::lock_guard lock{mutex};
      work(state);
      number = ++operations;
    }
    after_operation(number);
  }
};

namespace {

sqlite3_vfs* real_vfs = nullptr;
PowerVfs* active = nullptr;

// SQLite gives room for this and, behind it, for the real VFS's file.
struct OpenFile {
  sqlite3_file base;
  std::shared_ptr<PowerVfs::Watch> watch;  // none: passes through
  std::string name;
  bool syncs_folder = false;  // with its first sync, as SQLite does for a new journal or log
};
constexpr std::size_t kRealFileAt = (sizeof(OpenFile) + 15U) / 16U * 16U;

OpenFile& opened(sqlite3_file* file) {
  return *reinterpret_cast<OpenFile*>(file);
}

sqlite3_file* real(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + kRealFileAt);
}

int close_file(sqlite3_file* file) {
  const int code = real(file)->pMethods->xClose(real(file));
  opened(file).~OpenFile();
  return code;
}

int read_file(sqlite3_file* file, void* into, int size, sqlite3_int64 offset) {
  return real(file)->pMethods->xRead(real(file), into, size, offset);
}

int write_file(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  const int code = real(file)->pMethods->xWrite(real(file), from, size, offset);
  auto& [base, watch, name, syncs_folder] = opened(file);
  if (code == SQLITE_OK && watch) {
    watch->operate([&, &name = name](DiskState& state) {
      state.files[name].unsynced.push_back(
          {offset, {static_cast<const char*>(from), static_cast<std::size_t>(size)}, false});
    });
  }
  return code;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  const int code = real(file)->pMethods->xTruncate(real(file), size);
  auto& [base, watch, name, syncs_folder] = opened(file);
  if (code == SQLITE_OK && watch) {
    watch->operate([&, &name = name](DiskState& state) { state.files[name].unsynced.push_back({size, {}, true}); });
  }
  return code;
}

int sync_file(sqlite3_file* file, int) {
  auto& [base, watch, name, syncs_folder] = opened(file);
  if (watch) {
    if (!watch->lets_sync(name)) return SQLITE_IOERR_FSYNC;
    watch->operate([&watch = watch, &name = name, &syncs_folder = syncs_folder](DiskState& state) {
      if (watch->lies(name)) return;
      auto& disk_file = state.files[name];
      for (const auto& change : disk_file.unsynced) apply(disk_file.synced, change);
      disk_file.unsynced.clear();
      if (std::exchange(syncs_folder, false)) state.sync_folder();
    });
  }
  return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return real(file)->pMethods->xFileSize(real(file), size);
}
int lock_file(sqlite3_file* file, int level) {
  return real(file)->pMethods->xLock(real(file), level);
}
int unlock_file(sqlite3_file* file, int level) {
  return real(file)->pMethods->xUnlock(real(file), level);
}
int check_reserved_lock(sqlite3_file* file, int* reserved) {
  return real(file)->pMethods->xCheckReservedLock(real(file), reserved);
}
int file_control(sqlite3_file* file, int operation, void* argument) {
  return real(file)->pMethods->xFileControl(real(file), operation, argument);
}
int sector_size(sqlite3_file* file) {
  return real(file)->pMethods->xSectorSize(real(file));
}
int device_characteristics(sqlite3_file* file) {
  return real(file)->pMethods->xDeviceCharacteristics(real(file));
}
int shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** into) {
  return real(file)->pMethods->xShmMap(real(file), page, size, extend, into);
}
int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}
void shm_barrier(sqlite3_file* file) {
  real(file)->pMethods->xShmBarrier(real(file));
}
int shm_unmap(sqlite3_file* file, int remove) {
  return real(file)->pMethods->xShmUnmap(real(file), remove);
}

const sqlite3_io_methods kMethods{2,
                                  close_file,
                                  read_file,
                                  write_file,
                                  truncate_file,
                                  sync_file,
                                  file_size,
                                  lock_file,
                                  unlock_file,
                                  check_reserved_lock,
                                  file_control,
                                  sector_size,
                                  device_characteristics,
                                  shm_map,
                                  shm_lock,
                                  shm_barrier,
                                  shm_unmap,
                                  nullptr,
                                  nullptr};

int open_file(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  file->pMethods = nullptr;
  const int code = real_vfs->xOpen(real_vfs, path, real(file), flags, out_flags);
  if (code != SQLITE_OK) return code;
  auto watch = path == nullptr ? nullptr : active->watch_of(path);
  auto name = path == nullptr ? std::string{} : std::filesystem::path{path}.filename().string();
  if (watch) {
    const std::lock_guard lock{watch->mutex};
    watch->state.files.try_emplace(name);
  }
  constexpr int journal_kinds = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
  const bool syncs_folder = (flags & journal_kinds) != 0 && (flags & SQLITE_OPEN_CREATE) != 0;
  new (file) OpenFile{{&kMethods}, std::move(watch), std::move(name), syncs_folder};
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs*, const char* path, int sync_folder) {
  const int code = real_vfs->xDelete(real_vfs, path, 0);
  if (const auto watch = active->watch_of(path); code == SQLITE_OK && watch) {
    const auto name = std::filesystem::path{path}.filename().string();
    watch->operate([&](DiskState& state) {
      if (auto file = state.files.extract(name)) state.removed.insert_or_assign(name, std::move(file.mapped()));
      if (sync_folder != 0 && !watch->lies(name)) state.sync_folder();
    });
  }
  return code;
}

sqlite3_vfs made_vfs() {
  sqlite3_vfs made = *real_vfs;
  made.szOsFile = static_cast<int>(kRealFileAt) + real_vfs->szOsFile;
  made.zName = "power";
  made.xOpen = open_file;
  made.xDelete = delete_file;
  return made;
}

sqlite3_vfs power_vfs;

}  // namespace

PowerVfs::PowerVfs() {
  if (active != nullptr) throw std::logic_error("one PowerVfs at a time");
  active = this;
  real_vfs = sqlite3_vfs_find(nullptr);
  power_vfs = made_vfs();
  sqlite3_vfs_register(&power_vfs, 1);
}

PowerVfs::~PowerVfs() {
  sqlite3_vfs_unregister(&power_vfs);
  sqlite3_vfs_register(real_vfs, 1);
  active = nullptr;
}

void PowerVfs::watch(std::filesystem::path folder, std::function<void(std::uint64_t)> after_operation) {
  auto watch = std::make_shared<Watch>();
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    const auto name = entry.path().filename().string();
    // The shared memory of a write-ahead log does not outlive its processes.
    if (entry.is_regular_file() && !name.ends_with("-shm"))
      watch->state.files[name] = {bytes_of(entry.path()), {}, true};
  }
  watch->folder = std::move(folder);
  watch->after_operation = std::move(after_operation);
  const std::lock_guard lock{mutex_};
  watch->syncs = syncs_;
  watch->log_gate = log_gate_;
  watch_ = std::move(watch);
}

void PowerVfs::unwatch() {
  const std::lock_guard lock{mutex_};
  watch_.reset();
}

void PowerVfs::set_syncs(Syncs syncs) {
  const std::lock_guard lock{mutex_};
  syncs_ = syncs;
}

DiskState PowerVfs::state() const {
  const std::lock_guard lock{mutex_};
  const std::lock_guard watched{watch_->mutex};
  return watch_->state;
}

std::uint64_t PowerVfs::operations() const {
  const std::lock_guard lock{mutex_};
  const std::lock_guard watched{watch_->mutex};
  return watch_->operations;
}

void PowerVfs::set_log_gate(std::function<bool()> may_sync) {
  const std::lock_guard lock{mutex_};
  log_gate_ = std::move(may_sync);
}

std::shared_ptr<PowerVfs::Watch> PowerVfs::watch_of(const char* path) const {
  const std::lock_guard lock{mutex_};
  return watch_ && std::filesystem::path{path}.parent_path() == watch_->folder ? watch_ : nullptr;
}

}  // namespace gw::test
