#include "console/words.hpp"

#include <catch2/catch.hpp>

namespace gw::console {

using outbox::State;

TEST_CASE("words: Received is said of a task that the recipient stored, and of no other (OPS-05)", "[console]") {
  CHECK(states_of(Word::kReceived) == std::vector<State>{State::kDelivered});
  CHECK(states_of(Word::kSent) == std::vector<State>{State::kSending, State::kInDoubt});
  CHECK(states_of(Word::kQueued) == std::vector<State>{State::kReceived, State::kQueued, State::kRetryWait});
  CHECK(states_of(Word::kError) ==
        std::vector<State>{State::kRejected, State::kFailed, State::kAbandoned, State::kExpired});
}

TEST_CASE("words: of a task that came here no state is said in the sender's words (OPS-05)", "[console]") {
  outbox::StoredTask task;
  for (int state = 1; state <= 10; ++state) {
    task.state = static_cast<State>(state);
    CAPTURE(state);
    const auto sender = state_text(task, Side::kSender);
    CHECK(sender.starts_with(outbox::word_of(task.state)));
    CHECK((sender == "Sent, not confirmed") == (task.state == State::kInDoubt));
    for (const auto word : kWords) CHECK(state_text(task, Side::kRecipient).find(text_of(word)) == std::string::npos);
    CHECK_FALSE(meaning_of(task, Side::kSender).empty());
    CHECK(meaning_of(task, Side::kRecipient).find("ecipient") == std::string::npos);
  }
  task.state = State::kDelivered;
  CHECK(state_text(task, Side::kRecipient) == "In your system");
  task.mailbox = true;
  CHECK(state_text(task, Side::kRecipient) == "In your mailbox");
}

TEST_CASE("words: times are London's, dates are DD-MMM-YYYY (OPS-05)", "[console]") {
  using namespace std::chrono;
  CHECK(text_of(Instant{sys_days{year{2026} / 7 / 4} + hours{23} + minutes{30} + seconds{5}}) ==
        "05-Jul-2026 00:30:05");
  CHECK(text_of(Instant{sys_days{year{2026} / 11 / 21} + hours{9}}) == "21-Nov-2026 09:00:00");
  CHECK(text_of(Day{year{1945} / 7 / 14}) == "14-Jul-1945");
}

TEST_CASE("words: an NHS number is read with or without its blanks", "[console]") {
  CHECK(nhs_number_from("999 000 0018").value_or(NhsNumber{}).text() == "9990000018");
  CHECK(nhs_number_from("9990000018").has_value());
  CHECK_FALSE(nhs_number_from("999 000 0019").has_value());
  CHECK_FALSE(nhs_number_from("").has_value());
  CHECK(why_no_nhs_number("999 000 0019").find("check digit") != std::string::npos);
  for (const auto* const text : {"", "999000001", "99900000019", "999000000x"}) {
    CHECK(why_no_nhs_number(text).find("of 10 digits") != std::string::npos);
  }
}

TEST_CASE("words: a patient is named as on a banner, family name first", "[console]") {
  directory::Patient patient;
  patient.family_name = "Appleby";
  patient.given_name = "Rowan";
  patient.title = "Ms";
  CHECK(name_of(patient) == "APPLEBY, Rowan (Ms)");
}

TEST_CASE("words: an age is told in the unit that people use for it", "[console]") {
  CHECK(text_of_age(milliseconds{1'400}) == "1 second");
  CHECK(text_of_age(std::chrono::minutes{3}) == "3 minutes");
  CHECK(text_of_age(std::chrono::hours{49}) == "2 days");
  CHECK(text_of_age(milliseconds{-5}) == "0 seconds");
}

}  // namespace gw::console
