// The Ssp headers, the interaction, the URL, and the two organisations.
#include <algorithm>
#include <array>
#include <cctype>

#include "envelope/rows.hpp"

namespace gw::test {

namespace {

const std::string kBad = "400 BAD_REQUEST invalid";
const std::string kCreate = kInteraction + "create:order";

/// One of the four headers, and values that it must not have.
struct SspHeader {
  std::string name;
  std::string other;  ///< well formed
  std::vector<std::string> malformed;
  std::string rule_of_malformed = "SSP-01";
};

std::vector<SspHeader> ssp_headers() {
  return {
      {"Ssp-TraceID",
       "0b7b3a36-0000-4000-8000-000000000001",
       {"1", "0b7b3a36000040008000000000000001", "{0b7b3a36-0000-4000-8000-000000000001}",
        "0b7b3a36-0000-4000-8000-00000000000g", "0b7b3a36-0000-4000-8000-0000000000011",
        "0b7b3a36-00004-000-8000-000000000001", "0b7b3a36-0000-4000-8000-000000000001, x",
        "urn:uuid:0b7b3a36-0000-4000-8000-000000000001"}},
      {"Ssp-From",
       "200000000006",
       {"A11111", "20000000001", "2000000000001", "20000000000a", "2000 00000001", "+20000000001", "200000000001;x",
        "200000000001, 200000000001"}},
      {"Ssp-To",
       "200000000003",
       {"B82001", "20000000002", "2000000000002", "20000000000b", "2000-0000002", "0x0000000002", "*"}},
      {"Ssp-InteractionID",
       kInteraction + "read:order",
       {"create:order", kInteraction, kInteraction + "create:ordre", kInteraction + "create:Order",
        "URN:nhs:names:services:gpconnect:fhir:rest:create:order", kCreate + "-2", kCreate + "-1-1", kCreate + " x",
        '"' + kCreate + '"', kInteraction + "delete:order"},
       "SSP-02"},
  };
}

std::string in_case(std::string text, int (*change)(int)) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [change](unsigned char c) { return static_cast<char>(change(c)); });
  return text;
}

/// All four headers' names, and the others', as `change` makes them.
Change names(int (*change)(int)) {
  return [change](Request& request, World&) {
    for (auto& header : request.headers) header.name = in_case(header.name, change);
  };
}

Rows header_rows() {
  Rows rows{{"SSP-01", "nothing changed", [](Request&, World&) {}, "201"},
            {"SSP-01", "header names in lower case", names(std::tolower), "201"},
            {"SSP-01", "header names in upper case", names(std::toupper), "201"}};
  for (const auto& one : ssp_headers()) {
    const auto name = one.name;
    const auto missing = [name](Request& request, World&) { request.drop(name); };
    const auto twice = [name](Request& request, World&) {
      request.add(name, std::string{header_value(request.headers, name)});
    };
    const auto with_another = [name, other = one.other](Request& request, World&) {
      request.add(in_case(name, std::toupper), other);
    };
    rows.push_back({"SSP-01", name + " missing", missing, kBad, name + " is missing"});
    rows.push_back({"SSP-01", name + " empty", header(name, ""), kBad, name + " is empty"});
    rows.push_back({"SSP-01", name + " blank", header(name, " \t "), kBad, name + " is empty"});
    rows.push_back({"SSP-01", name + " twice, the same", twice, kBad, name + " is there 2 times"});
    rows.push_back({"SSP-01", name + " twice, in another case", with_another, kBad, name + " is there 2 times"});
    for (const auto& value : one.malformed) {
      rows.push_back({one.rule_of_malformed, name + ": " + value, header(name, value), kBad, name});
    }
  }
  rows.push_back(
      {"SSP-01", "a trace id in capitals", header("Ssp-TraceID", "0B7B3A36-0000-4000-8000-0000000000AB"), "201"});
  return rows;
}

Change interaction(std::string id) {
  return header("Ssp-InteractionID", kInteraction + std::move(id));
}

/// `method` and path below the mailbox as they are, and an interaction.
Change asks(std::string method, std::string below, std::string interaction) {
  return [method = std::move(method), below = std::move(below), interaction = std::move(interaction)](Request& request,
                                                                                                      World&) {
    request.get(below, interaction);
    request.method = method;
  };
}

Rows interaction_rows() {
  return {
      {"SSP-02", "the later form of the interaction", interaction("create:order-1"), "201"},
      {"SSP-02", "a case that is near", interaction("create:ORDER"), kBad, "did you mean"},
      {"SSP-02", "a task sent as a read", interaction("read:order"), kBad, "belongs to GET"},
      {"SSP-02", "a task sent as an appointment", interaction("create:appointment"), kBad, "Appointment"},
      {"SSP-02", "a search sent as a task", asks("GET", "/Order", "create:order"), kBad, "belongs to POST"},
      {"SSP-02", "a read without an id", asks("GET", "/Order", "read:order"), kBad, "has no id"},
      {"SSP-02", "a search with an id", asks("GET", "/Order/1", "search:order"), kBad, "does not take an id"},
      {"SSP-02", "patients searched as organisations", asks("GET", "/Patient", "search:organization"), kBad,
       "Organization"},
      {"SSP-02", "metadata read as an order", asks("GET", "/metadata", "read:order"), kBad, "Order"},
      {"SSP-02", "an operation that is not the interaction's", asks("POST", "/Patient/$other", "create:order"), kBad,
       "Patient"},
  };
}

/// A POST to `target` as if it were the provider's, whose Ssp-To it bears.
Change provider(std::string target) {
  return [target = std::move(target)](Request& request, World&) {
    request.send_to("C33333", 3);
    request.target = target;
  };
}

Rows url_rows() {
  const std::string no_organisation = "404 ORGANISATION_NOT_FOUND not-found";
  const std::string no_path = "404 NO_RECORD_FOUND not-found";
  const std::string provider_base = "https://provider.example.test/C33333/DSTU2/1";
  return {
      {"SSP-05", "an endpoint, by its organisation", provider("/C33333/DSTU2/1/Order"), "201"},
      {"SSP-05", "an endpoint, proxied", provider("/" + provider_base + "/Order"), "201"},
      {"SSP-05", "a host that is not registered", provider("/https://evil.example.test/C33333/DSTU2/1/Order"),
       no_organisation},
      {"SSP-05", "the endpoint with a port", provider("/https://provider.example.test:443/C33333/DSTU2/1/Order"),
       no_organisation},
      {"SSP-05", "the endpoint without TLS", provider("/http://provider.example.test/C33333/DSTU2/1/Order"), kBad},
      {"SSP-05", "another organisation at the endpoint's host",
       provider("/https://provider.example.test/B82001/DSTU2/1/Order"), no_organisation},
      {"SSP-05", "another major version of the endpoint", provider("/C33333/DSTU2/2/Order"), no_path, "major version"},
      {"SSP-05", "a segment that the endpoint does not have", provider("/C33333/DSTU2/1/x/Order"), no_path, "segment"},
      {"SSP-05", "an unknown organisation", target("/Z00000/DSTU2/1/Order"), no_organisation, "Z00000"},
      {"SSP-05", "an organisation in lower case", target("/b82001/DSTU2/1/Order"), no_organisation, "case"},
      {"SSP-05", "another FHIR version", target("/B82001/STU3/1/Order"), no_path},
      {"SSP-05", "no major version", target("/B82001/DSTU2/Order"), no_path},
      {"SSP-05", "a resource in lower case", target("/B82001/DSTU2/1/order"), no_path, "case matters"},
      {"SSP-05", "something below a task", target("/B82001/DSTU2/1/Order/1/x"), no_path},
      {"SSP-05", "a version without a number", target("/B82001/DSTU2/1/Order/1/_history"), no_path},
      {"SSP-05", "an encoded slash", target("/B82001%2fDSTU2/1/Order"), kBad, "percent-encoded"},
      {"SSP-05", "a doubled slash", target("/B82001//DSTU2/1/Order"), kBad, "doubled"},
      {"SSP-05", "a dot segment", target("/A11111/../B82001/DSTU2/1/Order"), kBad, "dot segment"},
      {"SSP-05", "a trailing slash", target("/B82001/DSTU2/1/Order/"), kBad, "trailing"},
      {"SSP-05", "no header routes", header("Host", "provider.example.test"), "201"},
  };
}

Rows organisation_rows() {
  const std::string refused = "403 ASID_CHECK_FAILED forbidden";
  const auto from = [](int asid) { return [asid](Request& request, World&) { request.send_as(asid); }; };
  const auto reads_as = [](int asid) {
    return [asid](Request& request, World&) {
      request.get("/Order", "search:order");
      request.send_as(asid);
    };
  };
  const auto ahead = [](int asid) {
    return [asid](Request& request, World&) {
      const auto later = std::stoll(request.token.at("/iat")) + 200;
      request.token.set("/iat", std::to_string(later));
      request.token.set("/exp", std::to_string(later + 300));
      request.send_as(asid);
    };
  };
  return {
      {"SSP-03", "Ssp-To of another organisation", header("Ssp-To", "200000000003"), kBad, "B82001"},
      {"SSP-03", "Ssp-To of nobody", header("Ssp-To", "299999999999"), kBad, "B82001"},
      {"SSP-03", "an organisation without a system", target("/R16161/DSTU2/1/Order"), kBad, "R16161"},
      {"SSP-04", "Ssp-From of nobody", header("Ssp-From", "299999999999"), refused, "not the ASID of a registered"},
      {"SSP-04", "a system that may only search, sending", from(5), refused, "not accredited"},
      {"SSP-04", "a system that may only search, searching", reads_as(5), "200"},
      {"SSP-04", "organisations that share nothing", from(4), "403 NO_ORGANISATIONAL_CONSENT forbidden", "D44444"},
      {"JWT-02", "a clock ahead", ahead(1), kBad, "in the future"},
      {"SSP-12", "a clock ahead, of a partner that may", ahead(8), "201"},
  };
}

}  // namespace

Rows envelope_rows() {
  return joined(joined(header_rows(), interaction_rows()), joined(url_rows(), organisation_rows()));
}

}  // namespace gw::test
