#include "spine/quote.hpp"

#include <catch2/catch.hpp>

using namespace gw::spine;

TEST_CASE("quote: what was found is cut to 64 bytes at a character's border (JWT-07)", "[spine]") {
  CHECK(quoted("abc") == "'abc'");
  CHECK(quoted(std::string(64, 'x')) == '\'' + std::string(64, 'x') + '\'');
  CHECK(quoted(std::string(65, 'x')) == '\'' + std::string(64, 'x') + "...'");
  CHECK(quoted(std::string(63, 'x') + "\u00e9") == '\'' + std::string(63, 'x') + "...'");
  CHECK(quoted("a\nb\x7f") == "'a?b?'");
}

TEST_CASE("quote: an NHS number never comes back whole (AUD-04)", "[spine]") {
  CHECK(quoted("9990000018") == "'999*******'");
  CHECK(quoted("id 999 000 0018.") == "'id 999 *** ****.'");
  CHECK(quoted("947-671-9915x") == "'947-***-****x'");
  CHECK(quoted("200000000101") == "'200000000101'");
  CHECK(quoted(std::string(60, 'x') + "9990000018") == '\'' + std::string(60, 'x') + "999*...'");
}

TEST_CASE("quote: names that differ by case or one slip are near", "[spine]") {
  CHECK(nearly("ISS", "iss"));
  CHECK(nearly("requesting_organisation", "requesting_organization"));
  CHECK(nearly("order", "orders"));
  CHECK(nearly("oder", "order"));
  CHECK_FALSE(nearly("order", "order"));
  CHECK_FALSE(nearly("oders", "order"));
  CHECK_FALSE(nearly("exp", "iat"));
  CHECK_FALSE(nearly("", "ab"));
}

TEST_CASE("quote: a long number is masked in whatever company it stands (AUD-04)", "[spine]") {
  CHECK(quoted("1234567890 1") == "'123******* *'");
  CHECK(quoted("123 - 456 - 7890") == "'123 - *** - ****'");
  CHECK(quoted("123\u00a0456\u00a07890") == "'123\u00a0***\u00a0****'");
  CHECK(quoted("12345678901") == "'123********'");
  CHECK(quoted("200000000101, 1234567890") == "'200000000101, 123*******'");
  CHECK(quoted("2026-06-15") == "'2026-06-15'");
}
