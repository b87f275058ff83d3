#include "bench/peer/message.hpp"

#include <algorithm>
#include <charconv>
#include <random>
#include <regex>
#include <stdexcept>

#include "base/digest.hpp"
#include "bench/sample_task.hpp"
#include "fhir/read.hpp"
#include "fhir/write.hpp"
#include "rules/validator.hpp"
#include "spine/interaction.hpp"
#include "spine/token.hpp"

namespace gw::bench {

namespace {

/// Stands wherever each request has a number of its own: twelve hexadecimal digits, as a GUID ends.
constexpr std::string_view kMark = "c0ffee000000";
constexpr std::size_t kBase64Bytes = 3;
constexpr std::size_t kBase64Text = 4;

struct Parties {
  const char* ods;
  const char* asid;
  const char* organisation;
  const char* patient;
  const char* nhs_number;
};

Parties parties_of(Recipient recipient) {
  if (recipient == Recipient::kMailbox) return {"U20002", "200000000102", "Organization/2", "Patient/1", "9990000018"};
  return {"B20003", "200000000103", "Organization/3", "Patient/3", "9990002754"};
}

void replace(std::string& text, std::string_view what, std::string_view with) {
  const auto at = text.find(what);
  if (at == std::string::npos) throw std::logic_error("the sample task has no " + std::string{what});
  text.replace(at, what.size(), with);
}

/// A GUID of this process whose end is the mark: two runs over one store share none.
std::string marked_guid() {
  std::random_device random;
  char digits[17] = {};
  const auto number = (std::uint64_t{random()} << 32U) | random();
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(number));
  const std::string hex{digits};
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-4" + hex.substr(12, 3) + "-a000-" + std::string{kMark};
}

std::string body_of(const Parties& to, Format format, const std::string& guid, Instant now) {
  auto json = sample_task();
  replace(json, "8f2b7a0e-5a55-4c1a-9f3a-0e1f6c1b2d3e", guid);
  replace(json, "2026-06-15", to_iso_date(london_day(now)));
  replace(json, "Patient/1", to.patient);
  replace(json, "Organization/2", to.organisation);
  replace(json, "Please book", "[" + guid + "] Please book");
  if (format == Format::kJson) return json;
  const auto document = fhir::read_json(json);
  return fhir::write_xml(*document->root(), rules::shape());
}

std::string token_of(const Parties& to, Instant now) {
  spine::Token token;
  token.issuer = "https://sender.bench.test";
  token.user_id = "10019";
  token.user_sds_id = "111222333444";
  token.user_name = "Dr Ada Jones";
  token.user_role = "R8000";
  token.device = "bench " + std::string{kMark};
  token.organisation = OdsCode{"A20001"};
  token.organisation_name = "Bench Surgery";
  token.organisation_id = "1";
  token.patient = NhsNumber{to.nhs_number};
  token.scope = "patient/*.write";
  token.issued_at = std::chrono::floor<seconds>(now);
  return spine::make_token(token);
}

void write_number(char* at, std::uint64_t number) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (auto i = kMark.size(); i-- > 0; number >>= 4U) at[i] = digits[number & 0xFU];
}

}  // namespace

TaskRequest::TaskRequest(Recipient recipient, Format format, const std::string& authority, Instant now) {
  const auto to = parties_of(recipient);
  const auto guid = marked_guid();
  const auto token = token_of(to, now);
  const auto body = body_of(to, format, guid, now);
  const std::string media = format == Format::kJson ? "application/json+fhir" : "application/xml+fhir";
  text_ = "POST /" + std::string{to.ods} + "/DSTU2/1/Order HTTP/1.1\r\nHost: " + authority +
          "\r\nUser-Agent: gateway-bench\r\nSsp-TraceID: " + guid + "\r\nSsp-From: 200000000101\r\nSsp-To: " + to.asid +
          "\r\nSsp-InteractionID: urn:nhs:names:services:gpconnect:fhir:rest:create:order\r\nAuthorization: Bearer ";
  const auto token_at = text_.size();
  text_ += token + "\r\nContent-Type: " + media + "; charset=UTF-8\r\nAccept: " + media +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  for (auto at = text_.find(kMark); at != std::string::npos; at = text_.find(kMark, at + 1)) marks_.push_back(at);

  const auto payload_at = token.find('.') + 1;
  const auto payload = base64url_decode(token.substr(payload_at, token.find('.', payload_at) - payload_at));
  if (!payload) throw std::logic_error("the token's payload is no base64url");
  const std::string claims{payload->begin(), payload->end()};
  const auto mark = claims.find(kMark);
  if (mark == std::string::npos) throw std::logic_error("the token does not hold the mark");
  const auto begin = mark / kBase64Bytes * kBase64Bytes;
  const auto end = (mark + kMark.size() + kBase64Bytes - 1) / kBase64Bytes * kBase64Bytes;
  window_ = claims.substr(begin, end - begin);
  mark_in_window_ = mark - begin;
  window_at_ = token_at + payload_at + begin / kBase64Bytes * kBase64Text;
}

void TaskRequest::write_token_window() {
  const auto encoded = base64url_encode(window_);
  std::copy(encoded.begin(), encoded.end(), text_.begin() + static_cast<std::ptrdiff_t>(window_at_));
}

std::string_view TaskRequest::next() {
  ++number_;
  for (const auto at : marks_) write_number(text_.data() + at, number_);
  write_number(window_.data() + mark_in_window_, number_);
  write_token_window();
  return text_;
}

std::optional<Framed> framed(std::string_view bytes) {
  constexpr std::string_view end = "\r\n\r\n";
  constexpr std::string_view length = "content-length:";
  const auto head = bytes.find(end);
  if (head == std::string_view::npos) return std::nullopt;
  const auto lines = bytes.substr(0, head);
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b; };
  const auto* const found = std::search(lines.begin(), lines.end(), length.begin(), length.end(), same);
  std::size_t body = 0;
  if (found != lines.end()) {
    const auto* at = found + length.size();
    while (at != lines.end() && *at == ' ') ++at;
    std::from_chars(at, lines.end(), body);
  }
  const Framed message{head + end.size() + body, head + end.size()};
  return message.size <= bytes.size() ? std::optional{message} : std::nullopt;
}

int status_of(std::string_view response) {
  constexpr std::size_t at = std::string_view{"HTTP/1.1 "}.size();
  int status = 0;
  if (response.size() > at + 3) std::from_chars(response.data() + at, response.data() + at + 3, status);
  return status;
}

}  // namespace gw::bench
