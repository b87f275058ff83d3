// Each primitive's lexical form, valid and invalid.
#include "rules/primitives.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using gw::rules::fits;
using gw::rules::Grammar;
using gw::rules::Kind;

namespace {

struct Form {
  Kind kind;
  const char* name;
  std::vector<std::string> right;
  std::vector<std::string> wrong;
};

const std::vector<Form>& forms() {
  static const std::vector<Form> kForms = {
      {Kind::kBoolean, "boolean", {"true", "false"}, {"", "True", "1", "yes", " true"}},
      {Kind::kInteger,
       "integer",
       {"0", "-1", "2147483647", "-2147483648"},
       {"", "-0", "01", "+1", "1.0", "1e3", "2147483648", "-2147483649", "99999999999999999999"}},
      {Kind::kUnsignedInt, "unsignedInt", {"0", "12"}, {"-1", "", "1.5", "2147483648"}},
      {Kind::kPositiveInt, "positiveInt", {"1", "12"}, {"0", "-1", "", "01"}},
      {Kind::kDecimal,
       "decimal",
       {"0", "-0.50", "1.00", "123456789012345678901234567890.1"},
       {"", ".5", "1.", "01.5", "1e3", "1.2E5", "+1", "NaN"}},
      {Kind::kString,
       "string",
       {"a", " a ", "line\nline", "\xc3\xa9"},
       {"", "   ", "\n", std::string("a\x01", 2), "a\x7f"}},
      {Kind::kMarkdown, "markdown", {"# a"}, {"", " "}},
      {Kind::kCode, "code", {"a", "Task Narrative", "1"}, {"", " a", "a ", "a  b", "a\n b"}},
      {Kind::kId, "id", {"1", "a-b.C", std::string(64, 'a')}, {"", "a b", "a_b", std::string(65, 'a'), "\xc3\xa9"}},
      {Kind::kUri, "uri", {"http://a/b", "urn:uuid:x", "Patient/1"}, {"", "a b", "a\tb", " a"}},
      {Kind::kOid,
       "oid",
       {"urn:oid:1.2.3", "urn:oid:2.16.840.0"},
       {"", "1.2.3", "urn:oid:", "urn:oid:1", "urn:oid:3.1", "urn:oid:1..2", "urn:oid:1.02"}},
      {Kind::kBase64Binary,
       "base64Binary",
       {"YQ==", "YWI=", "YWJj", "YW\nJj"},
       {"", "YQ", "YQ=", "Y===", "YQ==YQ==", "Y*Jj"}},
      {Kind::kInstant,
       "instant",
       {"2026-01-31T09:30:00Z", "2026-01-31T09:30:00.123+01:00"},
       {"", "2026-01-31", "2026-01-31T09:30:00", "2026-01-31T09:30Z", "2026-02-30T09:30:00Z"}},
      {Kind::kDate,
       "date",
       {"2026", "2026-01", "2026-01-31"},
       {"", "2026-1-1", "2026-13", "2026-02-29", "2026-01-31T09:30:00Z", "31/01/2026"}},
      {Kind::kDateTime,
       "dateTime",
       {"2026", "2026-01", "2026-01-31", "2026-01-31T09:30:00Z"},
       {"", "2026-01-31T09:30:00", "2026-01-31T24:00:00Z", "2026-01-31 09:30:00Z", "2026-00-01"}},
      {Kind::kTime,
       "time",
       {"09:30:00", "23:59:59.999"},
       {"", "24:00:00", "9:30:00", "09:30", "09:60:00", "09:30:00Z", "09:30:00."}},
  };
  return kForms;
}

}  // namespace

TEST_CASE("primitives: every right value of every primitive is accepted", "[rules]") {
  for (const auto& form : forms()) {
    for (const auto& text : form.right) {
      INFO(form.name << " '" << text << "'");
      CHECK(fits(form.kind, text));
    }
  }
}

TEST_CASE("primitives: every wrong value of every primitive is refused", "[rules]") {
  for (const auto& form : forms()) {
    for (const auto& text : form.wrong) {
      INFO(form.name << " '" << text << "'");
      CHECK_FALSE(fits(form.kind, text));
    }
  }
}

TEST_CASE("primitives: each has words that say what is right", "[rules]") {
  for (const auto& form : forms()) CHECK_FALSE(gw::rules::form_of(form.kind).empty());
}

TEST_CASE("primitives: text is refused beyond 1 MB", "[rules]") {
  CHECK(fits(Kind::kString, std::string(1024 * 1024, 'a')));
  CHECK_FALSE(fits(Kind::kString, std::string(1024 * 1024 + 1, 'a')));
}

TEST_CASE("primitives: language tags and media types follow their grammars", "[rules]") {
  for (const char* tag : {"en", "en-GB", "zh-Hans-CN", "x-klingon"}) CHECK(fits(Grammar::kLanguageTag, tag));
  for (const char* tag : {"", "english language", "en_GB", "-en", "en-", "1en"})
    CHECK_FALSE(fits(Grammar::kLanguageTag, tag));
  for (const char* type : {"text/plain", "application/json+fhir; charset=UTF-8"})
    CHECK(fits(Grammar::kMediaType, type));
  for (const char* type : {"", "text", "/plain", "text/", "te xt/plain"}) CHECK_FALSE(fits(Grammar::kMediaType, type));
}
