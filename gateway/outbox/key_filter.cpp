#include "outbox/key_filter.hpp"

#include <algorithm>

namespace gw::outbox {

namespace {

constexpr std::size_t kBlockBytes = 64;
constexpr std::size_t kBytesAKey = 2;
constexpr unsigned kBitsAKey = 6;
constexpr unsigned kPlaceBits = 9;  // of 512 bits in a block

std::uint64_t number_in(const RepeatKey& key, std::size_t from) {
  std::uint64_t number = 0;
  for (std::size_t i = from; i < from + sizeof(number); ++i) number = number << 8U | key.at(i);
  return number;
}

/// Calls `visit` with the place of each of the key's bits in its block, until that says no.
template <class Visit>
bool all_places(const RepeatKey& key, Visit visit) {
  auto places = number_in(key, sizeof(std::uint64_t));
  for (unsigned i = 0; i < kBitsAKey; ++i, places >>= kPlaceBits) {
    if (!visit(places % (kBlockBytes * 8))) return false;
  }
  return true;
}

std::uint8_t bit_at(std::size_t place) {
  return static_cast<std::uint8_t>(1U << (place % 8));
}

}  // namespace

KeyFilter::KeyFilter(std::size_t keys)
    : bits_(std::max<std::size_t>(1, (keys * kBytesAKey + kBlockBytes - 1) / kBlockBytes) * kBlockBytes) {}

std::optional<KeyFilter> KeyFilter::from(std::span<const std::uint8_t> bytes) {
  if (bytes.empty() || bytes.size() % kBlockBytes != 0) return std::nullopt;
  KeyFilter filter;
  filter.bits_.assign(bytes.begin(), bytes.end());
  return filter;
}

std::size_t KeyFilter::block_of(const RepeatKey& key) const {
  return number_in(key, 0) % (bits_.size() / kBlockBytes) * kBlockBytes;
}

void KeyFilter::add(const RepeatKey& key) {
  auto* const block = &bits_[block_of(key)];
  all_places(key, [block](std::size_t place) {
    block[place / 8] |= bit_at(place);
    return true;
  });
}

bool KeyFilter::may_contain(const RepeatKey& key) const {
  const auto* const block = &bits_[block_of(key)];
  return all_places(key, [block](std::size_t place) { return (block[place / 8] & bit_at(place)) != 0; });
}

}  // namespace gw::outbox
