// What a Spine Directory Service has answered, for as long as it may be believed. Pure; bounded.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "directory/spine_lookup.hpp"

namespace gw::directory {

/// An answer: the systems that fit; none means "not registered". Never null where it stands for an answer.
using SpineSystems = std::shared_ptr<const std::vector<SpineSystem>>;

struct SpineCacheLimits {
  seconds fresh{900};            ///< how long an answer is believed
  seconds absent{60};            ///< how long "not registered" is
  seconds stale{4 * 3600};       ///< how much longer an answer may be used while the service is away
  std::size_t entries = 20'000;  ///< the one that was not used for longest makes room
};

/// Not thread-safe. "Not registered" is never used beyond its time. An answer from the future, which a clock set back
/// leaves behind, is not used at all.
class SpineCache {
 public:
  enum class Age : unsigned char { kNone, kStale, kFresh };
  struct Found {
    Age age = Age::kNone;
    SpineSystems systems;  ///< null with kNone
  };

  explicit SpineCache(const SpineCacheLimits& limits) : limits_(limits) {}

  [[nodiscard]] Found find(const SpineKey& key, Instant now);
  void put(const SpineKey& key, SpineSystems systems, Instant now);
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    SpineKey key;
    SpineSystems systems;
    Instant at;
  };
  using Entries = std::list<Entry>;

  SpineCacheLimits limits_;
  Entries entries_;  ///< the one used last stands first
  std::map<SpineKey, Entries::iterator> places_;
};

}  // namespace gw::directory
