// Bytes received and not yet used. Holds no memory while it is empty and released, so that idle connections cost
// little.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace gw::net {

class InputBuffer {
 public:
  /// One TLS record.
  static constexpr std::size_t kUnit = 16 * 1024;

  [[nodiscard]] std::string_view view() const { return {data_.get() + begin_, end_ - begin_}; }
  [[nodiscard]] bool empty() const { return begin_ == end_; }
  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  /// Views given before stay valid until prepare() or release().
  void consume(std::size_t count) { begin_ += count; }

  /// Room to receive into, at least a quarter of kUnit; moves or grows what is held.
  std::span<char> prepare();
  void commit(std::size_t count) { end_ += count; }
  /// Give the memory back when nothing is held.
  void release();

 private:
  std::unique_ptr<char[]> data_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace gw::net
