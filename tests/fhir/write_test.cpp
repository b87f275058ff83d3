// Both writers, and the way there and back again.
#include "fhir/write.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>

#include "fhir/read.hpp"

using namespace gw::fhir;

namespace {

/// Tables for a few elements, in place of the real ones.
class SmallShape final : public Shape {
 public:
  [[nodiscard]] bool repeats(const Element& element) const override {
    static const std::set<std::string_view> kRepeats = {"contained", "extension", "profile", "coding",
                                                        "detail",    "given",     "name",    "issue"};
    return kRepeats.contains(element.name) && !(element.name == "name" && element.parent->parent != nullptr);
  }
  [[nodiscard]] ValueKind json_kind(const Element& element) const override {
    static const std::map<std::string_view, ValueKind> kKinds = {
        {"active", ValueKind::kBoolean},   {"valueDecimal", ValueKind::kNumber},
        {"date", ValueKind::kString},      {"given", ValueKind::kString},
        {"id", ValueKind::kString},        {"url", ValueKind::kString},
        {"reference", ValueKind::kString}, {"display", ValueKind::kString},
        {"div", ValueKind::kString},       {"status", ValueKind::kString},
        {"system", ValueKind::kString},    {"profile", ValueKind::kString},
        {"birthDate", ValueKind::kString}, {"text", ValueKind::kNone}};
    const auto found = kKinds.find(element.name);
    return found == kKinds.end() ? ValueKind::kNone : found->second;
  }
  [[nodiscard]] int order(const Element& element) const override {
    static const std::map<std::string_view, int> kRanks = {
        {"id", 0},        {"meta", 1},      {"text", 2}, {"status", 3},  {"div", 4},
        {"contained", 5}, {"extension", 6}, {"date", 7}, {"subject", 8}, {"detail", 9}};
    const auto found = kRanks.find(element.name);
    return found == kRanks.end() ? 50 : found->second;
  }
};

std::string json_to_xml(const std::string& json) {
  const auto read = read_json(json);
  REQUIRE(read.has_value());
  return write_xml(*read->root(), SmallShape{});
}

std::string xml_to_json(const std::string& xml) {
  const auto read = read_xml(xml);
  REQUIRE(read.has_value());
  return write_json(*read->root(), SmallShape{});
}

std::string json_to_json(const std::string& json) {
  const auto read = read_json(json);
  REQUIRE(read.has_value());
  return write_json(*read->root(), SmallShape{});
}

const std::string kTask =
    R"({"resourceType":"Order","id":"o1","meta":{"profile":["http://p"]},)"
    R"("contained":[{"resourceType":"Basic","id":"b","text":{"status":"generated",)"
    R"("div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">a &amp; b</div>"}}],)"
    R"("extension":[{"url":"http://e","valueDecimal":1.500}],"date":"2016-11-21","_date":{"id":"x"},)"
    R"("subject":{"reference":"Patient/1","display":"\"quoted\" <tag> & \u000a\u0009 \u00e9 \ud834\udd1e"},)"
    R"("detail":[{"reference":"#b"}]})";

}  // namespace

TEST_CASE("write: a task survives JSON to XML to JSON with every value (TASK-11)", "[fhir]") {
  const std::string straight = json_to_json(kTask);
  CHECK(xml_to_json(json_to_xml(kTask)) == straight);
  CHECK(json_to_json(straight) == straight);
}

TEST_CASE("write: numbers keep their digits and kinds", "[fhir]") {
  const auto decimal = [](const std::string& number) {
    return R"({"resourceType":"Order","extension":[{"url":"u","valueDecimal":)" + number + "}]}";
  };
  for (const std::string number : {"0", "-0.0", "1.500", "1E+2", "12345678901234567890.123456789"}) {
    CHECK(json_to_json(decimal(number)) == decimal(number));
    CHECK(xml_to_json(json_to_xml(decimal(number))) == decimal(number));
  }
  const std::string xml = R"(<Order xmlns="http://hl7.org/fhir"><active value="true"/></Order>)";
  CHECK(xml_to_json(xml) == R"({"resourceType":"Order","active":true})");
}

TEST_CASE("write: text that is no number or boolean never makes faulty JSON", "[fhir]") {
  for (const std::string text : {"01", "1.", ".5", "+1", "1e", "NaN", "1,2", "-", "1 "}) {
    const auto read = read_xml(R"(<Order xmlns="http://hl7.org/fhir"><extension url="u"><valueDecimal value=")" + text +
                               R"("/></extension><active value="yes"/></Order>)");
    REQUIRE(read.has_value());
    CHECK(write_json(*read->root(), SmallShape{}) ==
          R"({"resourceType":"Order","extension":[{"url":"u","valueDecimal":")" + text + R"("}],"active":"yes"})");
  }
}

TEST_CASE("write: arrays of primitives with extensions come back as twins", "[fhir]") {
  const std::string json =
      R"({"resourceType":"Patient","given":["Ann",null,"Bea"],"_given":[null,{"id":"x"},{"id":"y"}],)"
      R"("_birthDate":{"extension":[{"url":"u"}]}})";
  CHECK(json_to_json(json) == json);
  CHECK(xml_to_json(json_to_xml(json)) == json);
}

TEST_CASE("write: XML has the order of the tables, attributes for id and url, and resources in wrappers", "[fhir]") {
  CHECK(
      json_to_xml(R"({"detail":[{"reference":"#b"},{"id":"d","reference":"#c"}],"date":"2016","resourceType":"Order",)"
                  R"("extension":[{"url":"u","valueDecimal":1}],"contained":[{"resourceType":"Basic","id":"b"}]})") ==
      R"(<?xml version="1.0" encoding="UTF-8"?><Order xmlns="http://hl7.org/fhir"><contained><Basic><id value="b"/>)"
      R"(</Basic></contained><extension url="u"><valueDecimal value="1"/></extension><date value="2016"/>)"
      R"(<detail><reference value="#b"/></detail><detail id="d"><reference value="#c"/></detail></Order>)");
}

TEST_CASE("write: XHTML's named entities become character references in XML", "[fhir]") {
  const std::string xml = json_to_xml(
      R"({"resourceType":"Order","text":{"status":"generated","div":"<div>a&nbsp;&eacute;&amp;&bogus;</div>"}})");
  CHECK(xml.find("<div>a&#160;&#233;&amp;&bogus;</div>") != std::string::npos);
}

TEST_CASE("write: strings are escaped as RFC 8259 and XML 1.0 ask", "[fhir]") {
  const std::string json = R"({"resourceType":"Order","date":"\" \\ / \n \r \t <&>' \u007f"})";
  CHECK(json_to_json(json) == "{\"resourceType\":\"Order\",\"date\":\"\\\" \\\\ / \\n \\r \\t <&>' \x7F\"}");
  CHECK(json_to_xml(json).find("value=\"&quot; \\ / &#xA; &#xD; &#x9; &lt;&amp;&gt;' \x7F\"") != std::string::npos);
  CHECK(xml_to_json(json_to_xml(json)) == json_to_json(json));
}

TEST_CASE("write: a tree that was built, not read, is written alike", "[fhir]") {
  Document document{"", Format::kJson};
  Element* root = document.add(nullptr, "Patient");
  document.set_root(root);
  root->resource = true;
  root->resource_type = "Patient";
  for (const char* given : {"Ann", "Bea"}) {
    Element* element = document.add(root, "given");
    element->value = document.keep(given);
    element->kind = ValueKind::kString;
  }
  CHECK(write_json(*root, SmallShape{}) == R"({"resourceType":"Patient","given":["Ann","Bea"]})");
  CHECK(path_of(*root->last_child) == "Patient.given[1]");
}
