// A copy of the whole outbox while its gateway works (SQLite's online backup). Must not know the writer: it reads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "base/result.hpp"

namespace gw::outbox {

/// Copy the outbox at `database`, as it stands at one instant, into the new file `copy`, check the copy, and only then
/// give it its name. One file, its owner's alone, synced; an outbox in its own right. Gives its size in bytes.
/// Commits of the gateway go on meanwhile; its write-ahead log grows until the copy is done.
/// `progress` is called now and then with the pages copied, of how many; it may be empty.
/// Errors: kInvalid (no outbox, `copy` is there already), kStorage.
Result<std::uintmax_t> back_up(const std::filesystem::path& database, const std::filesystem::path& copy,
                               const std::function<void(std::int64_t done, std::int64_t all)>& progress = {});

}  // namespace gw::outbox
