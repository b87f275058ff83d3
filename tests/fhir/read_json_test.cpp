// JSON as RFC 8259 has it, and nothing more: what is accepted, what is refused, and what the refusal says.
#include "fhir/read.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

using namespace gw::fhir;
using namespace std::string_literals;

namespace {

struct Row {
  const char* what;
  std::string json;
};

std::string in_object(const std::string& value) {
  return R"({"a":)" + value + "}";
}

Issue only_issue(const Checked<Document>& read) {
  REQUIRE(read.has_error());
  REQUIRE(read.error().status == 400);
  REQUIRE(read.error().issues.size() == 1);
  return read.error().issues.front();
}

}  // namespace

TEST_CASE("json: what RFC 8259 allows is read", "[fhir]") {
  const std::vector<Row> rows = {
      {"empty object", "{}"},
      {"white space of all four kinds", " \t\r\n{ \t\r\n} \t\r\n"},
      {"zero", in_object("0")},
      {"negative zero", in_object("-0")},
      {"fraction and exponent", in_object("-12.340e+05")},
      {"capital exponent", in_object("1E2")},
      {"exponent below what a double holds", in_object("1e-400")},
      {"more digits than a double holds", in_object("0." + std::string(500, '1'))},
      {"fraction that once broke the full-precision parser", in_object("128." + std::string(770, '7') + "e-336")},
      {"all short escapes", in_object(R"("\"\\\/\b\f\n\r\t")")},
      {"escaped character", in_object(R"("\u00e9")")},
      {"surrogate pair", in_object(R"("\uD834\uDD1e")")},
      {"two, three and four bytes of UTF-8", in_object("\"\xC3\xA9\xE2\x82\xAC\xF0\x9D\x84\x9E\"")},
      {"noncharacter U+FFFF", in_object("\"\xEF\xBF\xBF\"")},
      {"DEL", in_object("\"\x7F\"")},
      {"empty key", R"({"":1})"},
      {"keys that differ in case", R"({"a":1,"A":2})"},
      {"literals", R"({"a":true,"b":false,"c":null})"},
      {"empty values", R"({"a":"","b":{},"c":[]})"},
      {"comment-like text in a string", in_object(R"("a/*b*/c//d")")},
  };
  for (const auto& [what, json] : rows) {
    INFO(what);
    const auto read = read_plain_json(json);
    CHECK(read.has_value());
  }
}

TEST_CASE("json: what RFC 8259 does not allow is refused with one issue that has a position (ANS-04)", "[fhir]") {
  const std::vector<Row> rows = {
      {"nothing", ""},
      {"white space only", " \n"},
      {"byte order mark", "\xEF\xBB\xBF{}"},
      {"UTF-16", "{\0}\0"s},
      {"NUL after the end", "{}\0"s},
      {"NUL and more after the end", "{}\0x"s},
      {"NUL in a string", "{\"a\":\"x\0y\"}"s},
      {"NUL after a number", "{\"a\":1\0}"s},
      {"bytes after the end", "{}x"},
      {"a second value", "{}{}"},
      {"a closing bracket too many", "{}}"},
      {"unclosed object", "{"},
      {"unclosed array", R"({"a":[1)"},
      {"unclosed string", R"({"a":"b)"},
      {"unclosed escape", R"({"a":"\)"},
      {"wrong closing bracket", R"({"a":[1})"},
      {"trailing comma in an object", R"({"a":1,})"},
      {"trailing comma in an array", R"({"a":[1,]})"},
      {"double comma", R"({"a":[1,,2]})"},
      {"leading comma", R"({,"a":1})"},
      {"missing colon", R"({"a" 1})"},
      {"missing value", R"({"a":})"},
      {"missing comma", R"({"a":1 "b":2})"},
      {"key without quotes", "{a:1}"},
      {"single quotes", "{'a':1}"},
      {"number as key", "{1:1}"},
      {"line comment", "{}//x"},
      {"block comment", "{/*x*/}"},
      {"capital literal", in_object("True")},
      {"cut literal", in_object("nul")},
      {"long literal", in_object("nulls")},
      {"NaN", in_object("NaN")},
      {"Infinity", in_object("Infinity")},
      {"minus Infinity", in_object("-Infinity")},
      {"Inf", in_object("Inf")},
      {"plus sign", in_object("+1")},
      {"lone minus", in_object("-")},
      {"double minus", in_object("--1")},
      {"leading zero", in_object("01")},
      {"negative leading zero", in_object("-01")},
      {"no digit before the point", in_object(".5")},
      {"no digit before the point, negative", in_object("-.5")},
      {"no digit after the point", in_object("1.")},
      {"no digit between point and exponent", in_object("1.e3")},
      {"empty exponent", in_object("1e")},
      {"signed empty exponent", in_object("1e+")},
      {"two points", in_object("1.2.3")},
      {"hexadecimal", in_object("0x1")},
      {"letter after a number", in_object("1a")},
      {"full-width digit", in_object("\xEF\xBC\x91")},
      {"raw line feed in a string", "{\"a\":\"x\ny\"}"},
      {"raw tab in a string", "{\"a\":\"x\ty\"}"},
      {"unknown escape", in_object(R"("\x41")")},
      {"escaped apostrophe", in_object(R"("\'")")},
      {"short unicode escape", in_object(R"("\u12")")},
      {"unicode escape that is not hexadecimal", in_object(R"("\u12G4")")},
      {"lone high surrogate", in_object(R"("\uD800")")},
      {"lone low surrogate", in_object(R"("\uDC00")")},
      {"low surrogate after text", in_object(R"("abc\uDFFFdef")")},
      {"two high surrogates", in_object(R"("\uD800\uD800")")},
      {"surrogates the wrong way round", in_object(R"("\uDC00\uD800")")},
      {"lone low surrogate in a key", R"({"\uDC00":1})"},
      {"escaped NUL", in_object(R"("a\u0000b")")},
      {"escaped NUL in a key", R"({"a\u0000b":1})"},
      {"lone continuation byte", in_object("\"\x80\"")},
      {"lead byte without its tail", in_object("\"\xC3\"")},
      {"overlong slash", in_object("\"\xC0\xAF\"")},
      {"overlong three bytes", in_object("\"\xE0\x80\xAF\"")},
      {"overlong four bytes", in_object("\"\xF0\x80\x80\xAF\"")},
      {"surrogate in UTF-8", in_object("\"\xED\xA0\x80\"")},
      {"above U+10FFFF", in_object("\"\xF4\x90\x80\x80\"")},
      {"byte FE", in_object("\"\xFE\"")},
      {"Latin-1", in_object("\"\xE9\"")},
      {"non-breaking blank between tokens", "{\xC2\xA0}"},
      {"form feed between tokens", "{\f}"},
      {"number too big", in_object("1e400")},
      {"array as root", "[]"},
      {"array of objects as root", "[{}]"},
      {"string as root", R"("a")"},
      {"number as root", "1"},
      {"null as root", "null"},
      {"array in an array", R"({"a":[[1]]})"},
  };
  for (const auto& [what, json] : rows) {
    INFO(what);
    for (const auto reader : {read_plain_json, read_json}) {
      const auto read = reader(json, ReadLimits{});
      const Issue issue = only_issue(read);
      CHECK(issue.code == ErrorCode::kBadRequest);
      CHECK(issue.line >= 1);
      CHECK(issue.column >= 1);
      CHECK(issue.diagnostics.ends_with("."));
    }
  }
}

TEST_CASE("json: a refusal says line, column and cause (ANS-03)", "[fhir]") {
  const Issue twice = only_issue(read_json("{\"resourceType\":\"Order\",\n \"date\":\"2016\",\n  \"date\":\"2017\"}"));
  CHECK(twice.line == 3);
  CHECK(twice.column == 3);
  CHECK(twice.diagnostics == "The key 'date' occurs twice in one object.");
  CHECK(twice.type == IssueType::kStructure);

  const Issue comma = only_issue(read_json("{\"resourceType\":\"Order\"\n\"date\":\"2016\"}"));
  CHECK(comma.line == 2);
  CHECK(comma.column == 1);
  CHECK(comma.diagnostics == "A ',' or '}' was expected here.");

  const Issue byte = only_issue(read_json("{\"resourceType\":\"Ord\xE9r\"}"));
  CHECK(byte.column == 21);
  CHECK(byte.diagnostics == "This byte is not valid UTF-8; the body must be UTF-8.");

  CHECK(only_issue(read_json("")).type == IssueType::kInvalid);
}

TEST_CASE("json: a key that occurs twice is refused, few keys or many, escaped or not", "[fhir]") {
  CHECK(read_plain_json(R"({"a":1,"a":1})").has_error());
  CHECK(read_plain_json(R"({"a":1,"\u0061":1})").has_error());
  CHECK(read_plain_json(R"({"a":{"b":1,"b":2}})").has_error());
  CHECK(read_json(R"({"resourceType":"Order","_x":{"id":"1"},"_x":{"id":"1"},"x":"1"})").has_error());
  CHECK(read_json(R"({"resourceType":"Order","resourceType":"Order"})").has_error());
  CHECK(read_json(R"({"resourceType":"Order","fhir_comments":["a"],"fhir_comments":["b"]})").has_error());
  CHECK(read_plain_json(R"({"a":{"b":1},"c":{"b":1},"b":1})").has_value());
  std::string many = "{";
  for (int i = 0; i < 5000; ++i) many += "\"k" + std::to_string(i) + "\":1,";
  CHECK(read_plain_json(many + "\"last\":1}").has_value());
  const Issue issue = only_issue(read_plain_json(many + "\"k77\":1,\"k3\":1}"));
  CHECK(issue.diagnostics == "The key 'k77' occurs twice in one object.");
  CHECK(issue.column == many.size() + 1);
}

TEST_CASE("json: depth is limited, and no depth of brackets harms", "[fhir]") {
  const auto nested = [](int depth) {
    std::string json;
    for (int i = 0; i < depth; ++i) json += "{\"a\":";
    json += "1";
    return json + std::string(static_cast<std::size_t>(depth), '}');
  };
  CHECK(read_plain_json(nested(64)).has_value());
  CHECK(only_issue(read_plain_json(nested(65))).type == IssueType::kTooLong);
  CHECK(read_plain_json(nested(3), {.depth = 2}).has_error());
  for (const int depth : {10'000, 200'000}) {
    CHECK(read_plain_json(nested(depth)).has_error());
    CHECK(read_plain_json(std::string(static_cast<std::size_t>(depth), '[')).has_error());
    CHECK(read_plain_json("{\"a\":" + std::string(static_cast<std::size_t>(depth), '[')).has_error());
    CHECK(read_plain_json(std::string(static_cast<std::size_t>(depth), '{')).has_error());
  }
}

TEST_CASE("json: the number of elements and values is limited", "[fhir]") {
  const auto list = [](int items) {
    std::string json = "{\"a\":[1";
    for (int i = 1; i < items; ++i) json += ",1";
    return json + "]}";
  };
  CHECK(read_plain_json(list(900), {.elements = 1000}).has_value());
  const Issue issue = only_issue(read_plain_json(list(1100), {.elements = 1000}));
  CHECK(issue.type == IssueType::kTooLong);
  CHECK(issue.diagnostics.find("1000") != std::string::npos);
  CHECK(read_plain_json("{\"fhir_comments\":" + list(1100) + "}", {.elements = 1000}).has_error());
}

TEST_CASE("json: bodies of 20 MB, good and bad, are done with quickly", "[fhir]") {
  const std::size_t size = 20'000'000;
  const std::string text(size, 'x');
  std::string items = "{\"a\":[1";
  while (items.size() < size) items += ",1";
  std::string escapes = "{\"a\":\"";
  while (escapes.size() < size) escapes += "\\u00e9";
  const auto start = std::chrono::steady_clock::now();
  CHECK(read_plain_json("{\"a\":\"" + text + "\"}").has_value());
  CHECK(read_plain_json(escapes + "\"}").has_value());
  CHECK(read_plain_json(items + "]}").has_error());
  CHECK(read_plain_json("{\"a\":" + std::string(size, ' ') + "x}").has_error());
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{10});
}

TEST_CASE("json: the tree holds names, values, kinds, order and positions", "[fhir]") {
  const std::string body = "{\"resourceType\":\"Order\",\n\"a\":[\"x\",{\"b\":1.50}],\"c\":tr";
  auto read = read_json(body + "ue}");
  REQUIRE(read.has_value());
  const Document& document = *read;
  CHECK(document.bytes() == body + "ue}");
  const Element* root = document.root();
  CHECK(root->name == "Order");
  CHECK(root->resource);
  CHECK(root->resource_type == "Order");
  const Element* a = root->first_child;
  CHECK((a->name == "a" && a->in_array && a->index == 0 && a->value == "x" && a->kind == ValueKind::kString));
  CHECK(document.position_of(a->offset).line == 2);
  CHECK(document.position_of(a->offset).column == 6);
  const Element* second = a->next;
  CHECK((second->name == "a" && second->index == 1 && second->kind == ValueKind::kNone));
  const Element* b = second->child("b");
  REQUIRE(b != nullptr);
  CHECK((b->value == "1.50" && b->kind == ValueKind::kNumber && !b->in_array));
  CHECK(path_of(*b) == "Order.a[1].b");
  CHECK(document.position_of(b->offset).column == 11);
  const Element* c = second->next;
  CHECK((c->name == "c" && c->value == "true" && c->kind == ValueKind::kBoolean && c->next == nullptr));
  CHECK(root->child_value("c") == "true");
  CHECK(root->child("d") == nullptr);

  const Document moved = std::move(*read);
  CHECK(moved.root()->child_value("c") == "true");
}

TEST_CASE("json: in a token, missing and empty can be told apart (JWT-02)", "[fhir]") {
  const auto read = read_plain_json(R"({"a":null,"b":"","c":{},"d":[],"_e":1,"resourceType":"Patient"})");
  REQUIRE(read.has_value());
  const Element* root = read->root();
  CHECK(root->name.empty());
  CHECK_FALSE(root->resource);
  CHECK((root->child("a")->kind == ValueKind::kNull && !root->child("a")->has_value()));
  CHECK((root->child("b")->kind == ValueKind::kString && root->child("b")->value.empty()));
  CHECK((root->child("c")->kind == ValueKind::kNone && root->child("c")->first_child == nullptr));
  CHECK(root->child("d") == nullptr);
  CHECK(root->child_value("_e") == "1");
  CHECK(root->child_value("resourceType") == "Patient");
}

TEST_CASE("json: faults do not repeat a long name at its full length (ANS-03)", "[fhir]") {
  const std::string name(200'000, 'n');
  const std::vector<std::string> values = {"[null,null,null]", "[{\"b\":\"\"},{\"b\":\"\"}]",
                                           "1,\"_" + name + "\":[{\"id\":\"a\"}]", "1,\"_" + name + "\":2"};
  for (const std::string& value : values) {
    const auto refused = read_json("{\"resourceType\":\"Order\",\"" + name + "\":" + value + "}");
    REQUIRE(refused.has_error());
    for (const auto& issue : refused.error().issues) {
      CHECK(issue.location.size() < 600);
      CHECK(issue.diagnostics.size() < 400);
    }
  }
}

TEST_CASE("json: many faults in one long line or on many lines are placed right (ANS-03)", "[fhir]") {
  std::string body = "{\"resourceType\":\"Order\",\"a\":[\n";
  for (int i = 0; i < 99; ++i) body += i % 3 == 0 ? "  {},\n" : " {}, {},";
  const auto refused = read_json(body + "{}]}");
  REQUIRE(refused.has_error());
  const Document whole{body, Format::kJson};
  std::size_t at = body.find("{}");
  for (const auto& issue : refused.error().issues) {
    const auto expected = whole.position_of(static_cast<std::uint32_t>(at));
    const auto newline = body.rfind('\n', at);
    CHECK(issue.line ==
          static_cast<std::uint32_t>(std::count(body.begin(), body.begin() + static_cast<long>(at), '\n')) + 1);
    CHECK(issue.column == at - newline);
    CHECK(expected.line == issue.line);
    at = body.find("{}", at + 1);
  }
}
