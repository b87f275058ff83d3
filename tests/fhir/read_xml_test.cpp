// FHIR's XML: what is read, and what is refused before it can do harm.
#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "fhir/read.hpp"

using namespace gw::fhir;

namespace {

std::string order(const std::string& content) {
  return R"(<Order xmlns="http://hl7.org/fhir">)" + content + "</Order>";
}

const std::string kDate = R"(<date value="2016-11-21"/>)";

std::string words_of(const std::string& xml) {
  const auto read = read_xml(xml);
  return read.has_value() ? "accepted" : read.error().issues.front().diagnostics;
}

bool says(const std::string& xml, const std::string& words) {
  INFO(words_of(xml));
  CHECK(words_of(xml).find(words) != std::string::npos);
  return words_of(xml).find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("xml: elements, values, ids and extension urls become the tree that JSON gives", "[fhir]") {
  const auto read = read_xml(
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- a comment -->\n"
      "<Order xmlns=\"http://hl7.org/fhir\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
      "xsi:schemaLocation=\"http://hl7.org/fhir order.xsd\">\n"
      "  <id value=\"o1\"/>\n"
      "  <contained><Basic><id value=\"b\"/><code><text value=\"x\"/></code></Basic></contained>\n"
      "  <extension url=\"http://e\"><valueBoolean value=\"true\"/></extension>\n"
      "  <identifier id=\"i\"><value value=\"&lt;&#x41;&#10;&quot;&gt;\"/></identifier>\n"
      "  <detail><reference value=\"#b\"/></detail>\n  <detail><reference value=\"#c\"/></detail>\n"
      "</Order>");
  REQUIRE(read.has_value());
  const Element* root = read->root();
  CHECK(read->format() == Format::kXml);
  CHECK((root->name == "Order" && root->resource && root->resource_type == "Order"));
  CHECK(root->child("id")->kind == ValueKind::kXmlText);
  const Element* basic = root->child("contained");
  CHECK((basic->resource && basic->resource_type == "Basic" && basic->child_value("id") == "b"));
  CHECK(path_of(*basic->child("code")->child("text")) == "Order.contained.code.text");
  CHECK(root->child("extension")->child_value("url") == "http://e");
  CHECK(root->child("identifier")->child_value("id") == "i");
  CHECK(root->child("identifier")->child_value("value") == "<A\n\">");
  const Element* detail = root->child("detail");
  CHECK(path_of(*detail->next) == "Order.detail[1]");
  CHECK(path_of(*detail) == "Order.detail[0]");
  CHECK(read->position_of(detail->offset).line == 8);
  CHECK(read->position_of(detail->offset).column == 3);
}

TEST_CASE("xml: a div is kept as it was written, with its namespace declaration", "[fhir]") {
  const auto div_of = [](const std::string& text) {
    const auto read = read_xml(order("<text><status value=\"generated\"/>" + text + "</text>"));
    REQUIRE(read.has_value());
    const Element* div = read->root()->child("text")->child("div");
    REQUIRE(div != nullptr);
    CHECK(div->kind == ValueKind::kXhtml);
    return std::string{div->value};
  };
  const std::string plain =
      "<div xmlns=\"http://www.w3.org/1999/xhtml\"><p class='a'>x &amp; <b>y</b>\n<!--c--></p></div>";
  CHECK(div_of(plain) == plain);
  CHECK(div_of("<div xmlns=\"http://www.w3.org/1999/xhtml\"/>") == "<div xmlns=\"http://www.w3.org/1999/xhtml\"/>");
  CHECK(div_of("<div>no <i>namespace</i></div>") == "<div>no <i>namespace</i></div>");
  const auto prefixed = read_xml(
      "<Order xmlns=\"http://hl7.org/fhir\" "
      "xmlns:h=\"http://www.w3.org/1999/xhtml\"><text><h:div>x</h:div></text></Order>");
  REQUIRE(prefixed.has_value());
  CHECK(prefixed->root()->child("text")->child_value("div") ==
        "<h:div xmlns:h=\"http://www.w3.org/1999/xhtml\">x</h:div>");
  const auto inherited = read_xml(
      "<f:Order xmlns:f=\"http://hl7.org/fhir\" xmlns=\"http://www.w3.org/1999/xhtml\"><f:text><div id=\"a\">x</div>"
      "</f:text></f:Order>");
  REQUIRE(inherited.has_value());
  CHECK(inherited->root()->child("text")->child_value("div") ==
        "<div xmlns=\"http://www.w3.org/1999/xhtml\" id=\"a\">x</div>");
}

TEST_CASE("xml: a DOCTYPE is refused, and with it every entity attack", "[fhir]") {
  CHECK(says("<!DOCTYPE Order>" + order(kDate), "DOCTYPE"));
  CHECK(says("<!DOCTYPE Order SYSTEM \"http://127.0.0.1:1/x.dtd\">" + order(kDate), "DOCTYPE"));
  CHECK(says("<!DOCTYPE o [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>" + order("<date value=\"1\">&x;</date>"),
             "DOCTYPE"));
  CHECK(says("<!DOCTYPE o [<!ENTITY % p SYSTEM \"file:///etc/passwd\"> %p;]>" + order(kDate), "DOCTYPE"));
  std::string bomb = "<!DOCTYPE o [<!ENTITY a0 \"aaaaaaaaaa\">";
  for (int i = 1; i < 30; ++i) {
    bomb += "<!ENTITY a" + std::to_string(i) + " \"";
    for (int j = 0; j < 10; ++j) bomb += "&a" + std::to_string(i - 1) + ";";
    bomb += "\">";
  }
  CHECK(says(bomb + "]>" + order("<date value=\"&a29;\"/>"), "DOCTYPE"));
}

TEST_CASE("xml: what is not well formed or not FHIR is refused with one issue and a position (ANS-04)", "[fhir]") {
  const std::vector<std::string> bodies = {
      "",
      " \n",
      "Order",
      "<Order",
      "<Order xmlns=\"http://hl7.org/fhir\">",
      order("<date value=\"1\">"),
      order("<date value=1/>"),
      order("<date value=\"1\" value=\"2\"/>"),
      order(kDate) + order(kDate),
      order(kDate) + "x",
      order("<date value=\"&undefined;\"/>"),
      order("<date value=\"&nbsp;\"/>"),
      order("<date value=\"&#0;\"/>"),
      order("<date value=\"&#x1;\"/>"),
      order("<date value=\"\x01\"/>"),
      order("<date value=\"\xC3\"/>"),
      order("<date value=\"\xED\xA0\x80\"/>"),
      order("<x:date value=\"1\"/>"),
      order("<?php echo 1 ?>"),
      "<?xml-stylesheet href=\"http://x/\"?>" + order(kDate),
      "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" + order(kDate),
      "<?xml version=\"1.0\" encoding=\"UTF-16\"?>" + order(kDate),
      "\xFE\xFF" + order(kDate),
      "<Order>" + kDate + "</Order>",
      "<Order xmlns=\"http://hl7.org/fhir/wrong\">" + kDate + "</Order>",
      order("<x xmlns=\"http://example.org\"/>"),
      order("<date xmlns=\"\" value=\"1\"/>"),
  };
  for (const std::string& body : bodies) {
    INFO(body);
    const auto read = read_xml(body);
    REQUIRE(read.has_error());
    const Refusal refusal = read.error();
    CHECK(refusal.status == 400);
    REQUIRE(refusal.issues.size() == 1);
    CHECK(refusal.issues.front().code == ErrorCode::kBadRequest);
    CHECK(refusal.issues.front().line >= 1);
    CHECK(refusal.issues.front().diagnostics.ends_with("."));
  }
  CHECK(read_xml("\xEF\xBB\xBF" + order(kDate)).has_value());
}

TEST_CASE("xml: FHIR's rules of form are held, and the path is told (ANS-03)", "[fhir]") {
  CHECK(says(order("<date/>"), "neither a value nor content"));
  CHECK(says(order("<date value=\"\"/>"), "empty"));
  CHECK(says(order("<subject>Patient/1</subject>"), "Text stands between the tags"));
  CHECK(says(order("<![CDATA[x]]>" + kDate), "Text stands between the tags"));
  CHECK(says(order("<date value=\"1\" lang=\"en\"/>"), "'lang' is not allowed"));
  CHECK(says(order("<identifier url=\"x\"/>"), "'url' is not allowed"));
  CHECK(says("<Order xmlns=\"http://hl7.org/fhir\" id=\"1\">" + kDate + "</Order>", "'id' is not allowed"));
  CHECK(says("<Order xmlns=\"http://hl7.org/fhir\"/>", "empty"));
  CHECK(says(order("<_date value=\"1\"/>"), "not the name of a FHIR element"));
  CHECK(says(order("<resourceType value=\"Patient\"/>"), "not the name of a FHIR element"));
  CHECK(says(order("<contained/>"), "one resource"));
  CHECK(says(order("<contained><Basic/></contained>"), "resource is empty"));
  CHECK(says(order("<contained><Basic><id value=\"1\"/></Basic><Basic><id value=\"2\"/></Basic></contained>"),
             "One resource"));
  CHECK(says(order("<contained id=\"x\"><Basic><code value=\"1\"/></Basic></contained>"), "One resource"));
  CHECK(says(order("<detail><reference value=\"#a\"/></detail>" + kDate + "<detail><reference value=\"#b\"/></detail>"),
             "must stand together"));
  const Refusal refusal = read_xml(order("<subject><reference value=\"\"/></subject>")).error();
  CHECK(refusal.issues.front().location == "Order.subject.reference");
  CHECK(refusal.issues.front().column == 45);
}

TEST_CASE("xml: Conformance.rest.resource is an element, Bundle.entry.resource holds a resource", "[fhir]") {
  const auto bundle = read_xml(
      "<Bundle xmlns=\"http://hl7.org/fhir\"><entry><resource><Order><id "
      "value=\"1\"/></Order></resource></entry></Bundle>");
  REQUIRE(bundle.has_value());
  CHECK(bundle->root()->child("entry")->child("resource")->resource_type == "Order");
  const auto conformance = read_xml(
      "<Conformance xmlns=\"http://hl7.org/fhir\"><rest><resource><type "
      "value=\"Order\"/></resource></rest></Conformance>");
  REQUIRE(conformance.has_value());
  CHECK_FALSE(conformance->root()->child("rest")->child("resource")->resource);
}

TEST_CASE("xml: depth and number of elements are limited, and no depth harms", "[fhir]") {
  for (const int depth : {100, 200'000}) {
    std::string xml;
    for (int i = 0; i < depth; ++i) xml += "<a>";
    CHECK(says(order(xml), "nested deeper"));
  }
  std::string many;
  for (int i = 0; i < 600; ++i) many += "<note value=\"x\"/>";
  CHECK(read_xml(order(many)).has_value());
  CHECK(read_xml(order(many), {.elements = 1000}).error().issues.front().type == IssueType::kTooLong);
  std::string mixed;
  for (int i = 0; i < 9000; ++i) mixed += i % 2 == 0 ? "<a value=\"x\"/>" : "<b value=\"x\"/>";
  CHECK(says(order(mixed), "must stand together"));
}

TEST_CASE("xml: bodies of 20 MB are done with quickly", "[fhir]") {
  const auto start = std::chrono::steady_clock::now();
  CHECK(read_xml(order("<date value=\"" + std::string(20'000'000, 'x') + "\"/>")).has_value());
  CHECK(read_xml(order(std::string(20'000'000, ' ') + "<")).has_error());
  std::string many;
  while (many.size() < 20'000'000) many += "<a value=\"x\"/>";
  CHECK(read_xml(order(many)).has_error());
  std::string div = "<text><div>";
  for (int i = 0; i < 1'000'000; ++i) div += "<b>x</b>";
  CHECK(read_xml(order(div + "</div></text>")).has_value());
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{10});
}

TEST_CASE("xml: namespace declarations are bounded, so that none is multiplied by every name that uses it", "[fhir]") {
  std::string uses;
  for (int i = 0; i < 20'000; ++i) uses += " p:a" + std::to_string(i) + "=\"\"";
  const std::string uri(200'000, 'u');
  const auto start = std::chrono::steady_clock::now();
  const auto refused = read_xml("<Order xmlns=\"http://hl7.org/fhir\" xmlns:p=\"" + uri + "\"" + uses + "/>");
  REQUIRE(refused.has_error());
  REQUIRE(refused.error().issues.size() == 1);
  CHECK(refused.error().issues.front().diagnostics.find("128 characters") != std::string::npos);
  CHECK(refused.error().issues.front().column == 36);
  std::string many;
  for (int i = 0; i < 5000; ++i) many += " xmlns:a" + std::to_string(i) + "=\"u\"";
  CHECK(read_xml("<Order xmlns=\"http://hl7.org/fhir\"" + many + "/>").error().issues.front().type ==
        IssueType::kTooLong);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{2});
}

TEST_CASE("xml: faults do not repeat a long name at its full length (ANS-03)", "[fhir]") {
  const std::string name(200'000, 'n');
  std::string inside;
  for (int i = 0; i < 200; ++i) inside += "<a/>";
  const auto refused = read_xml(order("<" + name + " x=\"1\">" + inside + "</" + name + ">"));
  REQUIRE(refused.has_error());
  REQUIRE(refused.error().issues.size() == 100);
  for (const auto& issue : refused.error().issues) {
    CHECK(issue.location.size() < 600);
    CHECK(issue.diagnostics.size() < 400);
  }
}
