#include "base/digest.hpp"

#include <catch2/catch.hpp>

using namespace gw;

TEST_CASE("digest: SHA-256 of 'abc' is the published value", "[base]") {
  CHECK(to_hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("digest: pieces are hashed with their lengths, so moving a boundary changes the hash", "[base]") {
  CHECK(sha256_of({"ab", "c"}) != sha256_of({"a", "bc"}));
  CHECK(sha256_of({"a", ""}) != sha256_of({"", "a"}));
}

TEST_CASE("digest: base64url gives back what it was given, at every length", "[base]") {
  std::string bytes;
  for (int i = 0; i < 70; ++i) {
    CHECK(base64url_decode(base64url_encode(bytes)) == bytes);
    bytes += static_cast<char>(i * 37);
  }
}

TEST_CASE("digest: base64url tolerates padding and nothing else", "[base]") {
  CHECK(base64url_decode("YQ==") == "a");
  CHECK(base64url_decode("YQ") == "a");
  CHECK_FALSE(base64url_decode("Y").has_value());
  CHECK_FALSE(base64url_decode("YQ=a").has_value());
  CHECK_FALSE(base64url_decode("Y Q").has_value());
  CHECK_FALSE(base64url_decode("+/+/").has_value());
}

TEST_CASE("digest: a name in a namespace has one UUID, that of RFC 4122's version 5", "[base]") {
  // The namespace for DNS names and the example of its well-known implementations.
  CHECK(uuid_of_name("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com") ==
        "2ed6657d-e927-568b-95e1-2665a8aea6a2");
  CHECK(uuid_of_name("629ea9ba-a077-4d99-b289-7a9b19fd4e03", "0") !=
        uuid_of_name("629ea9ba-a077-4d99-b289-7a9b19fd4e03", "1"));
}

TEST_CASE("digest: a random UUID has version 4, variant 1 and no twin", "[base]") {
  const auto uuid = random_uuid();
  REQUIRE(uuid.size() == 36);
  CHECK(uuid[14] == '4');
  CHECK(std::string_view{"89ab"}.find(uuid[19]) != std::string_view::npos);
  CHECK(uuid != random_uuid());
}

TEST_CASE("digest: HMAC-SHA256 gives RFC 4231's values, again and again under one key", "[base]") {
  HmacSha256 short_key{"Jefe"};
  for (int i = 0; i < 2; ++i) {
    CHECK(to_hex(short_key.of("what do ya want for nothing?")) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(to_hex(short_key.of("")) != to_hex(short_key.of("a")));
  }
  HmacSha256 long_key{std::string(131, '\xaa')};
  CHECK(to_hex(long_key.of("Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}
