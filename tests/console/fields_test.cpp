#include "console/fields.hpp"

#include <catch2/catch.hpp>

namespace gw::console {

TEST_CASE("fields: a form is decoded, and the first of two fields counts", "[console]") {
  const auto fields = Fields::from("text=a+b%0D%0Ac%26d&x=1&x=2&empty=&blank=+7+");
  REQUIRE(fields.has_value());
  CHECK(fields->raw("text") == "a b\r\nc&d");
  CHECK(fields->get("x") == "1");
  CHECK(fields->has("empty"));
  CHECK(fields->get("empty").empty());
  CHECK(fields->get("blank") == "7");
  CHECK_FALSE(fields->has("none"));
}

TEST_CASE("fields: a broken encoding is no form", "[console]") {
  CHECK_FALSE(Fields::from("a=%4").has_value());
  CHECK_FALSE(Fields::from("a=%zz").has_value());
}

TEST_CASE("fields: a cookie is found by its whole name among others", "[console]") {
  const Headers headers{{"cookie", "not-it=1; __Host-it=2; xx=__Host-it=3"}};
  CHECK(cookie_of(headers, "__Host-it") == "2");
  CHECK(cookie_of(headers, "it").empty());
  CHECK(cookie_of({}, "it").empty());
}

TEST_CASE("fields: what goes into an address comes back as it was", "[console]") {
  const std::string text = "a b&c=d/\xC3\xA9#?%";
  const auto fields = Fields::from("v=" + query_encoded(text));
  REQUIRE(fields.has_value());
  CHECK(fields->raw("v") == text);
}

}  // namespace gw::console
