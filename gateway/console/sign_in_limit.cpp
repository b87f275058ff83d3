#include "console/sign_in_limit.hpp"

#include <algorithm>

namespace gw::console {

namespace {

/// How much more patient the limits of a person, and of an address, are than that of the two together.
constexpr std::size_t kPatience = 4;

std::string key_of(std::string_view user, std::string_view address) {
  return std::string{user} + '\n' + std::string{address};
}

}  // namespace

seconds SignInLimit::wait_of(const std::string& key, std::size_t limit, SteadyTime now) const {
  const auto found = failures_.find(key);
  if (found == failures_.end() || found->second.count < limit) return seconds{0};
  return std::chrono::ceil<seconds>(
      std::max(found->second.last + settings_.sign_in_wait - now, SteadyTime::duration{}));
}

void SignInLimit::count(const std::string& key, SteadyTime now) {
  if (failures_.size() >= kMost && !failures_.contains(key)) {
    failures_.erase(std::min_element(failures_.begin(), failures_.end(), [](const auto& one, const auto& other) {
      return one.second.last < other.second.last;
    }));
  }
  auto& failures = failures_[key];
  if (now - failures.last >= settings_.sign_in_wait) failures.count = 0;
  ++failures.count;
  failures.last = now;
}

std::optional<seconds> SignInLimit::attempt(std::string_view user, std::string_view address, SteadyTime now) {
  const auto both = key_of(user, address);
  const auto person = key_of(user, {});
  const auto place = key_of({}, address);
  const std::lock_guard lock{mutex_};
  const auto patient = settings_.sign_in_failures * kPatience;
  const auto wait = std::max(
      {wait_of(both, settings_.sign_in_failures, now), wait_of(person, patient, now), wait_of(place, patient, now)});
  if (wait > seconds{0}) return wait;
  for (const auto& key : {both, person, place}) count(key, now);
  return std::nullopt;
}

void SignInLimit::succeeded(std::string_view user, std::string_view address) {
  const std::lock_guard lock{mutex_};
  for (const auto& key : {key_of(user, address), key_of(user, {}), key_of({}, address)}) failures_.erase(key);
}

}  // namespace gw::console
