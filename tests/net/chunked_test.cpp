#include "net/chunked.hpp"

#include <catch2/catch.hpp>
#include <string>

using gw::net::ChunkedDecoder;
using State = ChunkedDecoder::Step::State;

namespace {

/// Feed `bytes`, `stride` more at a time; the body, or "!" and what was wrong, or "?" when it did not end.
std::string decoded(const std::string& bytes, std::size_t stride) {
  ChunkedDecoder decoder;
  std::string body;
  std::size_t begin = 0;
  std::size_t end = 0;
  while (true) {
    const auto step = decoder.step(std::string_view{bytes}.substr(begin, end - begin));
    begin += step.consumed;
    body += step.data;
    if (step.state == State::kEnd) return begin == bytes.size() ? body : body + "+";
    if (step.state == State::kMalformed) return "!" + decoder.detail();
    if (step.state == State::kNeedMore) {
      if (end == bytes.size()) return "?";
      end = std::min(bytes.size(), end + stride);
    }
  }
}

}  // namespace

TEST_CASE("chunked: a body is put together however its bytes are cut (ANS-08)", "[net]") {
  const std::string bytes = "5\r\nhello\r\n00A\r\n, world 12\r\n0\r\n\r\n";
  for (std::size_t stride = 1; stride <= bytes.size(); ++stride) CHECK(decoded(bytes, stride) == "hello, world 12");
  CHECK(decoded("0\r\n\r\n", 1).empty());
  CHECK(decoded("1\r\na\r\n0\r\n\r\nGET", 100) == "a+");
}

TEST_CASE("chunked: an unfinished body never ends", "[net]") {
  const std::string bytes = "5\r\nhello\r\n0\r\n\r\n";
  for (std::size_t size = 0; size < bytes.size(); ++size) CHECK(decoded(bytes.substr(0, size), 3) == "?");
}

TEST_CASE("chunked: extensions, trailers and loose framing are refused (ANS-08)", "[net]") {
  const auto [bytes, because] = GENERATE(table<std::string, std::string>({
      {"5;a=b\r\nhello\r\n0\r\n\r\n", "extension"},
      {"5 \r\nhello\r\n0\r\n\r\n", "CRLF"},
      {"5\nhello\n0\n\n", "CRLF"},
      {"5\r\rhello", "CRLF"},
      {"5\r\nhello0\r\n\r\n", "longer than its size"},
      {"5\r\nhello\n0\r\n\r\n", "longer than its size"},
      {"0\r\nSsp-From: 1\r\n\r\n", "trailers"},
      {"\r\nhello", "hexadecimal"},
      {"-5\r\nhello", "hexadecimal"},
      {"0x5\r\nhello", "CRLF"},
      {"ffffffffffffffff\r\n", "too many digits"},
  }));
  CAPTURE(bytes);
  for (const std::size_t stride : {1U, 100U}) {
    const auto result = decoded(bytes, stride);
    CHECK(result.front() == '!');
    CHECK_THAT(result, Catch::Contains(because));
  }
}
