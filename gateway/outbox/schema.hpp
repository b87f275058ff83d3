// The database file: how its connections are set up, and which tables it holds. Must not know what operations mean.
//
// Tables grow at their end: `task` (small rows that change state), `content` (what was handed in, written once),
// `reply` (what was answered, where it is more than a status) and `audit` are all in time order. Random keys are put in
// time order too, and sorted later, many at once (key_index.hpp). Not chosen: one wide row per task (each change of
// state would rewrite the body), one table of each kind of keys (with a million in it, half of all pages that are
// written were its own), indexes by subject or party (a page more for every task, to spare a scan of one organisation's
// mailbox).
//
// A file of an older version, from 2 on, is brought up to this one when it is opened for writing: one step for each
// version, all in one transaction with the version's number, so that a crash leaves the old file. A new file is made by
// the same steps. There is no way back: an older gateway refuses the file.
//
// Not chosen either: locking_mode=EXCLUSIVE, since readers need connections of their own. The lock is file_lock.hpp.
#pragma once

#include <filesystem>
#include <memory>

#include "base/result.hpp"
#include "outbox/statement.hpp"

namespace gw::outbox {

inline constexpr int kSchemaVersion = 6;
/// Marks the file as an outbox ("GPCT"), so that no other database is taken for one.
inline constexpr int kApplicationId = 0x47504354;
/// The most bytes that one entry's texts may have together; the connection's limit is above it.
inline constexpr std::size_t kEntryBytes = 3U << 20U;

/// Make the file if it is not there. It holds patients' data: its owner's alone, whatever the umask. SQLite gives its
/// log the same mode. Errors: kStorage.
Status make_file(const std::filesystem::path& path);

/// The writer's connection: WAL, synchronous=FULL, no checkpoint but its own, every setting read back. Makes the tables
/// in a new file, and brings an older version's up to date.
/// Errors: kStorage (cannot be opened, a setting did not hold), kInvalid (another program's database, or a newer
/// version's).
Result<std::unique_ptr<Connection>> open_for_writing(const std::filesystem::path& path);

/// A connection that can only read, in this process or another one; never checkpoints. Errors: as above, and kInvalid
/// for an older version's file.
Result<std::unique_ptr<Connection>> open_for_reading(const std::filesystem::path& path);

}  // namespace gw::outbox
