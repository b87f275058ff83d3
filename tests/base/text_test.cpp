#include "base/text.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace gw;

TEST_CASE("text: blanks around it are taken off, and no other white space", "[base]") {
  CHECK(trimmed(" \t a b\t ") == "a b");
  CHECK(trimmed("a") == "a");
  CHECK(trimmed(" \t ").empty());
  CHECK(trimmed("").empty());
  CHECK(trimmed("\r\na\n") == "\r\na\n");
}

TEST_CASE("text: a list is taken item by item, empty ones too, and then is empty", "[base]") {
  std::string_view rest = " a , b,,c ";
  std::string items;
  while (!rest.empty()) items += '<' + std::string{take_until(rest, ',')} + '>';
  CHECK(items == "<a><b><><c>");
  CHECK(take_until(rest, ',').empty());
}

TEST_CASE("text: a list has an element whatever its case, and never a part of one", "[base]") {
  CHECK(list_has("keep-alive,  Close", "close"));
  CHECK(list_has("close", "close"));
  CHECK_FALSE(list_has("closed, not-close", "close"));
  CHECK_FALSE(list_has("", "close"));
}

TEST_CASE("text: a hexadecimal digit has its value in both cases, and no other character has one", "[base]") {
  const std::string digits = "0123456789abcdef";
  for (int c = 0; c < 256; ++c) {
    const auto lower = c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
    const auto at = digits.find(static_cast<char>(lower));
    CHECK(hex_digit(static_cast<char>(c)) == (at == std::string::npos ? -1 : static_cast<int>(at)));
  }
}
