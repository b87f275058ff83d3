#include "outbox/key_index.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace gw::outbox {

namespace {

// For each key that is put: so a run is written, and its part of the log gone, long before the next one is due.
constexpr std::size_t kWrittenAPut = 4;
constexpr std::int64_t kDeletedAPut = 8;
// Done for so many puts at a time, since each time costs a commit some pages more; fewer in short runs.
constexpr std::size_t kPutsAStep = 32;
constexpr std::size_t kStepsOfARun = 16;
// Each of them is looked up among the tasks, anywhere on the disk.
constexpr std::int64_t kPrunedAtOnce = 16;
constexpr std::size_t kCarriedOnAtOnce = 32;  // puts' worth
// A filter of more keys than that lets a few more pass, but fits into a record.
constexpr std::size_t kMostFilterKeys = 500'000;
// Below it there would be no time between two runs to delete what is in the first.
constexpr std::size_t kLeastRun = 16;

RepeatKey key_from(std::string_view bytes) {
  RepeatKey key{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), key.size()), key.begin());
  return key;
}

std::string in_table(std::string_view sql, std::string_view name) {
  return fmt::format(fmt::runtime(sql), name);
}

}  // namespace

std::size_t KeyIndex::Hash::operator()(const RepeatKey& key) const {
  std::size_t hash = 0;
  std::memcpy(&hash, key.data(), sizeof(hash));
  return hash;
}

KeyIndex::KeyIndex(Connection& connection, std::string_view name, std::size_t run_keys)
    : connection_(connection),
      run_keys_(std::max(kLeastRun, run_keys)),
      step_(std::clamp<std::size_t>(run_keys_ / kStepsOfARun, 1, kPutsAStep)),
      append_(connection, in_table("INSERT INTO {}_recent (number, key, task, day) VALUES (?1, ?2, ?3, ?4)", name)),
      delete_recent_(connection, in_table("DELETE FROM {}_recent WHERE number > ?1 AND number <= ?2", name)),
      all_recent_(connection, in_table("SELECT number, key, task, day FROM {}_recent ORDER BY number", name)),
      put_key_(connection,
               in_table("INSERT OR REPLACE INTO {}_key (run, key, task, day) VALUES (?1, ?2, ?3, ?4)", name)),
      find_key_(connection, in_table("SELECT task, day FROM {}_key WHERE run = ?1 AND key = ?2", name)),
      newest_run_(connection, in_table("SELECT coalesce(max(run), 0) FROM {}_key", name)),
      put_run_(connection, in_table("INSERT INTO {}_run (run, newest_day, filter) VALUES (?1, ?2, ?3)", name)),
      all_runs_(connection, in_table("SELECT run, newest_day, filter FROM {}_run ORDER BY run", name)),
      first_keys_(connection, in_table("SELECT key, task, day FROM {}_key WHERE run = ?1 ORDER BY key LIMIT ?2", name)),
      delete_keys_(connection, in_table("DELETE FROM {}_key WHERE run = ?1 AND key <= ?2", name)),
      delete_run_(connection, in_table("DELETE FROM {}_run WHERE run = ?1", name)) {}

void KeyIndex::load() {
  load_runs();
  load_log();
}

void KeyIndex::load_runs() {
  runs_.clear();
  auto rows = all_runs_.query();
  while (rows.next()) {
    auto filter = KeyFilter::from(as_blob(rows.view(2)));
    if (!filter) return connection_.note_fault(fault(FaultKind::kStorage, "a filter of repeats has no right length"));
    runs_.push_back({rows.integer(0), rows.integer(1), std::move(*filter)});
  }
  const auto finished = runs_.empty() ? 0 : runs_.back().number;
  auto newest = newest_run_.query();
  next_run_ = finished + 1;
  if (newest.next()) next_run_ = std::max(next_run_, newest.integer(0));
}

void KeyIndex::load_log() {
  recent_.clear();
  sealed_.clear();
  written_ = 0;
  last_ = sealed_to_ = delete_to_ = deleted_to_ = 0;
  auto rows = all_recent_.query();
  while (rows.next()) {
    if (last_ == 0) sealed_to_ = delete_to_ = deleted_to_ = rows.integer(0) - 1;
    last_ = rows.integer(0);
    recent_.insert_or_assign(key_from(rows.view(1)), Found{TaskId{rows.integer(2)}, rows.integer(3)});
  }
}

void KeyIndex::put(const RepeatKey& key, Found to) {
  append_.run(++last_, Blob{key}, to.task.number, to.day);
  recent_.insert_or_assign(key, to);
  if (static_cast<std::size_t>(last_) % step_ == 0) go_on();
  seal_when_due();
}

// By the log's length, in which a key that is put again stands again.
void KeyIndex::seal_when_due() {
  if (!sealed_.empty() || last_ - sealed_to_ < static_cast<std::int64_t>(run_keys_)) return;
  sealed_.assign(recent_.begin(), recent_.end());
  std::sort(sealed_.begin(), sealed_.end(), [](const Entry& a, const Entry& b) { return a.first < b.first; });
  recent_.clear();
  written_ = 0;
  sealed_to_ = last_;
}

void KeyIndex::go_on() {
  if (!sealed_.empty()) {
    const auto until = std::min(sealed_.size(), written_ + kWrittenAPut * step_);
    for (; written_ < until; ++written_) {
      const auto& [key, to] = sealed_[written_];
      put_key_.run(next_run_, Blob{key}, to.task.number, to.day);
    }
    if (written_ == sealed_.size()) finish_run();
  } else if (deleted_to_ < delete_to_) {
    const auto until = std::min(delete_to_, deleted_to_ + kDeletedAPut * static_cast<std::int64_t>(step_));
    delete_recent_.run(deleted_to_, until);
    deleted_to_ = until;
  }
}

bool KeyIndex::carry_on() {
  seal_when_due();
  for (std::size_t done = 0; done < kCarriedOnAtOnce; done += step_) go_on();
  return !sealed_.empty() || deleted_to_ < delete_to_;
}

void KeyIndex::finish_run() {
  Run run{next_run_++, 0, KeyFilter{std::min(sealed_.size(), kMostFilterKeys)}};
  for (const auto& [key, to] : sealed_) {
    run.filter.add(key);
    run.newest_day = std::max(run.newest_day, to.day);
  }
  put_run_.run(run.number, run.newest_day, Blob{run.filter.bytes()});
  runs_.push_back(std::move(run));
  sealed_.clear();
  sealed_.shrink_to_fit();
  delete_to_ = sealed_to_;
}

std::optional<KeyIndex::Found> KeyIndex::find(const RepeatKey& key) {
  if (const auto found = recent_.find(key); found != recent_.end()) return found->second;
  const auto at = std::lower_bound(sealed_.begin(), sealed_.end(), key,
                                   [](const Entry& entry, const RepeatKey& wanted) { return entry.first < wanted; });
  if (at != sealed_.end() && at->first == key) return at->second;
  for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
    if (!run->filter.may_contain(key)) continue;
    auto rows = find_key_.query(run->number, Blob{key});
    if (rows.next()) return Found{TaskId{rows.integer(0)}, rows.integer(1)};
  }
  return std::nullopt;
}

std::vector<KeyIndex::Entry> KeyIndex::first_of_oldest_run() {
  std::vector<Entry> first;
  auto rows = first_keys_.query(runs_.front().number, kPrunedAtOnce);
  while (rows.next()) {
    first.emplace_back(key_from(rows.view(0)), Found{TaskId{rows.integer(1)}, rows.integer(2)});
  }
  return first;
}

void KeyIndex::delete_of_oldest_run(const std::vector<Entry>& taken) {
  const auto number = runs_.front().number;
  if (!taken.empty()) delete_keys_.run(number, Blob{taken.back().first});
  if (taken.size() == static_cast<std::size_t>(kPrunedAtOnce)) return;
  delete_run_.run(number);
  runs_.erase(runs_.begin());
}

}  // namespace gw::outbox
