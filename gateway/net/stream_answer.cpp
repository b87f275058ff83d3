#include "net/stream_answer.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "net/chunked.hpp"

namespace gw::net {

namespace {

bool broken_off(TlsStream& stream, std::string_view why) {
  log::warn("streamed_answer_broke_off", {{"why", why}});
  stream.break_off();
  return false;
}

}  // namespace

asio::awaitable<bool> stream_answer(TlsStream& stream, std::string head, BodySource& body, BodyEnd end,
                                    milliseconds limit, std::function<bool()> goes_on) {
  auto& wire = head;  // what goes out next: the head joined with the first piece, then a piece at a time
  auto left = body.length();
  for (bool last = false; !last;) {
    if (!goes_on()) co_return broken_off(stream, "the client's certificate holds no more");
    const auto piece = co_await body.read_some();
    if (!piece) co_return broken_off(stream, piece.error().detail);
    last = piece->empty();
    if (left) *left -= std::min<std::uint64_t>(*left, piece->size());
    if (end == BodyEnd::kChunked) {
      append_chunk(wire, *piece);
    } else {
      wire.append(*piece);
    }
    stream.deadline().arm(limit);
    const auto written = co_await stream.write_all(wire);
    stream.deadline().disarm();
    if (!written) co_return broken_off(stream, written.error().detail);
    wire.clear();
  }
  if (left && *left > 0) co_return broken_off(stream, "the body is shorter than its length");
  co_return true;
}

}  // namespace gw::net
