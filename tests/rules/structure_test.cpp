// The generic validator: structure, values, invariants, order and cut of issues. Resources other than tasks stand in
// for what profiles may say.
#include <vector>

#include "rules/scope.hpp"
#include "rules/words.hpp"
#include "sample.hpp"

using namespace gw::rules::test;
using gw::fhir::IssueType;
using gw::rules::Verdict;

namespace {

/// A body, and what must be said of it. No words: nothing is wrong.
struct Case {
  const char* name;
  std::string body;
  const char* location;
  IssueType type;
  const char* words;
};

void check_cases(const std::vector<Case>& cases) {
  for (const auto& one : cases) {
    INFO(one.name);
    const auto verdict = gw::rules::validate(read(one.body), "");
    INFO(listing(verdict));
    if (*one.words == '\0') {
      CHECK(verdict.issues.empty());
      continue;
    }
    CHECK(verdict.refused());
    const auto* const issue = find_issue(verdict, one.location, one.words);
    REQUIRE(issue != nullptr);
    CHECK(issue->type == one.type);
  }
}

std::string patient(const std::string& inside) {
  return R"({"resourceType": "Patient", )" + inside + "}";
}

/// An extension whose value is of type `type`.
std::string value(const std::string& type, const std::string& json) {
  return patient(R"("extension": [{"url": "http://example.org/e", "value)" + type + "\": " + json + "}]");
}

std::string bundle(const std::string& inside) {
  return R"({"resourceType": "Bundle", )" + inside + "}";
}

}  // namespace

TEST_CASE("validator: JSON writes numbers and booleans bare, and all else in quotes", "[rules]") {
  check_cases({
      {"boolean", patient(R"("active": true)"), "", {}, ""},
      {"boolean in quotes", patient(R"("active": "true")"), "Patient.active", IssueType::kStructure,
       "is a string in quotes in JSON; it must be true or false"},
      {"number in quotes", value("Integer", R"("1")"), "Patient.extension[0].valueInteger", IssueType::kStructure,
       "it must be a number"},
      {"bare date", patient(R"("birthDate": 1970)"), "Patient.birthDate", IssueType::kStructure,
       "is a number in JSON; it must be a string in quotes"},
      {"object in place of text", patient(R"("birthDate": {"a": "1"})"), "Patient.birthDate", IssueType::kStructure,
       "is made of elements; it holds a plain value"},
      {"text in place of object", patient(R"("maritalStatus": "M")"), "Patient.maritalStatus", IssueType::kStructure,
       "is a plain value"},
  });
}

TEST_CASE("validator: what may repeat is an array in JSON, and what may not is none", "[rules]") {
  check_cases({
      {"array", patient(R"("name": [{"family": ["A"]}])"), "", {}, ""},
      {"no array", patient(R"("name": {"family": ["A"]})"), "Patient.name", IssueType::kStructure, "as an array"},
      {"array of one", patient(R"("gender": ["male"])"), "Patient.gender[0]", IssueType::kStructure,
       "without an array"},
      {"array of two", patient(R"("gender": ["male", "female"])"), "Patient.gender[1]", IssueType::kStructure,
       "one too many"},
  });
}

TEST_CASE("validator: values keep to their lexical forms, wherever they stand", "[rules]") {
  check_cases({
      {"date", patient(R"("birthDate": "15/06/1970")"), "Patient.birthDate", IssueType::kValue,
       "is '15/06/1970'; it is a date that exists"},
      {"day that does not exist", patient(R"("birthDate": "1970-02-30")"), "Patient.birthDate", IssueType::kValue,
       "date"},
      {"decimal with exponent", value("Decimal", "1e3"), "Patient.extension[0].valueDecimal", IssueType::kValue,
       "without an exponent"},
      {"id", patient(R"("id": "a_b")"), "Patient.id", IssueType::kValue, "1 to 64"},
      {"language", patient(R"("language": "en_GB")"), "Patient.language", IssueType::kCodeInvalid, "language tag"},
      {"blank string", value("String", R"("  ")"), "Patient.extension[0].valueString", IssueType::kValue,
       "white space"},
      {"oid", value("Oid", R"("1.2.3")"), "Patient.extension[0].valueOid", IssueType::kValue, "urn:oid"},
      {"time", value("Time", R"("25:00:00")"), "Patient.extension[0].valueTime", IssueType::kValue, "hh:mm:ss"},
      {"base64", value("Base64Binary", R"("a*")"), "Patient.extension[0].valueBase64Binary", IssueType::kValue,
       "base64"},
      {"all well", value("Base64Binary", R"("YQ==")"), "", {}, ""},
  });
}

TEST_CASE("validator: required bindings name the codes that are right", "[rules]") {
  check_cases({
      {"gender", patient(R"("gender": "M")"), "Patient.gender", IssueType::kCodeInvalid,
       "is 'M'; it must be 'male', 'female', 'other' or 'unknown'"},
      {"marital status",
       patient(R"("maritalStatus": {"coding": [{"system": "http://hl7.org/fhir/v3/MaritalStatus", "code": "M"}]})"),
       "",
       {},
       ""},
      {"marital status of another system",
       patient(R"("maritalStatus": {"coding": [{"system": "urn:a", "code": "M"}]})"), "Patient.maritalStatus",
       IssueType::kCodeInvalid, "no coding of the right set"},
  });
}

TEST_CASE("validator: of a choice one may stand, under its typed name", "[rules]") {
  check_cases({
      {"one", patient(R"("deceasedBoolean": true)"), "", {}, ""},
      {"two", patient(R"("deceasedBoolean": true, "deceasedDateTime": "2020")"), "Patient.deceasedDateTime",
       IssueType::kStructure, "stands beside deceasedBoolean"},
      {"untyped", patient(R"("deceased": true)"), "Patient.deceased", IssueType::kStructure,
       "'deceasedBoolean' was meant"},
      {"type that the choice has not", patient(R"("deceasedString": "yes")"), "Patient.deceasedString",
       IssueType::kStructure, "is not an element"},
  });
}

TEST_CASE("validator: unknown elements are refused, and the likely name is offered", "[rules]") {
  check_cases({
      {"case", patient(R"("birthdate": "1970")"), "Patient.birthdate", IssueType::kStructure, "'birthDate' was meant"},
      {"a letter wrong", patient(R"("gendar": "male")"), "Patient.gendar", IssueType::kStructure, "'gender' was meant"},
      {"a letter missing", patient(R"("gener": "male")"), "Patient.gener", IssueType::kStructure, "'gender' was meant"},
      {"a letter too much", patient(R"("genderr": "male")"), "Patient.genderr", IssueType::kStructure,
       "'gender' was meant"},
      {"two letters swapped", patient(R"("gedner": "male")"), "Patient.gedner", IssueType::kStructure,
       "'gender' was meant"},
      {"nothing near", patient(R"("shoeSize": "9")"), "Patient.shoeSize", IssueType::kStructure, "leave it out"},
      {"inside a datatype", patient(R"("name": [{"surname": "A"}])"), "Patient.name[0].surname", IssueType::kStructure,
       "is not an element"},
  });
}

TEST_CASE("validator: extensions pass, modifier extensions do not", "[rules]") {
  const std::string url = R"("url": "http://example.org/e")";
  check_cases({
      {"extension", patient(R"("extension": [{)" + url + R"(, "valueCode": "a"}])"), "", {}, ""},
      {"nested",
       patient(R"("extension": [{)" + url + R"(, "extension": [{"url": "b", "valueCode": "a"}]}])"),
       "",
       {},
       ""},
      {"on a primitive",
       patient(R"("gender": "male", "_gender": {"extension": [{)" + url + R"(, "valueCode": "a"}]})"),
       "",
       {},
       ""},
      {"no url", patient(R"("extension": [{"valueCode": "a"}])"), "Patient.extension[0].url", IssueType::kRequired,
       "is missing"},
      {"neither value nor extensions", patient(R"("extension": [{)" + url + "}]"), "Patient.extension[0]",
       IssueType::kInvariant, "ext-1"},
      {"modifier", patient(R"("modifierExtension": [{)" + url + R"(, "valueCode": "a"}])"),
       "Patient.modifierExtension[0]", IssueType::kExtension, "knows no modifier extension"},
  });
}

TEST_CASE("validator: invariants say what is right, and where it is broken", "[rules]") {
  const auto contained = [](const std::string& resource, const std::string& reference) {
    return patient(R"("contained": [)" + resource + R"(], "managingOrganization": {"reference": ")" + reference +
                   "\"}");
  };
  const std::string organization = R"({"resourceType": "Organization", "id": "o", "name": "A")";
  check_cases({
      {"contained and referred to", contained(organization + "}", "#o"), "", {}, ""},
      {"dom-1",
       contained(
           organization +
               R"(, "text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\">a</div>"}})",
           "#o"),
       "Patient.contained[0].text", IssueType::kInvariant, "dom-1"},
      {"dom-2",
       contained(organization + R"(, "contained": [{"resourceType": "Organization", "id": "p", "name": "B"}]})", "#o"),
       "Patient.contained[0].contained[0]", IssueType::kInvariant, "dom-2"},
      {"dom-3", contained(organization + "}", "Organization/1"), "Patient.contained[0]", IssueType::kInvariant,
       "dom-3"},
      {"dom-3 without id", contained(R"({"resourceType": "Organization", "name": "A"})", "Organization/1"),
       "Patient.contained[0]", IssueType::kInvariant, "dom-3"},
      {"dom-4", contained(organization + R"(, "meta": {"versionId": "1"}})", "#o"),
       "Patient.contained[0].meta.versionId", IssueType::kInvariant, "dom-4"},
      {"ref-1", contained(organization + "}", "#x"), "Patient.managingOrganization.reference", IssueType::kInvariant,
       "ref-1"},
      {"contained of a wrong type", contained(R"({"resourceType": "Device", "id": "o", "type": {"text": "a"}})", "#o"),
       "Patient.managingOrganization.reference", IssueType::kValue, "it may lead to Organization"},
      {"contained of no known type", contained(R"({"resourceType": "Spoon", "id": "o", "name": "a"})", "#o"),
       "Patient.contained[0]", IssueType::kNotSupported, "does not know"},
      {"per-1", value("Period", R"({"start": "2026-02", "end": "2026-01-31"})"),
       "Patient.extension[0].valuePeriod.start", IssueType::kInvariant, "per-1"},
      {"per-1 across zones",
       value("Period", R"({"start": "2026-01-01T10:00:00Z", "end": "2026-01-01T10:30:00+01:00"})"),
       "Patient.extension[0].valuePeriod.start", IssueType::kInvariant, "per-1"},
      {"per-1 kept", value("Period", R"({"start": "2026-01", "end": "2026-01-31"})"), "", {}, ""},
      {"qty-3", value("Quantity", R"({"value": 1, "code": "mg"})"), "Patient.extension[0].valueQuantity.code",
       IssueType::kInvariant, "qty-3"},
      {"rng-2", value("Range", R"({"low": {"value": 10}, "high": {"value": 9.5}})"),
       "Patient.extension[0].valueRange.low", IssueType::kInvariant, "rng-2"},
      {"rng-2 kept", value("Range", R"({"low": {"value": 9.5}, "high": {"value": 10}})"), "", {}, ""},
      {"sqty-1", value("Range", R"({"low": {"value": 1, "comparator": "<"}})"),
       "Patient.extension[0].valueRange.low.comparator", IssueType::kInvariant, "sqty-1"},
      {"rat-1", value("Ratio", R"({"numerator": {"value": 1}})"), "Patient.extension[0].valueRatio",
       IssueType::kInvariant, "rat-1"},
      {"att-1", value("Attachment", R"({"data": "YQ=="})"), "Patient.extension[0].valueAttachment.data",
       IssueType::kInvariant, "att-1"},
      {"cpt-2", patient(R"("telecom": [{"value": "1"}])"), "Patient.telecom[0].value", IssueType::kInvariant, "cpt-2"},
      {"tim-1", value("Timing", R"({"repeat": {"duration": 1}})"), "Patient.extension[0].valueTiming.repeat.duration",
       IssueType::kInvariant, "tim-1"},
      {"tim-5", value("Timing", R"({"repeat": {"period": -1, "periodUnits": "d"}})"),
       "Patient.extension[0].valueTiming.repeat.period", IssueType::kInvariant, "tim-5"},
      {"pat-1", patient(R"("contact": [{"gender": "male"}])"), "Patient.contact[0]", IssueType::kInvariant, "pat-1"},
      {"org-1", R"({"resourceType": "Organization", "active": true})", "Organization", IssueType::kInvariant, "org-1"},
      {"org-2", R"({"resourceType": "Organization", "name": "A", "address": [{"use": "home"}]})",
       "Organization.address[0].use", IssueType::kInvariant, "org-2"},
      {"ord-1",
       R"({"resourceType": "Order", "when": {"code": {"text": "a"}, "schedule": {"event": ["2026"]}}, "detail": [{"reference": "Basic/1"}]})",
       "Order.when", IssueType::kInvariant, "ord-1"},
      {"txt-2",
       patient(R"("text": {"status": "generated", "div": "<div xmlns=\"http://www.w3.org/1999/xhtml\"> </div>"})"),
       "Patient.text.div", IssueType::kInvariant, "txt-2"},
      {"bdl-1", bundle(R"("type": "batch", "total": 1)"), "Bundle.total", IssueType::kInvariant, "bdl-1"},
      {"bdl-2",
       bundle(R"("type": "batch", "entry": [{"search": {"mode": "match"}, "request": {"method": "GET", "url": "a"}}])"),
       "Bundle.entry[0].search", IssueType::kInvariant, "bdl-2"},
      {"bdl-3", bundle(R"("type": "searchset", "entry": [{"request": {"method": "GET", "url": "a"}}])"),
       "Bundle.entry[0].request", IssueType::kInvariant, "bdl-3"},
      {"bdl-4", bundle(R"("type": "batch", "entry": [{"response": {"status": "200"}}])"), "Bundle.entry[0].response",
       IssueType::kInvariant, "bdl-4"},
      {"bdl-5", bundle(R"("type": "collection", "entry": [{"link": [{"relation": "a", "url": "b"}]}])"),
       "Bundle.entry[0]", IssueType::kInvariant, "bdl-5"},
      {"bdl-6", bundle(R"("type": "collection", "entry": [{"resource": {"resourceType": "Patient", "active": true}}])"),
       "Bundle.entry[0]", IssueType::kInvariant, "bdl-6"},
      {"bdl-7", bundle(R"("type": "collection", "entry": [
         {"fullUrl": "urn:a", "resource": {"resourceType": "Patient", "active": true}},
         {"fullUrl": "urn:a", "resource": {"resourceType": "Patient", "active": true}}])"),
       "Bundle.entry[1].fullUrl", IssueType::kInvariant, "bdl-7"},
  });
}

TEST_CASE("validator: #id in a Bundle's entry resolves within that entry", "[rules]") {
  const auto entry = [](const std::string& url, const std::string& inside) {
    return R"({"fullUrl": ")" + url + R"(", "resource": {"resourceType": "Patient", )" + inside + "}}";
  };
  const std::string inside =
      R"("contained": [{"resourceType": "Organization", "id": "o", "name": "A"}], "managingOrganization": {"reference": "#o"})";
  check_cases({
      {"own", bundle(R"("type": "collection", "entry": [)" + entry("urn:a", inside) + "]"), "", {}, ""},
      {"other entry's",
       bundle(R"("type": "collection", "entry": [)" + entry("urn:a", inside) + "," +
              entry("urn:b", R"("managingOrganization": {"reference": "#o"})") + "]"),
       "Bundle.entry[1].resource.managingOrganization.reference", IssueType::kInvariant, "ref-1"},
  });
}

TEST_CASE("validator: another resource than the profile's is one plain issue", "[rules]") {
  const auto verdict = gw::rules::validate(read(patient(R"("active": true)")), gw::rules::kTaskOrderProfile);
  REQUIRE(verdict.issues.size() == 1);
  CHECK(verdict.issues[0].diagnostics == "The resource is 'Patient'; it must be 'Order'.");
  CHECK(gw::rules::validate(read(R"({"resourceType": "Spoon", "id": "a"})"), "").issues.front().type ==
        IssueType::kNotSupported);
  CHECK(gw::rules::validate(read(patient(R"("active": true)")), "urn:none").refused());
}

TEST_CASE("validator: issues come in document order, with line and column, the missing at their parent", "[rules]") {
  const auto verdict = check(
      "{\"resourceType\": \"Order\",\n \"tarfet\": 1,\n \"date\": \"2026\",\n \"subject\": {\n  \"reference\": "
      "\"Device/1\"}}");
  INFO(listing(verdict));
  REQUIRE(verdict.issues.size() > 6);
  for (std::size_t at = 1; at < verdict.issues.size(); ++at) {
    const auto& a = verdict.issues[at - 1];
    const auto& b = verdict.issues[at];
    CHECK((a.line < b.line || (a.line == b.line && a.column <= b.column)));
  }
  CHECK(verdict.issues.front().line == 1);
  const auto* const date = find_issue(verdict, "Order.date", "whole date");
  REQUIRE(date != nullptr);
  CHECK(date->line == 3);
  const auto* const subject = find_issue(verdict, "Order.subject.reference", "is 'Device/1'");
  REQUIRE(subject != nullptr);
  CHECK(subject->line == 5);
  CHECK(subject->column == 3);
}

TEST_CASE("validator: the list is cut at its limit, and says so", "[rules]") {
  std::string names;
  for (int at = 0; at < 500; ++at) names += (at > 0 ? ", {\"nick\": \"a\"}" : "{\"nick\": \"a\"}");
  const auto document = read(patient("\"name\": [" + names + "]"));
  const auto verdict = gw::rules::validate(document, "", {.issues = 10});
  REQUIRE(verdict.issues.size() == 11);
  CHECK(verdict.issues.back().severity == gw::fhir::Severity::kInformation);
  CHECK(verdict.issues.back().diagnostics.find("10") != std::string::npos);
  CHECK(verdict.issues.front().location == "Patient.name[0].nick");
  const auto whole = gw::rules::validate(document, "", {.issues = 500});
  CHECK(whole.issues.size() == 500);
}

TEST_CASE("validator: a sender's values are shown cut, without control characters, and numbers of ten digits masked",
          "[rules]") {
  CHECK(gw::rules::shown("abc") == "'abc'");
  CHECK(gw::rules::shown("9434765919") == "'943*******'");
  CHECK(gw::rules::shown("nhs 943 476 5919.") == "'nhs 943 *** ****.'");
  CHECK(gw::rules::shown("943-476-5919") == "'943-***-****'");
  CHECK(gw::rules::shown("2026-06-15") == "'2026-06-15'");
  CHECK(gw::rules::shown("a\nb") == "'a b'");
  const auto cut = gw::rules::shown(std::string(60, 'a') + "9434765919");
  CHECK(cut.find("9434") == std::string::npos);
  CHECK(cut.size() <= 64 + 5);
  CHECK(gw::rules::shown(std::string(63, 'a') + "\xc3\xa9" + "bcd") == "'" + std::string(63, 'a') + "...'");
  const auto verdict = gw::rules::validate(read(patient(R"("gender": "9434765919")")), "");
  CHECK(listing(verdict).find("9434765919") == std::string::npos);
}

TEST_CASE("validator: references among many contained resources resolve too", "[rules]") {
  std::string contained;
  std::string providers;
  for (int at = 0; at < 1000; ++at) {
    const auto id = std::to_string(at);
    const std::string comma = at > 0 ? "," : "";
    contained += comma + R"({"resourceType": "Organization", "id": "o)" + id + R"(", "name": "A"})";
    providers += comma + R"({"reference": "#o)" + id + "\"}";
  }
  const auto verdict = gw::rules::validate(
      read(patient("\"contained\": [" + contained + "], \"careProvider\": [" + providers + "]")), "");
  INFO(listing(verdict));
  CHECK(verdict.issues.empty());
}

TEST_CASE("validator: a fragment of a token is held to its base type (JWT-05)", "[rules]") {
  auto plain = gw::fhir::read_plain_json(
      R"({"requesting_device": {"resourceType": "Device", "type": {"text": "a"}, "modle": "b"},
    "requesting_organization": {"resourceType": "Patient", "active": true},
    "requested_record": {"resourceType": "Patient", "identifier": [{"system": "urn:a", "value": "b"}]}})");
  REQUIRE(plain.has_value());
  const auto& root = *plain->root();
  const auto device = gw::rules::validate_fragment(*plain, *root.child("requesting_device"), "Device");
  REQUIRE(device.issues.size() == 1);
  CHECK(device.issues[0].diagnostics.find("'model' was meant") != std::string::npos);
  const auto organization =
      gw::rules::validate_fragment(*plain, *root.child("requesting_organization"), "Organization");
  REQUIRE(organization.issues.size() == 1);
  CHECK(organization.issues[0].diagnostics.find("is 'Patient'; it must be 'Organization'") != std::string::npos);
  CHECK(gw::rules::validate_fragment(*plain, *root.child("requested_record"), "Patient").issues.empty());
}

TEST_CASE("shape: the tables tell the writers what repeats, what is a number, and the order", "[rules]") {
  const auto document = read(patient(
      R"("name": [{"family": ["A"]}], "active": true, "id": "a", "multipleBirthInteger": 2, "contained": [{"resourceType": "Organization", "id": "o", "name": "A"}])"));
  const auto& root = *document.root();
  const auto& shape = gw::rules::shape();
  CHECK(shape.repeats(*root.child("name")));
  CHECK(shape.repeats(*root.child("name")->child("family")));
  CHECK(shape.repeats(*root.child("contained")));
  CHECK_FALSE(shape.repeats(*root.child("active")));
  CHECK_FALSE(shape.repeats(*root.child("contained")->child("name")));
  CHECK(shape.json_kind(*root.child("active")) == gw::fhir::ValueKind::kBoolean);
  CHECK(shape.json_kind(*root.child("multipleBirthInteger")) == gw::fhir::ValueKind::kNumber);
  CHECK(shape.json_kind(*root.child("id")) == gw::fhir::ValueKind::kString);
  CHECK(shape.order(*root.child("id")) < shape.order(*root.child("contained")));
  CHECK(shape.order(*root.child("contained")) < shape.order(*root.child("active")));
  CHECK(shape.order(*root.child("active")) < shape.order(*root.child("name")));
}

TEST_CASE("validator: XML keeps the order of the specification", "[rules]") {
  const std::string open = R"(<Patient xmlns="http://hl7.org/fhir">)";
  const auto right = gw::rules::validate(read(open + R"(<active value="true"/><gender value="male"/></Patient>)"), "");
  INFO(listing(right));
  CHECK(right.issues.empty());
  const auto wrong = gw::rules::validate(read(open + R"(<gender value="male"/><active value="true"/></Patient>)"), "");
  const auto* const issue = find_issue(wrong, "Patient.active", "comes before gender");
  REQUIRE(issue != nullptr);
  CHECK(issue->type == IssueType::kStructure);
}

TEST_CASE("validator: many references among many elements cost no quadratic time", "[rules]") {
  std::string filler;
  std::string references;
  for (int i = 0; i < 6000; ++i) filler += "1,";
  for (int i = 0; i < 3500; ++i) references += R"({"reference":"#a"},)";
  const auto document = read(R"({"resourceType":"Order","zz":[)" + filler + R"(1],"detail":[)" + references +
                             R"({"reference":"#a"}],"contained":[{"resourceType":"Basic","id":"a"}]})");
  const gw::rules::Scope scope{*document.root()};
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 100'000; ++i) REQUIRE(scope.contained("a") != nullptr);
  CHECK(scope.contained("b") == nullptr);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{2});
}

TEST_CASE("validator: GP Connect's slices of identifiers are held to, and other identifiers are free", "[rules]") {
  const std::string base = "http://fhir.nhs.net/StructureDefinition/gpconnect-";
  const auto organisation = [](const std::string& identifiers) {
    return R"({"resourceType": "Organization", "name": "N", "identifier": [)" + identifiers + "]}";
  };
  const auto practitioner = [](const std::string& identifiers) {
    return R"({"resourceType": "Practitioner", "name": {"family": ["F"]}, "identifier": [)" + identifiers + "]}";
  };
  const auto one = [](const std::string& system, const std::string& more = "") {
    return R"({"system": "http://fhir.nhs.net/Id/)" + system + R"(", "value": "A1")" + more + "}";
  };
  const std::string local = R"({"use": "usual", "system": "urn:x", "value": "1", "period": {"start": "2017"}})";
  const auto told = [&base](const std::string& profile, const std::string& body) {
    return gw::rules::validate(read(body), base + profile);
  };
  const auto free_of_faults = [&](const std::string& profile, const std::string& body) {
    const auto verdict = told(profile, body);
    INFO(listing(verdict));
    CHECK(verdict.issues.empty());
  };
  const auto refused = [&](const std::string& profile, const std::string& body, const char* location) {
    const auto verdict = told(profile, body);
    INFO(listing(verdict));
    CHECK(find_issue(verdict, location, "at most") != nullptr);
  };
  const std::string comma = ", ";
  free_of_faults("organization-1", organisation(one("ods-organization-code") + comma + one("ods-site-code") + comma +
                                                one("ods-site-code") + comma + local + comma + local));
  refused("organization-1", organisation(one("ods-organization-code") + comma + one("ods-organization-code")),
          "Organization.identifier[1]");
  refused("organization-1", organisation(local + comma + one("ods-site-code", R"(, "use": "usual")")),
          "Organization.identifier[1].use");
  refused("organization-1", organisation(R"({"system": "http://fhir.nhs.net/Id/ods-organization-code"})"),
          "Organization.identifier[0]");
  free_of_faults("practitioner-1",
                 practitioner(one("sds-user-id") + comma + one("sds-role-profile-id") + comma + local));
  refused("practitioner-1", practitioner(one("sds-user-id") + comma + one("sds-user-id")),
          "Practitioner.identifier[1]");
  refused("practitioner-1", practitioner(one("sds-role-profile-id", R"(, "period": {"start": "2017"})")),
          "Practitioner.identifier[0].period");
}
