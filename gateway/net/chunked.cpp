#include "net/chunked.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.hpp"

namespace gw::net {

namespace {

/// Enough for any body; sixteen could overflow.
constexpr std::size_t kMaxSizeDigits = 15;

}  // namespace

ChunkedDecoder::Step ChunkedDecoder::malformed(std::string detail) {
  detail_ = std::move(detail);
  return {Step::State::kMalformed, 0, {}};
}

ChunkedDecoder::Step ChunkedDecoder::read_size(std::string_view input, std::size_t consumed) {
  std::uint64_t size = 0;
  std::size_t at = 0;
  for (; at < input.size() && hex_digit(input[at]) >= 0; ++at) {
    if (at == kMaxSizeDigits) return malformed("a chunk size has too many digits");
    size = size * 16 + static_cast<std::uint64_t>(hex_digit(input[at]));
  }
  if (at == input.size()) return {Step::State::kNeedMore, consumed, {}};
  if (at == 0) return malformed("a chunk does not begin with its size in hexadecimal digits");
  if (input[at] == ';') return malformed("a chunk has an extension, which is not accepted");
  if (input[at] != '\r') return malformed("a chunk size is not followed by CRLF");
  if (at + 1 == input.size()) return {Step::State::kNeedMore, consumed, {}};
  if (input[at + 1] != '\n') return malformed("a chunk size is not followed by CRLF");
  left_ = size;
  stage_ = size == 0 ? Stage::kLastEnd : Stage::kData;
  return {Step::State::kData, consumed + at + 2, {}};
}

ChunkedDecoder::Step ChunkedDecoder::step(std::string_view input) {
  std::size_t consumed = 0;
  if (stage_ == Stage::kDataEnd) {
    if (input.size() < 2 && (input.empty() || input[0] == '\r')) return {};
    if (input.substr(0, 2) != "\r\n") return malformed("a chunk is longer than its size says");
    consumed = 2;
    input.remove_prefix(2);
    stage_ = Stage::kSize;
  }
  if (stage_ == Stage::kSize) {
    const auto sized = read_size(input, consumed);
    if (sized.state != Step::State::kData) return sized;
    input.remove_prefix(sized.consumed - consumed);
    consumed = sized.consumed;
  }
  if (stage_ == Stage::kLastEnd) {
    if (input.size() < 2 && (input.empty() || input[0] == '\r')) return {Step::State::kNeedMore, consumed, {}};
    if (input.substr(0, 2) != "\r\n")
      return malformed("the last chunk is followed by trailers, which are not accepted");
    return {Step::State::kEnd, consumed + 2, {}};
  }
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
  if (count == 0) return {Step::State::kNeedMore, consumed, {}};
  left_ -= count;
  if (left_ == 0) stage_ = Stage::kDataEnd;
  return {Step::State::kData, consumed + count, input.substr(0, count)};
}

ChunkedDecoder::Step ChunkedDecoder::gather(std::string_view input, std::string& out, std::size_t most) {
  std::size_t consumed = 0;
  for (;;) {
    const auto next = step(input.substr(consumed));
    consumed += next.consumed;
    out.append(next.data);
    if (next.state != Step::State::kData || out.size() >= most) return {next.state, consumed, {}};
  }
}

void append_chunk(std::string& out, std::string_view data) {
  fmt::format_to(std::back_inserter(out), "{:x}\r\n", data.size());
  out.append(data).append("\r\n");
}

}  // namespace gw::net
