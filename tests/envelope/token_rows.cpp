// The audit token: the Authorization header and its three parts by hand, each claim by generation.
#include "base/digest.hpp"
#include "envelope/rows.hpp"

namespace gw::test {

namespace {

const std::string kBad = "400 BAD_REQUEST invalid";
const std::string kUnsecured = R"({"alg":"none","typ":"JWT"})";

const std::string kOrganisationRecord =
    R"({"resourceType":"Organization","identifier":[{"system":"http://fhir.nhs.net/Id/ods-organization-code","value":"B82001"}]})";

enum class Form : unsigned char { kText, kSeconds, kObject, kList };

/// A claim, or a part of one that must be there.
struct Claim {
  std::string pointer;
  Form form;
  std::string rule;
  std::string named;               ///< how a refusal names it
  std::vector<std::string> wrong;  ///< values of the right type, as JSON
  std::string record = {};         ///< requested_record, in place of the good token's patient, with its scope
};

std::vector<Claim> claims() {
  using enum Form;
  const std::string practitioner = "requesting_practitioner";
  const std::string role = "/requesting_practitioner/practitionerRole";
  return {
      {"/iss", kText, "JWT-02", "iss", {R"("sender")", R"("https:")", R"("1a:b")", R"("https://a b")"}},
      {"/sub", kText, "JWT-05", practitioner + ".id", {R"("8")", R"("7 ")"}},
      {"/aud",
       kText,
       "JWT-02",
       "aud",
       {R"("https://authorize.fhir.nhs.net/token/")", R"("HTTPS://authorize.fhir.nhs.net/token")", R"("token")"}},
      {"/exp", kSeconds, "JWT-02", "exp", {"0", "-1", "1500000300", "99999999999999", "1e3", "1500000300.5"}},
      {"/iat", kSeconds, "JWT-02", "iat", {"99999999999999", "-1", "1.5"}},
      {"/reason_for_request",
       kText,
       "JWT-02",
       "reason_for_request",
       {R"("DirectCare")", R"("directcare ")", R"("secondaryuses")"}},
      {"/requested_scope",
       kText,
       "JWT-04",
       "requested_scope",
       {R"("patient/*.read")", R"("organization/*.read")", R"("patient/*.WRITE")", R"("patient/*.write openid")"}},
      {"/requested_record", kObject, "JWT-03", "requested_record", {R"({"resourceType":"Medication"})"}},
      {"/requested_record/resourceType",
       kText,
       "JWT-03",
       "requested_record",
       {R"("Organization")", R"("patient")", R"("Practitioner")"}},
      {"/requested_record/identifier", kList, "JWT-03", "requested_record.identifier", {}},
      {"/requested_record/identifier/0/system",
       kText,
       "JWT-03",
       "requested_record.identifier",
       {R"("http://fhir.nhs.net/Id/nhs-number/")", R"("http://fhir.nhs.net/Id/ods-organization-code")"}},
      {"/requested_record/identifier/0/value", kText, "JWT-03", "requested_record.identifier", {}},
      {"/requested_record/identifier", kList, "JWT-03", "requested_record.identifier", {}, kOrganisationRecord},
      {"/requested_record/identifier/0/system",
       kText,
       "JWT-03",
       "requested_record.identifier",
       {R"("http://fhir.nhs.net/Id/nhs-number")"},
       kOrganisationRecord},
      {"/requested_record/identifier/0/value", kText, "JWT-03", "requested_record.identifier", {}, kOrganisationRecord},
      {"/requesting_device",
       kObject,
       "JWT-05",
       "requesting_device",
       {R"({"resourceType":"Location"})", R"({"a":"b"})"}},
      {"/requesting_device/resourceType", kText, "JWT-05", "requesting_device", {R"("device")", R"("Patient")"}},
      {"/requesting_organization",
       kObject,
       "JWT-05",
       "requesting_organization",
       {R"({"resourceType":"Organization"})", R"({"resourceType":"Location"})"}},
      {"/requesting_organization/resourceType",
       kText,
       "JWT-05",
       "requesting_organization",
       {R"("Organisation")", R"("Device")"}},
      {"/requesting_organization/identifier", kList, "JWT-05", "requesting_organization.identifier", {}},
      {"/requesting_organization/identifier/0/system",
       kText,
       "JWT-05",
       "requesting_organization.identifier",
       {R"("http://fhir.nhs.net/Id/nhs-number")"}},
      {"/requesting_organization/identifier/0/value", kText, "JWT-05", "requesting_organization.identifier", {}},
      {"/requesting_practitioner",
       kObject,
       "JWT-05",
       practitioner,
       {R"({"resourceType":"Practitioner"})", R"({"resourceType":"Location"})"}},
      {"/requesting_practitioner/resourceType", kText, "JWT-05", practitioner, {R"("Person")", R"("Patient")"}},
      {"/requesting_practitioner/id", kText, "JWT-05", practitioner + ".id", {R"("8")", R"("07")"}},
      {"/requesting_practitioner/identifier", kList, "JWT-05", practitioner + ".identifier", {}},
      {"/requesting_practitioner/identifier/0/system",
       kText,
       "JWT-05",
       practitioner + ".identifier",
       {R"("http://fhir.nhs.net/Id/nhs-number")"}},
      {"/requesting_practitioner/identifier/0/value", kText, "JWT-05", practitioner + ".identifier", {}},
      {"/requesting_practitioner/identifier/1/system",
       kText,
       "JWT-05",
       practitioner + ".identifier",
       {R"("http://fhir.nhs.net/sds-user-id")"}},
      {"/requesting_practitioner/identifier/1/value", kText, "JWT-05", practitioner + ".identifier", {}},
      {"/requesting_practitioner/name", kObject, "JWT-05", practitioner + ".name", {}},
      {"/requesting_practitioner/name/family", kList, "JWT-05", practitioner + ".name.family", {}},
      {"/requesting_practitioner/name/given", kList, "JWT-05", practitioner + ".name.given", {}},
      {role, kList, "JWT-05", practitioner + ".practitionerRole", {}},
      {role + "/0/role", kObject, "JWT-05", practitioner + ".practitionerRole", {}},
      {role + "/0/role/coding", kList, "JWT-05", practitioner + ".practitionerRole", {}},
      {role + "/0/role/coding/0/system",
       kText,
       "JWT-05",
       practitioner + ".practitionerRole",
       {R"("http://fhir.nhs.net/ValueSet/sds-job-role-name-2")"}},
      {role + "/0/role/coding/0/code", kText, "JWT-05", practitioner + ".practitionerRole", {}},
  };
}

std::vector<std::string> empty_ones(Form form) {
  switch (form) {
    case Form::kText:
      return {R"("")", R"("  ")"};
    case Form::kSeconds:
      return {R"("")"};
    case Form::kObject:
      return {"{}"};
    case Form::kList:
      return {"[]"};
  }
  return {};
}

std::vector<std::string> other_types(Form form) {
  switch (form) {
    case Form::kText:
      return {"7", "true", "{}", R"({"a":"b"})", "[]", R"(["x"])"};
    case Form::kSeconds:
      return {R"("1500000300")", "true", "{}", "[1500000300]"};
    case Form::kObject:
      return {R"("x")", "7", "false", R"([{"a":"b"}])"};
    case Form::kList:
      return {"7", "true", R"({"a":"b"})", "[7]"};
  }
  return {};
}

/// Each mutation of one claim of a good token.
Rows rows_of(const Claim& one) {
  const auto name = one.pointer.substr(1) + (one.record.empty() ? "" : " of an organisation's record");
  const auto about = [record = one.record](Change change) -> Change {
    if (record.empty()) return change;
    return [record, change = std::move(change)](Request& request, World& world) {
      claim("/requested_scope", R"("organization/*.write")")(request, world);
      claim("/requested_record", record)(request, world);
      change(request, world);
    };
  };
  const auto missing = [pointer = one.pointer](Request& request, World&) { request.token.erase(pointer); };
  // sub missing is its own fault; sub of another value is one of the practitioner's id.
  const bool is_sub = one.pointer == "/sub";
  const auto rule = is_sub ? "JWT-02" : one.rule;
  const auto named = is_sub ? "sub" : one.named;
  Rows rows{{rule, name + " missing", about(missing), kBad, named},
            {rule, name + " null", about(claim(one.pointer, "null")), kBad, named}};
  for (const auto& json : empty_ones(one.form)) {
    rows.push_back({rule, name + " empty: " + json, about(claim(one.pointer, json)), kBad, named});
  }
  for (const auto& json : other_types(one.form)) {
    rows.push_back({rule, name + " of a wrong type: " + json, about(claim(one.pointer, json)), kBad, named});
  }
  for (const auto& json : one.wrong) {
    rows.push_back({one.rule, name + " of a wrong value: " + json, about(claim(one.pointer, json)), kBad, one.named});
  }
  return rows;
}

std::string unsecured(const std::string& payload) {
  return base64url_encode(kUnsecured) + '.' + base64url_encode(payload) + '.';
}

/// Authorization made of the good token's payload.
Change authorization(std::function<std::vector<std::string>(const std::string& payload)> values) {
  return
      [values = std::move(values)](Request& request, World&) { request.authorization = values(request.token.text()); };
}

Change fixed(std::string value) {
  return authorization([value = std::move(value)](const std::string&) { return std::vector{value}; });
}

/// The good payload under another header, with `end` in the signature's place.
Change under(std::string jwt_header, std::string end = {}) {
  return authorization([jwt_header = std::move(jwt_header), end = std::move(end)](const std::string& payload) {
    return std::vector{"Bearer " + base64url_encode(jwt_header) + '.' + base64url_encode(payload) + '.' + end};
  });
}

Rows bearer_rows() {
  const auto none = authorization([](const std::string&) { return std::vector<std::string>{}; });
  const auto twice = authorization([](const std::string& payload) {
    return std::vector{"Bearer " + unsecured(payload), "Bearer " + unsecured(payload)};
  });
  const auto scheme = [](std::string name) {
    return authorization(
        [name = std::move(name)](const std::string& payload) { return std::vector{name + unsecured(payload)}; });
  };
  const auto padded = authorization([](const std::string& payload) {
    auto part = base64url_encode(payload);
    part.append((4 - part.size() % 4) % 4, '=');
    return std::vector{"Bearer " + base64url_encode(kUnsecured) + "." + part + '.'};
  });
  const auto payload = [](const std::string& text) { return fixed("Bearer " + unsecured(text)); };
  const auto deep = std::string(5000, '[') + std::string(5000, ']');
  return {
      {"JWT-01", "bearer in lower case", scheme("bearer "), "201"},
      {"JWT-01", "padded base64url", padded, "201"},
      {"JWT-01", "a header in another order", under(R"({"typ":"JWT","alg":"none"})"), "201"},
      {"JWT-01", "no Authorization", none, kBad, "Authorization is missing"},
      {"JWT-01", "two tokens", twice, kBad, "2 times"},
      {"JWT-01", "an empty Authorization", fixed(""), kBad, "not of the form"},
      {"JWT-01", "Basic", fixed("Basic dXNlcjpwYXNzd29yZA=="), kBad, "not of the form"},
      {"JWT-01", "the token alone", scheme(""), kBad, "not of the form"},
      {"JWT-01", "Bearer alone", fixed("Bearer"), kBad, "no token"},
      {"JWT-01", "two tokens in one header", fixed("Bearer a.b. c.d."), kBad, "more than one token"},
      {"JWT-01", "one part", fixed("Bearer abc"), kBad, "the token has 1 part;"},
      {"JWT-01", "four parts", fixed("Bearer a.b.c.d"), kBad, "4 parts"},
      {"JWT-01", "no header", fixed("Bearer .e30."), kBad, "header is empty"},
      {"JWT-01", "no payload", fixed("Bearer " + base64url_encode(kUnsecured) + ".."), kBad, "payload is empty"},
      {"JWT-01", "a header that is not JSON", under("none"), kBad, "not a well-formed JSON object"},
      {"JWT-01", "a header without alg", under(R"({"typ":"JWT"})"), kBad, "no alg"},
      {"JWT-01", "a header of another typ", under(R"({"alg":"none","typ":"JWS"})"), kBad, "typ"},
      {"JWT-01", "a header with more", under(R"({"alg":"none","typ":"JWT","kid":"1"})"), kBad, "kid"},
      {"JWT-06", "an alg that is not allowed", under(R"({"alg":"RS256","typ":"JWT"})", "c2ln"), kBad, "RS256"},
      {"JWT-01", "a signature", under(kUnsecured, "c2ln"), kBad, "signature"},
      {"JWT-01", "a payload that is not base64url", fixed("Bearer " + base64url_encode(kUnsecured) + ".e+/=."), kBad,
       "not base64url"},
      {"JWT-01", "a payload that is not JSON", payload("hello"), kBad, "not a well-formed JSON object"},
      {"JWT-01", "a payload that is a list", payload("[]"), kBad, "not a well-formed JSON object"},
      {"JWT-01", "a payload with bytes after its end", payload("{}x"), kBad, "not a well-formed JSON object"},
      {"JWT-01", "a payload with a member twice", payload(R"({"iss":"a:b","iss":"a:b"})"), kBad, "not a well-formed"},
      {"JWT-01", "a payload of 5,000 levels", payload(deep), kBad, "not a well-formed JSON object"},
      {"JWT-02", "a payload without a claim", payload("{}"), kBad, "iss"},
  };
}

/// The token as if made `seconds` from now.
Change made(long long seconds_from_now) {
  return [seconds_from_now](Request& request, World&) {
    const auto issued = std::stoll(request.token.at("/iat")) + seconds_from_now;
    request.token.set("/iat", std::to_string(issued));
    request.token.set("/exp", std::to_string(issued + 300));
  };
}

/// exp as iat and so many seconds.
Change living(long long seconds) {
  return [seconds](Request& request, World&) {
    request.token.set("/exp", std::to_string(std::stoll(request.token.at("/iat")) + seconds));
  };
}

Change renamed(std::string from, std::string to) {
  return [from = std::move(from), to = std::move(to)](Request& request, World&) {
    const auto value = request.token.at("/" + from);
    request.token.erase("/" + from);
    request.token.set("/" + to, value);
  };
}

Change scoped(std::string below, std::string interaction, std::string scope) {
  return [=](Request& request, World&) {
    request.get(below, interaction);
    request.token.set("/requested_scope", '"' + scope + '"');
  };
}

Change organisation_record(std::string scope) {
  return [scope = std::move(scope)](Request& request, World&) {
    request.token.set("/requested_scope", '"' + scope + '"');
    request.token.set("/requested_record", kOrganisationRecord);
  };
}

/// Sent as a sender whose tokens must be signed.
Change as_signer(std::function<std::string(Request&, World&)> token) {
  return [token = std::move(token)](Request& request, World& world) {
    request.send_as(18);
    request.authorization = std::vector{"Bearer " + token(request, world)};
  };
}

Rows signature_rows() {
  const auto signed_with = [](std::string kid) {
    return as_signer(
        [kid = std::move(kid)](Request& request, World& world) { return world.signed_token(request, kid); });
  };
  const auto unsigned_one = as_signer([](Request& request, World&) { return request.jwt(); });
  const auto altered = as_signer([](Request& request, World& world) {
    const auto good = world.signed_token(request);
    request.token.set("/requesting_practitioner/name/family/0", R"("Smith")");
    const auto other = world.signed_token(request);
    return other.substr(0, other.rfind('.')) + good.substr(good.rfind('.'));
  });
  const auto wrong_claim = as_signer([](Request& request, World& world) {
    request.token.set("/aud", R"("me")");
    return world.signed_token(request);
  });
  const auto of_another = [](Request& request, World& world) {
    request.authorization = std::vector{"Bearer " + world.signed_token(request)};
  };
  return {
      {"JWT-06", "a signed token, of a sender that must sign", signed_with("k1"), "201"},
      {"JWT-06", "an unsecured token, of a sender that must sign", unsigned_one, kBad, "none"},
      {"JWT-06", "a payload that was altered after it was signed", altered, kBad, "signature"},
      {"JWT-06", "a key that nobody knows", signed_with("k2"), kBad, "k2"},
      {"JWT-02", "a signed token with a wrong claim", wrong_claim, kBad, "aud"},
      {"JWT-06", "a signed token, of a sender that must not", of_another, kBad, "ES256"},
  };
}

Rows value_rows() {
  const std::string local = R"({"system":"https://sender.example.test/users","value":"ada"})";
  return {
      {"JWT-02", "a life of 299 s", living(299), kBad, "iat + 300 s exactly"},
      {"JWT-02", "a life of 301 s", living(301), kBad, "iat + 300 s exactly"},
      {"JWT-02", "made 5 minutes ago", made(-300), kBad, "is past"},
      {"JWT-02", "made 4 minutes ago", made(-240), "201"},
      {"JWT-02", "made 20 s from now", made(20), "201"},
      {"JWT-02", "made 200 s from now", made(200), kBad, "in the future"},
      {"JWT-02", "a claim's name in another case", renamed("reason_for_request", "Reason_For_Request"), kBad,
       "names must be exact"},
      {"JWT-05", "a claim's name as the British write it",
       renamed("requesting_organization", "requesting_organisation"), kBad, "requesting_organisation"},
      {"JWT-02", "claims that nobody knows", claim("/jti", R"("1")"), "201"},
      {"JWT-03", "an organisation's record, with its scope", organisation_record("organization/*.write"), "201"},
      {"JWT-03", "an organisation's record, with a patient's scope", organisation_record("patient/*.write"), kBad,
       "must be Patient"},
      {"JWT-04", "a read with a scope to read", scoped("/Order", "search:order", "patient/*.read"), "200"},
      {"JWT-04", "a read with an organisation's scope", scoped("/Order", "search:order", "organization/*.read"), "200"},
      {"JWT-04", "a read with a scope to write", scoped("/Order", "search:order", "patient/*.write"), kBad,
       "requested_scope"},
      {"JWT-04", "metadata with an organisation's scope", scoped("/metadata", "read:metadata", "organization/*.read"),
       "200"},
      {"JWT-04", "metadata with a patient's scope", scoped("/metadata", "read:metadata", "patient/*.read"), kBad,
       "requested_scope"},
      {"JWT-05", "the other system of SDS user ids",
       claim("/requesting_practitioner/identifier/0/system", R"("http://fhir.nhs.net/Id/sds-user-id")"), "201"},
      {"JWT-05", "no SDS user id", claim("/requesting_practitioner/identifier", "[" + local + "]"), kBad,
       "SDS user id"},
      {"JWT-05", "no local user id",
       claim("/requesting_practitioner/identifier", R"([{"system":"http://fhir.nhs.net/sds-user-id","value":"G1"}])"),
       kBad, "local user id"},
      {"JWT-05", "two SDS user ids",
       claim("/requesting_practitioner/identifier/2",
             R"({"system":"http://fhir.nhs.net/Id/sds-user-id","value":"G2"})"),
       kBad, "two different SDS user ids"},
      {"JWT-05", "one SDS user id, under both systems",
       claim("/requesting_practitioner/identifier/2",
             R"({"system":"http://fhir.nhs.net/Id/sds-user-id","value":"G1"})"),
       "201"},
      {"JWT-05", "two ODS codes",
       claim("/requesting_organization/identifier",
             R"([{"system":"http://fhir.nhs.net/Id/ods-organization-code","value":"A11111"},
                 {"system":"http://fhir.nhs.net/Id/ods-organization-code","value":"B82001"}])"),
       kBad, "two different ODS codes"},
      {"JWT-05", "an element that a Device does not have", claim("/requesting_device/colour", R"("red")"),
       "422 INVALID_RESOURCE structure", "colour"},
      {"JWT-05", "an element that an Organization does not have", claim("/requesting_organization/colour", R"("red")"),
       "422 INVALID_RESOURCE structure", "colour"},
      {"JWT-05", "an element that a Practitioner does not have", claim("/requesting_practitioner/colour", R"("red")"),
       "422 INVALID_RESOURCE structure", "colour"},
      {"JWT-05", "an element that a Patient does not have", claim("/requested_record/colour", R"("red")"),
       "422 INVALID_RESOURCE structure", "colour"},
      {"JWT-05", "a name part that is no list", claim("/requesting_practitioner/name/family", R"("Jones")"),
       "422 INVALID_RESOURCE structure", "family"},
  };
}

}  // namespace

Rows token_rows() {
  auto rows = joined(joined(bearer_rows(), signature_rows()), value_rows());
  for (const auto& one : claims()) rows = joined(std::move(rows), rows_of(one));
  return rows;
}

}  // namespace gw::test
