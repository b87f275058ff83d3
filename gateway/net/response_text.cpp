#include "net/response_text.hpp"

#include <boost/beast/http/status.hpp>

#include "base/log.hpp"
#include "base/text.hpp"
#include "base/time.hpp"
#include "net/body_source.hpp"
#include "net/head_syntax.hpp"

namespace gw::net {

namespace {

/// The Date of this second, made once a second in each thread.
const std::string& http_date() {
  thread_local seconds made_at{-1};
  thread_local std::string text;
  const auto now = SystemClock{}.now();
  const auto second = std::chrono::floor<seconds>(now.time_since_epoch());
  if (second != made_at) {
    text = to_http_date(now);
    made_at = second;
  }
  return text;
}

/// Where a body ends is said here alone: a second opinion, passed on from elsewhere, would split the answer.
bool is_framing(std::string_view name) {
  return iequals(name, "Content-Length") || iequals(name, "Transfer-Encoding") || iequals(name, "Connection");
}

bool may_be_sent(const Header& header) {
  if (!is_token(header.name) || is_framing(header.name)) return false;
  return !has_any_of(header.value, std::string_view{"\r\n\0", 3});
}

}  // namespace

std::string_view reason_phrase(int status) {
  constexpr int kCertificateError = 495;
  constexpr int kCertificateRequired = 496;
  constexpr int kPlainHttp = 497;
  switch (status) {
    case kCertificateError:
      return "SSL Certificate Error";
    case kCertificateRequired:
      return "SSL Certificate Required";
    case kPlainHttp:
      return "HTTP Request Sent to HTTPS Port";
    default:
      break;
  }
  namespace http = boost::beast::http;
  const auto known = http::int_to_status(static_cast<unsigned>(status));
  if (known == http::status::unknown) return {};
  const auto phrase = http::obsolete_reason(known);
  return {phrase.data(), phrase.size()};
}

bool sends_body(const Response& response, std::string_view method) {
  return method != "HEAD" && response.status != 204 && response.status != 304;
}

BodyEnd body_end(const Response& response, bool http_1_0) {
  if (!response.stream || response.stream->length()) return BodyEnd::kLength;
  return http_1_0 ? BodyEnd::kClose : BodyEnd::kChunked;
}

std::string response_head(const Response& response, BodyEnd end, bool close) {
  std::string out;
  out.reserve(512);
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ").append(reason_phrase(response.status));
  out += "\r\n";
  if (header_count(response.headers, "Date") == 0) out.append("Date: ").append(http_date()).append("\r\n");
  for (const auto& header : response.headers) {
    if (!may_be_sent(header)) {
      log::error("response_header_left_out", {{"name", std::string_view{header.name}}});
      continue;
    }
    out.append(header.name).append(": ").append(header.value).append("\r\n");
  }
  const bool has_body = response.status != 204 && response.status != 304;
  if (has_body && end == BodyEnd::kLength) {
    const auto length = response.stream ? response.stream->length().value_or(0) : response.body.size();
    out.append("Content-Length: ").append(std::to_string(length)).append("\r\n");
  }
  if (has_body && end == BodyEnd::kChunked) out += "Transfer-Encoding: chunked\r\n";
  if (close) out += "Connection: close\r\n";
  out += "\r\n";
  return out;
}

}  // namespace gw::net
