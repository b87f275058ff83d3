#include "console/html.hpp"

#include <catch2/catch.hpp>

namespace gw::console {

TEST_CASE("html: text is escaped wherever it stands, markup of the program is not (OPS-05)", "[console]") {
  Html html;
  html << R"(<a title=")"_m
       << R"(" onclick='x()'>&<script>)"
       << R"(">)"_m;
  CHECK(html.text() == R"(<a title="&quot; onclick=&#39;x()&#39;&gt;&amp;&lt;script&gt;">)");
}

TEST_CASE("html: bytes that are not UTF-8 and control characters cannot reach a page (OPS-05)", "[console]") {
  CHECK(escaped("a\x01"
                "b") ==
        "a\xEF\xBF\xBD"
        "b");
  CHECK(escaped("\xC3(") == "\xEF\xBF\xBD(");
  CHECK(escaped("\x7F") == "\xEF\xBF\xBD");
  CHECK(escaped("Zo\xC3\xAB\n\t") == "Zo\xC3\xAB\n\t");
}

TEST_CASE("html: a piece goes into another as it is", "[console]") {
  Html inner;
  inner << "<b>"_m
        << "1 < 2"
        << "</b>"_m;
  Html outer;
  outer << "<p>"_m << inner << std::size_t{7} << "</p>"_m;
  CHECK(outer.text() == "<p><b>1 &lt; 2</b>7</p>");
}

}  // namespace gw::console
