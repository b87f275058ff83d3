// A good audit token's payload, and ways to spoil it one member at a time.
#pragma once

#include <rapidjson/document.h>
#include <rapidjson/pointer.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "spine/token.hpp"

namespace gw::test {

inline constexpr std::string_view kCreateOrder = "urn:nhs:names:services:gpconnect:fhir:rest:create:order";
inline constexpr std::string_view kReadMetadata = "urn:nhs:names:services:gpconnect:fhir:rest:read:metadata";
inline constexpr std::int64_t kIssued = 1'500'000'000;
/// Ten seconds after the token was made.
inline constexpr Instant kNow{seconds{kIssued + 10}};

inline constexpr const char* kPayload = R"({
  "iss": "https://sender.example.nhs.uk", "sub": "7", "aud": "https://authorize.fhir.nhs.net/token",
  "exp": 1500000300, "iat": 1500000000, "reason_for_request": "directcare",
  "requested_record": {"resourceType": "Patient",
    "identifier": [{"system": "http://fhir.nhs.net/Id/nhs-number", "value": "9990000018"}]},
  "requested_scope": "patient/*.write",
  "requesting_device": {"resourceType": "Device", "id": "1", "model": "Desk", "version": "2.0",
    "identifier": [{"system": "https://sender.example.nhs.uk/devices", "value": "1"}]},
  "requesting_organization": {"resourceType": "Organization", "id": "9", "name": "The Surgery",
    "identifier": [{"system": "http://fhir.nhs.net/Id/ods-organization-code", "value": "A12345"}]},
  "requesting_practitioner": {"resourceType": "Practitioner", "id": "7",
    "identifier": [{"system": "http://fhir.nhs.net/sds-user-id", "value": "G1"},
                   {"system": "https://sender.example.nhs.uk/users", "value": "ada"}],
    "name": {"family": ["Jones"], "given": ["Ada"], "prefix": ["Dr"]},
    "practitionerRole": [{"role": {"coding": [
      {"system": "http://fhir.nhs.net/ValueSet/sds-job-role-name-1", "code": "R0260"}]}}]}
})";

/// The payload above, changed step by step. Members are named by JSON pointers ("/requesting_device/resourceType").
class Payload {
 public:
  explicit Payload(const char* text = kPayload) { document_.Parse(text); }

  /// Put `json` in a member's place, or add it.
  Payload& set(const std::string& pointer, const std::string& json) {
    rapidjson::Document value{&document_.GetAllocator()};
    value.Parse(json);
    rapidjson::Pointer{pointer}.Set(document_, value);
    return *this;
  }
  Payload& erase(const std::string& pointer) {
    rapidjson::Pointer{pointer}.Erase(document_);
    return *this;
  }
  [[nodiscard]] std::string jwt() const {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
    document_.Accept(writer);
    return base64url_encode(R"({"alg":"none","typ":"JWT"})") + '.' + base64url_encode(buffer.GetString()) + '.';
  }
  [[nodiscard]] fhir::Checked<spine::Token> check(std::string_view interaction = kCreateOrder, Instant now = kNow,
                                                  const spine::TokenPolicy& policy = {}) const {
    return spine::check_token(jwt(), *spine::find_interaction(interaction), now, policy);
  }

 private:
  rapidjson::Document document_;
};

/// The refusal's issues, one a line: "location: diagnostics". Empty when accepted.
inline std::string issues_of(const fhir::Checked<spine::Token>& checked) {
  std::string text;
  if (checked) return text;
  for (const auto& issue : checked.error().issues) text += issue.location + ": " + issue.diagnostics + '\n';
  return text;
}

inline bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace gw::test
