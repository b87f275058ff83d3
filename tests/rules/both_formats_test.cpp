// What only one of the two formats could have got wrong.
#include <catch2/catch.hpp>

#include "fhir/write.hpp"
#include "sample.hpp"

namespace {

using namespace gw;
using namespace gw::rules::test;

std::string xml_of(const std::string& json) {
  return fhir::write_xml(*read(json).root(), rules::shape());
}

}  // namespace

TEST_CASE("both formats: an extension in an extension is accepted in XML, where url is an attribute (TASK-11)",
          "[rules]") {
  const auto json =
      changed(R"("date": )",
              R"("extension": [{"url": "urn:x", "extension": [{"url": "part", "valueString": "y"}]}], "date": )");
  INFO(listing(check(json)) << xml_of(json) << listing(check(xml_of(json))));
  CHECK(check(json).issues.empty());
  CHECK(check(xml_of(json)).issues.empty());
}

TEST_CASE("both formats: an element given twice is one issue, in JSON's array too (TASK-11)", "[rules]") {
  const auto verdict = check(changed(R"("date": "2026-06-15")", R"("date": ["2026-06-15", "2026-06-15"])"));
  INFO(listing(verdict));
  REQUIRE(verdict.issues.size() == 1);
  CHECK(verdict.issues.front().diagnostics.find("one too many") != std::string::npos);
  CHECK(find_issue(check(changed(R"("date": "2026-06-15")", R"("date": ["2026-06-15"])")), "Order.date[0]",
                   "without an array") != nullptr);
}

TEST_CASE("both formats: a div of another namespace is the narrative's fault, with its path (TASK-09, TASK-11)",
          "[rules]") {
  auto xml = xml_of(own_task());
  const std::string from = "http://www.w3.org/1999/xhtml";
  xml.replace(xml.find(from), from.size(), "http://example.org/other");
  const auto verdict = check(xml);
  INFO(listing(verdict));
  REQUIRE(verdict.refused());
  CHECK(verdict.issues.front().location == "Order.contained.text.div");
  CHECK(verdict.issues.front().diagnostics.find("example.org/other") != std::string::npos);
}

TEST_CASE("both formats: an object in place of a plain value is refused, whatever it holds (TASK-11)", "[rules]") {
  const auto inside = check(changed(R"("display": "Somebody")", R"("display": {"id": "a"})"));
  CHECK(find_issue(inside, "Order.subject.display", "holds a plain value") != nullptr);
  const auto twin = check(changed(R"("display": "Somebody")",
                                  R"("_display": {"id": "a", "extension": [{"url": "urn:x", "valueString": "y"}]})"));
  INFO(listing(twin));
  CHECK(twin.issues.empty());
}
