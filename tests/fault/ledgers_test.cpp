// The proof that the checker finds what it is there to find: books with one fault in each.
#include "fault/ledgers.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace gw::test;
using gw::outbox::State;

namespace {

struct World {
  std::vector<SendersLine> senders;
  Books books;
};

World good_world() {
  World world;
  auto& books = world.books;
  world.senders = {{"stored", {201, 201}, true},  {"relayed", {0, 201}, false},
                   {"failed", {502, 502}, false}, {"refused", {422, 422}, false},
                   {"doubtful", {0, 504}, false}, {"doubtful and there", {504, 504}, false}};
  books.recipients = {{"stored", 1}, {"relayed", 1}, {"doubtful and there", 1}};
  world.books.outbox = {{"stored", {State::kDelivered}}, {"relayed", {State::kAbandoned, State::kDelivered}},
                        {"failed", {State::kFailed}},    {"refused", {State::kRejected}},
                        {"doubtful", {State::kInDoubt}}, {"doubtful and there", {State::kInDoubt}}};
  books.audit = {{"stored", {201}},  {"relayed", {201}},  {"failed", {502}},
                 {"refused", {422}}, {"doubtful", {504}}, {"doubtful and there", {504}}};
  return world;
}

struct Seeded {
  const char* found_as;
  void (*spoil)(World&);
};

const std::vector<Seeded> kSeeded{
    {"lost: told delivered", [](World& world) { world.books.recipients.erase("stored"); }},
    {"doubled:", [](World& world) { world.books.recipients["stored"] = 2; }},
    {"doubled:", [](World& world) { world.books.recipients["doubtful and there"] = 2; }},
    {"untrue: told to have failed, and the recipient has it",
     [](World& world) { world.books.recipients["failed"] = 1; }},
    {"untrue: told to have failed, and the recipient has it",
     [](World& world) { world.books.recipients["refused"] = 1; }},
    {"untrue: told to have failed, and to be delivered",
     [](World& world) {
       world.senders[1].told = {502, 201};
     }},
    {"untrue: told delivered, and later something else",
     [](World& world) {
       world.senders[0].told = {201, 504};
     }},
    {"untrue: told delivered, not on record", [](World& world) { world.books.outbox["stored"] = {State::kInDoubt}; }},
    {"untrue: told to have failed, on record as",
     [](World& world) { world.books.outbox["failed"] = {State::kInDoubt}; }},
    {"untrue: the recipient has it, and that is not on record",
     [](World& world) { world.books.outbox["doubtful and there"] = {State::kAbandoned}; }},
    {"untrue: told unknown, where it is known",
     [](World& world) {
       world.senders[0].told = {0, 504};
     }},
    {"untreated: its entry is unfinished", [](World& world) { world.books.outbox["doubtful"] = {State::kSending}; }},
    {"untreated: its entry is unfinished",
     [](World& world) {
       world.books.outbox["failed"] = {State::kFailed, State::kReceived};
     }},
    {"untreated: its last repeat got no answer",
     [](World& world) {
       world.senders[4].told = {504, 0};
     }},
    {"untreated: an answer that was given is not in the audit",
     [](World& world) { world.books.audit.erase("failed"); }},
};

}  // namespace

TEST_CASE("ledgers: books that agree have nothing wrong", "[fault][ledgers]") {
  CHECK(wrongs_of(good_world().senders, good_world().books) == std::vector<std::string>{});
}

TEST_CASE("ledgers: each seeded fault is found, and called by its name", "[fault][ledgers]") {
  for (const auto& seeded : kSeeded) {
    INFO(seeded.found_as);
    auto world = good_world();
    seeded.spoil(world);
    const auto wrongs = wrongs_of(world.senders, world.books);
    CHECK(std::ranges::any_of(
        wrongs, [&](const std::string& wrong) { return wrong.find(seeded.found_as) != std::string::npos; }));
  }
}
