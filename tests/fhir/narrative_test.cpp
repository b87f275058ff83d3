// Narrative safety (TASK-09): what DSTU2 allows passes, and a table of attacks does not.
#include "fhir/narrative.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

using namespace gw::fhir;

namespace {

std::string div(const std::string& content) {
  return "<div xmlns=\"http://www.w3.org/1999/xhtml\">" + content + "</div>";
}

}  // namespace

TEST_CASE("narrative: every element of DSTU2's list is allowed (TASK-09)", "[fhir]") {
  for (const std::string name :
       {"a",   "abbr", "acronym", "b",     "big", "blockquote", "br",  "caption", "cite", "code",  "col",  "colgroup",
        "dd",  "dfn",  "div",     "dl",    "dt",  "em",         "h1",  "h2",      "h3",   "h4",    "h5",   "h6",
        "hr",  "i",    "img",     "li",    "ol",  "p",          "pre", "q",       "samp", "small", "span", "strong",
        "sub", "sup",  "table",   "tbody", "td",  "tfoot",      "th",  "thead",   "tr",   "tt",    "ul",   "var"}) {
    INFO(name);
    CHECK(check_narrative(div("x<" + name + "/>")).problems.empty());
  }
}

TEST_CASE("narrative: other elements are refused by name (TASK-09)", "[fhir]") {
  for (const std::string name :
       {"script",   "style",    "link",   "meta",     "base",     "head",     "body",    "html",  "title",  "iframe",
        "frame",    "frameset", "object", "embed",    "applet",   "param",    "form",    "input", "button", "select",
        "textarea", "option",   "label",  "fieldset", "ins",      "del",      "map",     "area",  "svg",    "math",
        "video",    "audio",    "source", "canvas",   "template", "noscript", "marquee", "font",  "center", "u",
        "s",        "strike",   "kbd",    "bdo",      "address",  "SCRIPT",   "Div",     "x"}) {
    INFO(name);
    const auto report = check_narrative(div("x<" + name + "/>"));
    REQUIRE(report.problems.size() == 1);
    CHECK(report.problems.front().find("'" + name + "'") != std::string::npos);
  }
}

TEST_CASE("narrative: attributes of DSTU2's list are allowed with safe values (TASK-09)", "[fhir]") {
  for (
      const std::string content :
      {R"(<p id="a" class="b c" style="color: red; margin: 0" title="t" lang="en" xml:lang="en" dir="ltr">x</p>)",
       R"(<a href="https://example.org/x?y=1&amp;z=2">x</a><a href="HTTP://example.org">x</a><a name="n">x</a>)",
       R"(<a href="#part">x</a><a href="mailto:a@example.org">x</a><a href="tel:+441130000000" rel="x">x</a>)",
       R"(<table border="1" cellpadding="2" cellspacing="3" summary="s" width="4" frame="box" rules="all">)"
       R"(<tr><td colspan="2" rowspan="3" align="left" valign="top" nowrap="nowrap" headers="h" abbr="a">x</td></tr>)"
       R"(</table>)",
       R"(<img src="#pic" alt="a" height="1" width="2"/><img src="data:image/png;base64,AAAA"/>)",
       R"(<blockquote cite="https://example.org/">x</blockquote><ol start="3" type="a" compact="c"><li value="1">x</li></ol>)"}) {
    INFO(content);
    const auto report = check_narrative(div(content));
    CHECK(report.problems.empty());
    CHECK(report.has_content);
  }
}

TEST_CASE("narrative: attacks are refused, each in words that name the place (TASK-09)", "[fhir]") {
  const std::vector<std::pair<std::string, std::string>> attacks = {
      {"script", "<script>alert(1)</script>"},
      {"script", "<script xmlns=\"http://www.w3.org/1999/xhtml\" src=\"//evil\"/>"},
      {"onclick", "<p onclick=\"alert(1)\">x</p>"},
      {"onerror", "<img src=\"#a\" onerror=\"alert(1)\"/>"},
      {"ONLOAD", "<p ONLOAD=\"alert(1)\">x</p>"},
      {"formaction", "<p formaction=\"x\">x</p>"},
      {"href", "<a href=\"javascript:alert(1)\">x</a>"},
      {"href", "<a href=\"JaVaScRiPt:alert(1)\">x</a>"},
      {"href", "<a href=\" javascript:alert(1)\">x</a>"},
      {"href", "<a href=\"java&#10;script:alert(1)\">x</a>"},
      {"not well-formed", "<a href=\"&#x1;javascript:alert(1)\">x</a>"},
      {"href", "<a href=\"&#106;avascript:alert(1)\">x</a>"},
      {"href", "<a href=\"vbscript:x\">x</a>"},
      {"href", "<a href=\"data:text/html,x\">x</a>"},
      {"href", "<a href=\"file:///etc/passwd\">x</a>"},
      {"href", "<a href=\"//evil.example\">x</a>"},
      {"href", "<a href=\"page.html\">x</a>"},
      {"href", "<a href=\"\">x</a>"},
      {"href", "<p href=\"https://example.org\">x</p>"},
      {"src", "<img src=\"https://evil.example/pixel.gif\"/>"},
      {"src", "<img src=\"//evil.example/pixel.gif\"/>"},
      {"src", "<img src=\"pixel.gif\"/>"},
      {"src", "<img src=\"data:text/html,x\"/>"},
      {"src", "<img src=\"data:image/svg+xml,x\"/>"},
      {"src", "<img src=\"#\"/>"},
      {"src", "<p src=\"#a\">x</p>"},
      {"srcset", "<img src=\"#a\" srcset=\"https://evil.example/x 1x\"/>"},
      {"longdesc", "<img src=\"#a\" longdesc=\"javascript:x\"/>"},
      {"cite", "<q cite=\"javascript:x\">x</q>"},
      {"background", "<table background=\"https://evil.example\"><tr><td>x</td></tr></table>"},
      {"style", "<p style=\"background: url(https://evil.example)\">x</p>"},
      {"style", "<p style=\"background: URL (x); width: expression(alert(1))\">x</p>"},
      {"style", "<p style=\"background: u\\72l(https://evil.example)\">x</p>"},
      {"style", "<p style=\"width: exp/**/ression(alert(1))\">x</p>"},
      {"style", "<p style=\"background: image-set('https://evil.example' 1x)\">x</p>"},
      {"style", "<p style=\"@import 'x'\">x</p>"},
      {"style", "<p style=\"behavior: x\">x</p>"},
      {"style", "<p style=\"-MOZ-BINDING: x\">x</p>"},
      {"iframe", "<iframe src=\"https://evil.example\"/>"},
      {"object", "<object data=\"x\"/>"},
      {"form", "<form action=\"https://evil.example\"><input/></form>"},
      {"svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"><script/></svg>"},
      {"xlink:href", "<a xmlns:xlink=\"http://www.w3.org/1999/xlink\" xlink:href=\"javascript:x\">x</a>"},
      {"p", "<p xmlns=\"http://example.org\">x</p>"},
      {"processing instruction", "<?php x ?>"},
      {"CDATA", "<![CDATA[<script>alert(1)</script>]]>"},
      {"comment", "x<!--><script>alert(1)</script>-->"},
      {"comment", "x<!---><script>alert(1)</script>-->"},
      {"entity", "&bogus;"},
      {"not well-formed", "<b>x</p>"},
      {"not well-formed", "<b>x"},
      {"not well-formed", "<p a=\"1\" a=\"2\">x</p>"},
      {"not well-formed", "</div><div>"},
      {"not well-formed", "x & y"},
      {"not well-formed", "\xC3("},
  };
  for (const auto& [named, content] : attacks) {
    INFO(content);
    const auto report = check_narrative(div("text " + content));
    REQUIRE_FALSE(report.problems.empty());
    std::string all;
    for (const std::string& problem : report.problems) {
      CHECK(problem.ends_with("."));
      all += problem;
    }
    INFO(all);
    CHECK(all.find(named) != std::string::npos);
  }
}

TEST_CASE("narrative: it is one div and nothing around it (TASK-09)", "[fhir]") {
  for (const std::string markup :
       {"", " ", "text", "<p>x</p>", "<div>a</div><div>b</div>", "<div>a</div>x", "<?xml version=\"1.0\"?><div>x</div>",
        "<!DOCTYPE div><div>x</div>", "<!DOCTYPE d [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><div>&b;</div>",
        "<x:div>x</x:div>", "<div xmlns=\"http://example.org\">x</div>"}) {
    INFO(markup);
    CHECK_FALSE(check_narrative(markup).problems.empty());
  }
}

TEST_CASE("narrative: the namespace is told, not demanded (TASK-10)", "[fhir]") {
  CHECK(check_narrative(div("x")).in_xhtml_namespace);
  const auto bare = check_narrative("<div>x</div>");
  CHECK_FALSE(bare.in_xhtml_namespace);
  CHECK(bare.problems.empty());
  CHECK(check_narrative("<h:div xmlns:h=\"http://www.w3.org/1999/xhtml\"><h:b>x</h:b></h:div>").problems.empty());
}

TEST_CASE("narrative: content is text that a reader sees, or an image (TASK-09)", "[fhir]") {
  for (const std::string content : {"", " \n\t", "<p> </p>", "<br/>", "&nbsp;", "&#160;<b>\xE2\x80\x83</b>", "<!--x-->",
                                    "<img alt=\"x\"/>", "<img src=\"https://example.org/x.png\"/>"}) {
    INFO(content);
    CHECK_FALSE(check_narrative(div(content)).has_content);
  }
  CHECK(check_narrative(div("<p><b>x</b></p>")).has_content);
  CHECK(check_narrative(div("<img src=\"#a\"/>")).has_content);
}

TEST_CASE("narrative: the plain text has entities resolved, tags dropped and white space folded (OUT-12)", "[fhir]") {
  const auto text_of = [](const std::string& content) { return check_narrative(div(content)).text; };
  CHECK(text_of("  Please \n\t review <b>the</b> med<i>s</i>. ") == "Please review the meds.");
  CHECK(text_of("<p>one</p><p>two</p><ul><li>a</li><li>b</li></ul>c<br/>d") == "one two a b c d");
  CHECK(text_of("a &lt; b &amp;&nbsp;c &eacute;&#x20AC; &#8364;") == "a < b & c \xC3\xA9\xE2\x82\xAC \xE2\x82\xAC");
  CHECK(text_of("a<!-- not this -->b") == "ab");
}

TEST_CASE("narrative: size, depth and number of problems are bounded", "[fhir]") {
  CHECK(check_narrative(div(std::string(100, 'x')), 50).problems.size() == 1);
  std::string deep;
  for (int i = 0; i < 60'000; ++i) deep += "<b>";
  CHECK(check_narrative(div(deep)).problems.size() == 1);
  std::string bad;
  for (int i = 0; i < 10'000; ++i) bad += "<script/>";
  CHECK(check_narrative(div(bad)).problems.size() == 50);
}

TEST_CASE("narrative: its elements and attributes are limited, whatever their names (TASK-09)", "[fhir]") {
  std::string many;
  for (int i = 0; i < 20'001; ++i) many += "<b/>";
  const auto elements = check_narrative(div("x" + many));
  REQUIRE(elements.problems.size() == 1);
  CHECK(elements.problems.front().find("20000 elements and attributes") != std::string::npos);
  CHECK(check_narrative(div("x" + many.substr(0, 40'000))).problems.empty());
}

TEST_CASE("narrative: a long namespace URI, which expat writes before every name, is refused at once", "[fhir]") {
  const std::string uri(1000, 'u');
  for (const std::string& markup :
       {"<div xmlns=\"" + uri + "\">x</div>", "<div xmlns:p = '" + uri + "' p:a='1'>x</div>"}) {
    const auto report = check_narrative(markup);
    REQUIRE(report.problems.size() == 1);
    CHECK(report.problems.front().find("more than 128 characters") != std::string::npos);
  }
}

TEST_CASE("narrative: a parser used again has nothing left of the parse before", "[fhir]") {
  CHECK_FALSE(check_narrative("<div xmlns:x=\"http://example.org\"><p>").problems.empty());
  CHECK_FALSE(check_narrative("<div><?stop?></div>").problems.empty());
  CHECK_FALSE(check_narrative("<x:div>x</x:div>").problems.empty());
  const auto good = check_narrative(div("<p>one</p>"));
  CHECK(good.problems.empty());
  CHECK(good.text == "one");
}

TEST_CASE("narrative: a number of a person in an address is masked in what is told of it (AUD-04)", "[fhir]") {
  const auto report = check_narrative(div("<a href=\"urn:123 456 7890\">x</a>"));
  REQUIRE(report.problems.size() == 1);
  CHECK(report.problems.front().find("urn:123 *** ****") != std::string::npos);
}
