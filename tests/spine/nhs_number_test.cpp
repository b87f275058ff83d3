#include "spine/nhs_number.hpp"

#include <catch2/catch.hpp>

using namespace gw::spine;

TEST_CASE("nhs number: the check digit decides (SSP-10)", "[spine]") {
  const std::string good = GENERATE(as<std::string>{}, "9990000018", "9990001383", "9990002754", "9990004129");
  CHECK(is_nhs_number(good));
  for (char last = '0'; last <= '9'; ++last) {
    auto other = good;
    other.back() = last;
    CHECK(is_nhs_number(other) == (other == good));
  }
}

TEST_CASE("nhs number: a remainder that has no check digit makes no number (SSP-10)", "[spine]") {
  // Weighted sum 1: the check would be 10.
  for (char last = '0'; last <= '9'; ++last) CHECK_FALSE(is_nhs_number(std::string{"000000006"} + last));
  // Weighted sum 11: the check is 0.
  CHECK(is_nhs_number("0000000140"));
}

TEST_CASE("nhs number: anything but ten digits is none (SSP-10)", "[spine]") {
  const std::string bad = GENERATE(as<std::string>{}, "", "999000001", "99900000180", "999 000 0018", "999000001X",
                                   "+990000018", "٩990000018");
  CHECK_FALSE(is_nhs_number(bad));
  CHECK_FALSE(parse_nhs_number(bad));
}

TEST_CASE("nhs number: people read it in groups of 3, 3 and 4", "[spine]") {
  CHECK(display(*parse_nhs_number("9990000018")) == "999 000 0018");
  CHECK(display(gw::NhsNumber{}).empty());
}
