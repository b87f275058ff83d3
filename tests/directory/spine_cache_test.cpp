#include "directory/spine_cache.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace gw;
using namespace gw::directory;
using Age = SpineCache::Age;

namespace {

const Instant kNow{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};
const SpineCacheLimits kLimits{.fresh = seconds{100}, .absent = seconds{10}, .stale = seconds{1000}, .entries = 3};

SpineKey key(std::string id) {
  return {.by = SpineKey::By::kAsid, .id = std::move(id), .interaction = {}};
}

SpineSystems registered() {
  return std::make_shared<const std::vector<SpineSystem>>(1);
}

SpineSystems nobody() {
  return std::make_shared<const std::vector<SpineSystem>>();
}

}  // namespace

TEST_CASE("spine cache: an answer is fresh for its time, then stale for its time, then gone (SSP-09)", "[directory]") {
  SpineCache cache{kLimits};
  cache.put(key("a"), registered(), kNow);
  CHECK(cache.find(key("a"), kNow + seconds{99}).age == Age::kFresh);
  CHECK(cache.find(key("a"), kNow + seconds{100}).age == Age::kStale);
  CHECK(cache.find(key("a"), kNow + seconds{1099}).systems->size() == 1);
  const auto gone = cache.find(key("a"), kNow + seconds{1100});
  CHECK(gone.age == Age::kNone);
  CHECK(gone.systems == nullptr);
}

TEST_CASE("spine cache: that somebody is not registered is believed for a shorter time, and never used beyond it",
          "[directory]") {
  SpineCache cache{kLimits};
  cache.put(key("a"), nobody(), kNow);
  CHECK(cache.find(key("a"), kNow + seconds{9}).age == Age::kFresh);
  CHECK(cache.find(key("a"), kNow + seconds{10}).age == Age::kNone);
}

TEST_CASE("spine cache: the answer that was not used for longest makes room", "[directory]") {
  SpineCache cache{kLimits};
  for (const auto* id : {"a", "b", "c"}) cache.put(key(id), registered(), kNow);
  REQUIRE(cache.find(key("a"), kNow).age == Age::kFresh);
  cache.put(key("d"), registered(), kNow);
  CHECK(cache.size() == 3);
  CHECK(cache.find(key("a"), kNow).age == Age::kFresh);
  CHECK(cache.find(key("b"), kNow).age == Age::kNone);
}

TEST_CASE("spine cache: a new answer replaces the old one, and one interaction's is not another's", "[directory]") {
  SpineCache cache{kLimits};
  SpineKey read{.by = SpineKey::By::kOds, .id = "A1", .interaction = "read"};
  auto create = read;
  create.interaction = "create";
  cache.put(read, nobody(), kNow);
  cache.put(read, registered(), kNow + seconds{50});
  CHECK(cache.size() == 1);
  CHECK(cache.find(read, kNow + seconds{149}).age == Age::kFresh);
  CHECK(cache.find(create, kNow).age == Age::kNone);
}

TEST_CASE("spine cache: after the clock was set back, answers from the future are not used", "[directory]") {
  SpineCache cache{kLimits};
  cache.put(key("a"), registered(), kNow);
  CHECK(cache.find(key("a"), kNow - seconds{1}).age == Age::kNone);
}
