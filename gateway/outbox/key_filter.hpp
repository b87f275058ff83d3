// Says of a key that it is certainly not among those that were added, or that it may be: a Bloom filter whose bits for
// one key lie together, so that a look costs one cache line. Keys are parts of hashes already and are not hashed again.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace gw::outbox {

/// The first 16 bytes of a hash.
using RepeatKey = std::array<std::uint8_t, 16>;

class KeyFilter {
 public:
  /// Two bytes for each of `keys`: when so many are in it, it is wrong about one stranger in several hundred.
  explicit KeyFilter(std::size_t keys);
  /// What bytes() gave before; nothing when it cannot have been that.
  static std::optional<KeyFilter> from(std::span<const std::uint8_t> bytes);

  void add(const RepeatKey& key);
  [[nodiscard]] bool may_contain(const RepeatKey& key) const;
  /// The same on every machine; valid while the filter lives and nothing is added.
  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return bits_; }

 private:
  KeyFilter() = default;
  [[nodiscard]] std::size_t block_of(const RepeatKey& key) const;

  std::vector<std::uint8_t> bits_;  ///< whole blocks, at least one
};

}  // namespace gw::outbox
