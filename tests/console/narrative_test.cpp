#include "console/narrative.hpp"

#include <catch2/catch.hpp>

namespace gw::console {

namespace {
constexpr std::string_view kOpen = R"(<div xmlns="http://www.w3.org/1999/xhtml">)";

std::string shown(std::string_view inside) {
  return narrative_of(std::string{kOpen} + std::string{inside} + "</div>").html.text();
}
}  // namespace

TEST_CASE("narrative: words and structure are shown, attributes, links and styles are not (TASK-09, OPS-05)",
          "[console]") {
  CHECK(shown(R"(<p style="position:fixed" class="x">See <a href="https://evil.test/">here</a></p>)") ==
        "<div><p>See here</p></div>");
  CHECK(shown("<ul><li>one</li><li>two</li></ul>") == "<div><ul><li>one</li><li>two</li></ul></div>");
  CHECK(shown("<h1>Big</h1>") == "<div><p><strong>Big</strong></p></div>");
}

TEST_CASE("narrative: what a validator should have refused still does nothing (OPS-05)", "[console]") {
  CHECK(shown("<script>alert(1)</script>") == "<div>alert(1)</div>");
  CHECK(shown("&lt;script&gt;alert(1)&lt;/script&gt;") == "<div>&lt;script&gt;alert(1)&lt;/script&gt;</div>");
  CHECK(shown(R"~(<b onmouseover="x()">t</b>)~") == "<div><strong>t</strong></div>");
  CHECK(narrative_of("<!DOCTYPE div [<!ENTITY a \"b\">]><div>&a;</div>").html.text().empty());
}

TEST_CASE("narrative: an image is named, since its reader must know of it (OPS-05)", "[console]") {
  CHECK(shown(R"(<img src="#i" alt="ECG of 3 May"/>)") == "<div>[image not shown: ECG of 3 May]</div>");
}

TEST_CASE("narrative: a broken one is shown as far as it goes, with its elements closed", "[console]") {
  CHECK(narrative_of(std::string{kOpen} + "<p>one<ul>").html.text() == "<div><p>one<ul></ul></p></div>");
}

TEST_CASE("narrative: its plain text keeps lines, and the characters as they are", "[console]") {
  const auto text = narrative_of(std::string{kOpen} + "a &amp; b<br/>c<p>d</p>&nbsp;e</div>").text;
  CHECK(text ==
        "a & b\ncd\n\xC2\xA0"
        "e\n");
}

}  // namespace gw::console
