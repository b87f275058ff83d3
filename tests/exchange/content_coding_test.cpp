#include "exchange/content_coding.hpp"

#define ZLIB_CONST
#include <zlib.h>

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

using namespace gw;
using namespace gw::exchange;

namespace {

constexpr std::size_t kLimit = std::size_t{4} << 20U;

/// One gzip member, or with `window_bits` another framing of zlib's.
std::string packed(std::string_view plain, int window_bits = 15 + 16) {
  z_stream stream{};
  REQUIRE(::deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(::deflateBound(&stream, plain.size()), '\0');
  stream.next_in = reinterpret_cast<const Bytef*>(plain.data());
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  ::deflateEnd(&stream);
  return out;
}

/// "400 too-long ANS-06", or "taken".
template <class T>
std::string verdict_on(const fhir::Checked<T>& checked) {
  if (checked) return "taken";
  const auto refusal = checked.error();
  const auto& issue = refusal.issues.front();
  return std::to_string(refusal.status) + ' ' + std::string{fhir::code_of(issue.type)} + ' ' + std::string{issue.rule};
}

RequestHead coded(std::string value) {
  RequestHead head;
  head.headers = {{"Content-Encoding", std::move(value)}};
  return head;
}

bool gzip_wanted(std::string value) {
  return wants_gzip({{"Accept-Encoding", std::move(value)}});
}

}  // namespace

TEST_CASE("content coding: gzip once and identity are taken, all else is 415 and says what is taken (ANS-06)",
          "[exchange]") {
  CHECK(*body_coding(RequestHead{}) == Coding::kIdentity);
  CHECK(*body_coding(coded("")) == Coding::kIdentity);
  CHECK(*body_coding(coded("identity")) == Coding::kIdentity);
  CHECK(*body_coding(coded("gzip")) == Coding::kGzip);
  CHECK(*body_coding(coded("X-GZIP")) == Coding::kGzip);
  CHECK(*body_coding(coded("identity , gzip")) == Coding::kGzip);
  for (const auto* const value : {"deflate", "br", "gzip, gzip", "gzip, br", "compress", "gzip;q=1", "*"}) {
    CAPTURE(value);
    const auto refused = body_coding(coded(value));
    REQUIRE(verdict_on(refused) == "415 not-supported ANS-06");
    CHECK(header_value(refused.error().headers, "Accept-Encoding") == "gzip");
  }
  RequestHead twice = coded("gzip");
  twice.headers.push_back({"content-encoding", "gzip"});
  CHECK(verdict_on(body_coding(twice)) == "415 not-supported ANS-06");
}

TEST_CASE("content coding: a gzip body is read, of one member or of several (ANS-06)", "[exchange]") {
  CHECK(*inflated(packed("hello"), kLimit) == "hello");
  CHECK(*inflated(packed("hello") + packed("") + packed(", world"), kLimit) == "hello, world");
  CHECK(inflated({}, kLimit)->empty());
  CHECK(inflated(packed(""), kLimit)->empty());
  const std::string long_text(1U << 20U, 'x');
  CHECK(*inflated(packed(long_text), kLimit) == long_text);
}

TEST_CASE("content coding: a body that inflates beyond the limit is refused, by one byte too (ANS-06)", "[exchange]") {
  const std::string at_limit(10'000, 'x');
  CHECK(verdict_on(inflated(packed(at_limit), 10'000)) == "taken");
  CHECK(verdict_on(inflated(packed(at_limit), 9'999)) == "400 too-long ANS-06");
  CHECK(verdict_on(inflated(packed(at_limit) + packed(at_limit), 19'999)) == "400 too-long ANS-06");

  const auto bomb = packed(std::string(std::size_t{64} << 20U, '\0'));
  REQUIRE(bomb.size() < std::size_t{1} << 20U);
  const auto refused = inflated(bomb, kLimit);
  REQUIRE(verdict_on(refused) == "400 too-long ANS-06");
  CHECK(refused.error().close);
}

TEST_CASE("content coding: a body that ends early, at any byte, is refused (ANS-06)", "[exchange]") {
  const auto whole = packed("a task, a task, a task");
  for (std::size_t size = 1; size < whole.size(); ++size) {
    CAPTURE(size);
    REQUIRE(verdict_on(inflated(whole.substr(0, size), kLimit)) == "400 structure ANS-06");
  }
  CHECK(verdict_on(inflated(whole + whole.substr(0, 12), kLimit)) == "400 structure ANS-06");
}

TEST_CASE("content coding: bytes after the end, another framing and broken bytes are refused (ANS-06)", "[exchange]") {
  const auto whole = packed("a task");
  CHECK(verdict_on(inflated(whole + "x", kLimit)) == "400 structure ANS-06");
  CHECK(verdict_on(inflated(whole + std::string(16, '\0'), kLimit)) == "400 structure ANS-06");
  CHECK(verdict_on(inflated("{\"resourceType\":\"Order\"}", kLimit)) == "400 structure ANS-06");
  CHECK(verdict_on(inflated(packed("a task", 15), kLimit)) == "400 structure ANS-06");
  CHECK(verdict_on(inflated(packed("a task", -15), kLimit)) == "400 structure ANS-06");
  for (const std::size_t from_end : {1U, 5U}) {  // the length, the checksum
    auto wrong = whole;
    wrong[wrong.size() - from_end] = static_cast<char>(wrong[wrong.size() - from_end] ^ 1);
    CHECK(verdict_on(inflated(wrong, kLimit)) == "400 structure ANS-06");
  }
}

TEST_CASE("content coding: Accept-Encoding decides, with its qualities (ANS-06)", "[exchange]") {
  CHECK_FALSE(wants_gzip({}));
  CHECK_FALSE(gzip_wanted(""));
  CHECK(gzip_wanted("gzip"));
  CHECK(gzip_wanted("x-gzip"));
  CHECK(gzip_wanted("deflate, GZIP ; q=0.5 , br"));
  CHECK(gzip_wanted("*"));
  CHECK(gzip_wanted("*;q=0, gzip;q=0.1"));
  CHECK(gzip_wanted("identity;q=0.5, gzip"));
  CHECK_FALSE(gzip_wanted("gzip;q=0"));
  CHECK_FALSE(gzip_wanted("gzip;q=0, *"));
  CHECK_FALSE(gzip_wanted("*;q=0"));
  CHECK_FALSE(gzip_wanted("gzip;q=0.000"));
  CHECK_FALSE(gzip_wanted("gzip;q=nonsense"));
  CHECK_FALSE(gzip_wanted("identity, gzip;q=0.5"));
  CHECK_FALSE(gzip_wanted("br, deflate"));
  CHECK(wants_gzip({{"Accept-Encoding", "br"}, {"accept-encoding", "gzip"}}));
}

TEST_CASE("content coding: an answer is gzipped from a size on, and says that it varies (ANS-06)", "[exchange]") {
  const Headers request{{"Accept-Encoding", "gzip"}};
  const std::string body(2000, 'a');
  Response answer{.status = 200, .body = body};
  encode_answer(answer, request, 2000);
  CHECK(header_value(answer.headers, "Content-Encoding") == "gzip");
  CHECK(header_value(answer.headers, "Vary") == "Accept-Encoding");
  CHECK(answer.body.size() < 100);
  CHECK(*inflated(answer.body, kLimit) == body);

  Response unasked{.status = 200, .body = body};
  encode_answer(unasked, {}, 2000);
  CHECK(unasked.body == body);
  CHECK(header_count(unasked.headers, "Content-Encoding") == 0);
  CHECK(header_value(unasked.headers, "Vary") == "Accept-Encoding");

  Response small{.status = 200, .body = body};
  encode_answer(small, request, 2001);
  CHECK(small.body == body);
  CHECK(small.headers.empty());

  Response empty{.status = 304};
  encode_answer(empty, request, 0);
  CHECK(empty.body.empty());
  CHECK(empty.headers.empty());
}
