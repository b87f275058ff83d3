// An SQLite VFS that knows what a power cut would leave: of each file the bytes that were synced, and every write since
// the last sync. Must not know the outbox.
//
// Reads and writes go to the real files, so the program under test runs as ever; nothing is ever really synced. What a
// cut leaves is worked out beside them: unsynced writes are kept or lost sector by sector, in any combination, and some
// sectors are torn. Files outside the watched folder pass through.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace gw::test {

/// The disk at one moment.
struct DiskState {
  struct Change {
    std::int64_t offset = 0;
    std::string bytes;
    bool truncates = false;  ///< to `offset`; there are no bytes then
  };
  struct File {
    std::string synced;
    std::vector<Change> unsynced;  ///< in the order they were made
    bool entry_synced = false;     ///< its name in the folder is on disk
  };
  std::map<std::string, File> files;    ///< by name in the watched folder
  std::map<std::string, File> removed;  ///< whose names may still be on disk

  /// The folder itself is synced: names made are on disk, names removed are gone.
  void sync_folder();

  /// Write into `folder` what a power cut at this moment leaves, chosen by `random`.
  void write_after_cut(const std::filesystem::path& folder, std::mt19937_64& random) const;
};

/// Which syncs do what they say.
enum class Syncs : unsigned char {
  kHonest,
  kLie,      ///< none does anything
  kLogLies,  ///< those of the write-ahead log do not, as with synchronous=NORMAL
};

/// SQLite's default VFS while it lives. One at a time. Thread-safe.
class PowerVfs {
 public:
  PowerVfs();
  PowerVfs(const PowerVfs&) = delete;
  PowerVfs& operator=(const PowerVfs&) = delete;
  ~PowerVfs();

  /// Watch the files of `folder` from now on (all that is there counts as synced), and call `after_operation` with the
  /// number of each write, truncation, sync and removal, on the thread that does it.
  void watch(std::filesystem::path folder, std::function<void(std::uint64_t)> after_operation);
  /// Watch nothing. No file of the folder may be open.
  void unwatch();
  /// From the next watch() on. All but kHonest are controls that show that a loss is found.
  void set_syncs(Syncs syncs);
  /// From the next watch() on: asked before each sync of a write-ahead log, on the thread that syncs. It may wait;
  /// where it gives false the sync fails, and nothing is synced.
  void set_log_gate(std::function<bool()> may_sync);
  [[nodiscard]] DiskState state() const;
  /// How many operations there were since watch().
  [[nodiscard]] std::uint64_t operations() const;

  // For the VFS's own functions:
  struct Watch;
  std::shared_ptr<Watch> watch_of(const char* path) const;

 private:
  std::shared_ptr<Watch> watch_;
  mutable std::mutex mutex_;
  Syncs syncs_ = Syncs::kHonest;
  std::function<bool()> log_gate_;
};

}  // namespace gw::test
