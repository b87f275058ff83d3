// An index from random keys to tasks whose cost for each new key does not grow with the number of keys. For the
// writer's thread. Must not know what the keys mean.
//
// In one large table a random key is a page of its own to read and to write for every task, once there are many. So a
// new key is appended to a log (`<name>_recent`), and stays in memory too. When the log holds `run_keys` of them they
// are sealed: sorted, and written as one run (`<name>_key`, which thus grows at its end), some with every 32nd key that
// is put (sooner in short runs), so that no commit has a whole run to write. With its last key the run gets its filter
// (`<name>_run`), and the sealed part of the log is deleted bit by bit. A look asks memory, then of each run its
// filter, which nearly always says no.
//
// After a crash the log is in memory again; a run without a filter is written anew, under its number, over what there
// is of it. A key that stands in both, or in two runs, leads to the same entry or to an older one: the newest is asked
// first. Where few keys come, prune() carries a sealed run on.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "outbox/key_filter.hpp"
#include "outbox/statement.hpp"

namespace gw::outbox {

class KeyIndex {
 public:
  /// What a key leads to, and the day on which it was put there.
  struct Found {
    TaskId task;
    std::int64_t day = 0;
  };

  /// `name`: of the tables. `run_keys`: so many keys wait in memory, some 100 bytes each, and as many again while they
  /// are written; 16 if it is less. The tables must be there (schema.hpp).
  KeyIndex(Connection& connection, std::string_view name, std::size_t run_keys);

  /// Read what the tables hold: at the start, and after a transaction that was rolled back.
  void load();
  // Inside a transaction:
  /// From now on `key` leads to `to`, whatever it led to before.
  void put(const RepeatKey& key, Found to);
  /// Carry a sealed run on, and take some keys out of the oldest run if all of it was put before `day`; those that
  /// `keep` names are put anew. Gives whether there may be more to do.
  template <class Keep>
  bool prune(std::int64_t day, Keep keep);
  // Also outside of one:
  std::optional<Found> find(const RepeatKey& key);

 private:
  // A key is spread evenly already.
  struct Hash {
    using is_avalanching = void;
    std::size_t operator()(const RepeatKey& key) const;
  };
  struct Run {
    std::int64_t number = 0;
    std::int64_t newest_day = 0;
    KeyFilter filter;
  };
  using Entry = std::pair<RepeatKey, Found>;

  void load_runs();
  void load_log();
  void seal_when_due();
  void go_on();
  bool carry_on();
  void finish_run();
  std::vector<Entry> first_of_oldest_run();
  void delete_of_oldest_run(const std::vector<Entry>& taken);

  Connection& connection_;
  std::size_t run_keys_;
  std::size_t step_;
  boost::unordered_flat_map<RepeatKey, Found, Hash> recent_;
  std::vector<Entry> sealed_;  // by key; on its way into run next_run_
  std::size_t written_ = 0;    // of sealed_
  std::vector<Run> runs_;      // the oldest first
  std::int64_t next_run_ = 1;  // the number of the one that is written, or will be
  // Numbers of the log's records: the last; the last that is sealed; up to where they go, and are gone.
  std::int64_t last_ = 0, sealed_to_ = 0, delete_to_ = 0, deleted_to_ = 0;
  Statement append_, delete_recent_, all_recent_;
  Statement put_key_, find_key_, newest_run_, put_run_, all_runs_;
  Statement first_keys_, delete_keys_, delete_run_;
};

template <class Keep>
bool KeyIndex::prune(std::int64_t day, Keep keep) {
  const bool carried = carry_on();
  if (runs_.empty() || runs_.front().newest_day >= day) return carried;
  const auto oldest = first_of_oldest_run();
  for (const auto& [key, to] : oldest) {
    if (!keep(to.task)) continue;
    const auto now = find(key);
    if (now && now->task == to.task) put(key, to);
  }
  delete_of_oldest_run(oldest);
  return true;
}

}  // namespace gw::outbox
