#include "net/input_buffer.hpp"

#include <cstring>

namespace gw::net {

std::span<char> InputBuffer::prepare() {
  constexpr std::size_t kRoom = kUnit / 4;
  const auto held = size();
  if (held == 0) begin_ = end_ = 0;
  if (capacity_ - end_ < kRoom && capacity_ - held >= kRoom) {
    std::memmove(data_.get(), data_.get() + begin_, held);
    begin_ = 0;
    end_ = held;
  }
  if (capacity_ - end_ < kRoom) {
    const auto wider = capacity_ + kUnit;
    auto fresh = std::make_unique_for_overwrite<char[]>(wider);
    if (held > 0) std::memcpy(fresh.get(), data_.get() + begin_, held);
    data_ = std::move(fresh);
    capacity_ = wider;
    begin_ = 0;
    end_ = held;
  }
  return {data_.get() + end_, capacity_ - end_};
}

void InputBuffer::release() {
  if (!empty()) return;
  data_.reset();
  capacity_ = begin_ = end_ = 0;
}

}  // namespace gw::net
