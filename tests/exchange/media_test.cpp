#include "exchange/media.hpp"

#include <catch2/catch.hpp>
#include <initializer_list>
#include <string>
#include <utility>

using gw::RequestHead;
using gw::exchange::answer_format;
using gw::exchange::body_format;
using gw::exchange::error_format;
using gw::exchange::format_of;
using gw::exchange::prefers_minimal;
using gw::fhir::Format;

namespace {

RequestHead with(std::initializer_list<std::pair<const char*, const char*>> headers) {
  RequestHead head;
  head.target = "/B82001/DSTU2/1/Order";
  for (const auto& [name, value] : headers) head.headers.push_back({name, value});
  return head;
}

std::string name_of(const gw::fhir::Checked<Format>& format) {
  if (format) return *format == Format::kJson ? "json" : "xml";
  const auto issue = format.error().issues.at(0);
  CHECK(issue.code == gw::fhir::ErrorCode::kBadRequest);
  return std::to_string(format.error().status) + " " + std::string{gw::fhir::code_of(issue.type)} + " " +
         issue.location;
}

std::string accepting(const char* accept) {
  return name_of(answer_format(with({{"Accept", accept}}), ""));
}

}  // namespace

TEST_CASE("media: every accepted media type names its format, casing and parameters aside (ANS-05)", "[exchange]") {
  for (const auto* const type :
       {"application/json+fhir", "application/fhir+json", "application/json", "application/JSON+FHIR",
        "application/json+fhir; charset=UTF-8", "application/json ;x=y"}) {
    INFO(type);
    CHECK(format_of(type) == Format::kJson);
    CHECK(name_of(body_format(with({{"Content-Type", type}}))) == "json");
    CHECK(accepting(type) == "json");
  }
  for (const auto* const type : {"application/xml+fhir", "application/fhir+xml", "application/xml", "text/xml",
                                 "Text/XML", "application/xml+fhir;charset=utf-8"}) {
    INFO(type);
    CHECK(format_of(type) == Format::kXml);
    CHECK(name_of(body_format(with({{"Content-Type", type}}))) == "xml");
    CHECK(accepting(type) == "xml");
  }
  for (const auto* const type : {"", "text/html", "text/plain", "application/jsonfhir", "application/fhir", "jsonx"}) {
    INFO(type);
    CHECK_FALSE(format_of(type).has_value());
  }
}

TEST_CASE("media: a body of no, an unknown or a doubled Content-Type is refused with 415 (ANS-05)", "[exchange]") {
  const std::string refused = "415 not-supported Content-Type";
  CHECK(name_of(body_format(with({}))) == refused);
  CHECK(name_of(body_format(with({{"Content-Type", ""}}))) == refused);
  CHECK(name_of(body_format(with({{"Content-Type", "text/html"}}))) == refused);
  CHECK(name_of(body_format(with({{"Content-Type", "json"}}))) == refused);
  CHECK(name_of(body_format(with({{"Content-Type", "*/*"}}))) == refused);
  CHECK(name_of(body_format(
            with({{"Content-Type", "application/json+fhir"}, {"content-type", "application/json+fhir"}}))) == refused);
}

TEST_CASE("media: a body's charset is UTF-8 or not said, anything else is refused with 415 (ANS-05)", "[exchange]") {
  const auto with_type = [](const char* type) { return name_of(body_format(with({{"Content-Type", type}}))); };
  CHECK(with_type("application/json+fhir;charset=utf-8") == "json");
  CHECK(with_type("application/json+fhir; charset=\"UTF-8\"") == "json");
  CHECK(with_type("application/json+fhir; Charset=UTF8") == "json");
  CHECK(with_type("application/json+fhir; version=1; charset=UTF-8") == "json");
  CHECK(with_type("application/json+fhir; charset=iso-8859-1") == "415 not-supported Content-Type");
  CHECK(with_type("application/xml+fhir; charset=UTF-16") == "415 not-supported Content-Type");
}

TEST_CASE("media: the refusal says what is offered (ANS-05, ANS-03)", "[exchange]") {
  const auto format = body_format(with({{"Content-Type", "text/html"}}));
  REQUIRE_FALSE(format.has_value());
  const auto said = format.error().issues.front().diagnostics;
  CHECK(said.find("text/html") != std::string::npos);
  CHECK(said.find("application/json+fhir") != std::string::npos);
  CHECK(said.find("application/xml+fhir") != std::string::npos);
}

TEST_CASE("media: _format beats Accept and Content-Type (ANS-05)", "[exchange]") {
  const auto head = with({{"Accept", "application/json+fhir"}, {"Content-Type", "application/json+fhir"}});
  for (const auto* const query : {"_format=xml", "_format=application/xml+fhir", "_format=application%2Fxml%2Bfhir",
                                  "_format=application/fhir+xml", "_format=text/xml", "a=b&_format=xml&c=d"}) {
    INFO(query);
    CHECK(name_of(answer_format(head, query)) == "xml");
  }
  const auto xml = with({{"Accept", "application/xml+fhir"}});
  CHECK(name_of(answer_format(xml, "_format=json")) == "json");
  CHECK(name_of(answer_format(xml, "_format=application/json%2Bfhir;charset=utf-8")) == "json");
  CHECK(name_of(answer_format(with({{"Accept", "text/html"}}), "_format=json")) == "json");
}

TEST_CASE("media: an unknown _format is refused with 415, and other parameters are not taken for it (ANS-05)",
          "[exchange]") {
  CHECK(name_of(answer_format(with({}), "_format=html")) == "415 not-supported _format");
  CHECK(name_of(answer_format(with({}), "_format=")) == "415 not-supported _format");
  CHECK(name_of(answer_format(with({}), "x_format=xml")) == "json");
  CHECK(name_of(answer_format(with({}), "a=_format")) == "json");
  const auto broken = answer_format(with({}), "_format=%zz");
  REQUIRE_FALSE(broken.has_value());
  CHECK(broken.error().status == 400);
}

TEST_CASE("media: Accept's quality decides, its order decides between equals (ANS-05)", "[exchange]") {
  CHECK(accepting("application/json+fhir;q=0.5, application/xml+fhir") == "xml");
  CHECK(accepting("application/json+fhir;q=0.5, application/xml+fhir;q=0.6") == "xml");
  CHECK(accepting("application/xml+fhir; q=0.8, application/json+fhir; q=0.9") == "json");
  CHECK(accepting("application/xml+fhir, application/json+fhir") == "xml");
  CHECK(accepting("text/html, application/xml+fhir;q=0.1") == "xml");
  CHECK(accepting("application/json+fhir;q=0, application/xml+fhir;q=0.001") == "xml");
  CHECK(name_of(answer_format(with({{"Accept", "text/html"}, {"Accept", "application/xml+fhir"}}), "")) == "xml");
}

TEST_CASE("media: Accept that offers nothing known is refused with 415 (ANS-05)", "[exchange]") {
  CHECK(accepting("text/html") == "415 not-supported Accept");
  CHECK(accepting("application/json+fhir;q=0") == "415 not-supported Accept");
  CHECK(accepting("application/json+fhir;q=nan") == "415 not-supported Accept");
  CHECK(accepting("application/json+fhir;q=inf") == "415 not-supported Accept");
  CHECK(accepting("application/json+fhir;q=-1") == "415 not-supported Accept");
  CHECK(accepting("application/json+fhir;q=0.5x") == "415 not-supported Accept");
}

TEST_CASE("media: a wildcard gives the request's own format, else JSON (ANS-05)", "[exchange]") {
  CHECK(accepting("*/*") == "json");
  CHECK(accepting("application/*;q=0.2") == "json");
  CHECK(accepting("text/html, */*;q=0.1") == "json");
  CHECK(accepting("*/*;q=0.1, application/xml+fhir;q=0.2") == "xml");
  CHECK(name_of(answer_format(with({{"Accept", "*/*"}, {"Content-Type", "application/xml+fhir"}}), "")) == "xml");
}

TEST_CASE("media: without _format and Accept the answer speaks the request's format, else JSON (ANS-05)",
          "[exchange]") {
  CHECK(name_of(answer_format(with({{"Content-Type", "application/xml+fhir; charset=UTF-8"}}), "")) == "xml");
  CHECK(name_of(answer_format(with({{"Content-Type", "application/json+fhir"}}), "")) == "json");
  CHECK(name_of(answer_format(with({{"Content-Type", "text/html"}}), "")) == "json");
  CHECK(name_of(answer_format(with({}), "")) == "json");
  CHECK(name_of(answer_format(with({{"Accept", ""}, {"Content-Type", "text/xml"}}), "")) == "xml");
}

TEST_CASE("media: an error always has a format to be told in (ANS-03, ANS-05)", "[exchange]") {
  CHECK(error_format(with({{"Accept", "text/html"}, {"Content-Type", "application/xml+fhir"}})) == Format::kXml);
  CHECK(error_format(with({{"Accept", "text/html"}})) == Format::kJson);
  CHECK(error_format(with({})) == Format::kJson);
  auto asked = with({{"Accept", "application/json+fhir"}});
  asked.target += "?_format=xml";
  CHECK(error_format(asked) == Format::kXml);
  asked.target = "/?_format=%zz";
  CHECK(error_format(asked) == Format::kJson);
}

TEST_CASE("media: Prefer: return=minimal is seen among other preferences (ANS-02)", "[exchange]") {
  CHECK(prefers_minimal(with({{"Prefer", "return=minimal"}})));
  CHECK(prefers_minimal(with({{"prefer", "Return=Minimal"}})));
  CHECK(prefers_minimal(with({{"Prefer", "respond-async, return=minimal; foo=bar"}})));
  CHECK(prefers_minimal(with({{"Prefer", "wait=10"}, {"Prefer", "return=minimal"}})));
  CHECK_FALSE(prefers_minimal(with({})));
  CHECK_FALSE(prefers_minimal(with({{"Prefer", "return=representation"}})));
  CHECK_FALSE(prefers_minimal(with({{"Prefer", "return=minimalist"}})));
  CHECK_FALSE(prefers_minimal(with({{"X-Prefer", "return=minimal"}})));
}

TEST_CASE("media: of two return preferences the first counts, as RFC 7240 says (ANS-02)", "[exchange]") {
  CHECK_FALSE(prefers_minimal(with({{"Prefer", "return=representation, return=minimal"}})));
  CHECK(prefers_minimal(with({{"Prefer", "return=minimal, return=representation"}})));
}
