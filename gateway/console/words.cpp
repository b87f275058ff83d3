#include "console/words.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <sstream>

#include "spine/nhs_number.hpp"

namespace gw::console {

using outbox::State;
using outbox::StoredTask;

namespace {

std::string_view meaning_for_sender(State state) {
  switch (state) {
    case State::kReceived:
      return "It is on its way. Nothing has been sent to the recipient yet.";
    case State::kSending:
      return "It is being sent; the recipient has not confirmed it yet.";
    case State::kDelivered:
      return "The recipient has stored it.";
    case State::kRejected:
      return "The recipient refused it. It was not stored and will not be sent again.";
    case State::kFailed:
      return "It did not arrive, and will not arrive later. Send it again or use another channel.";
    case State::kInDoubt:
      return "It was sent, but the recipient did not confirm it: they may or may not have it. Telephone them and ask, "
             "before you send it again.";
    case State::kAbandoned:
      return "It was never sent, and will not be. Send it again or use another channel.";
    case State::kQueued:
      return "It waits to be sent.";
    case State::kRetryWait:
      return "The recipient could not be reached so far; it will be tried again.";
    case State::kExpired:
      return "It could not be delivered in time and will not be sent any more. Send it again or use another channel.";
  }
  return {};
}

std::string_view meaning_for_recipient(const StoredTask& stored) {
  if (stored.state == State::kInDoubt) {
    return "It was sent to your system, which did not confirm it. Look for it there; if it is missing, tell the "
           "sender.";
  }
  if (stored.state == State::kRejected) {
    return "Your system refused it and did not store it. The sender was told so.";
  }
  switch (word_for_staff(stored.state)) {
    case Word::kQueued:
    case Word::kSent:
      return "It is on its way to your system.";
    case Word::kReceived:
      return stored.mailbox ? "It is in your organisation's mailbox here." : "Your system has stored it.";
    case Word::kError:
      return "It was not delivered to your system, and will not be.";
  }
  return {};
}

std::string digits_of(std::string_view text) {
  std::string digits{text};
  std::erase_if(digits, [](char c) { return c == ' ' || c == '-'; });
  return digits;
}

}  // namespace

Word word_for_staff(State state) {
  const auto said = outbox::word_of(state);
  for (const auto word : kWords) {
    if (text_of(word) == said) return word;
  }
  return Word::kError;
}

std::vector<State> states_of(Word word) {
  constexpr int first = static_cast<int>(State::kReceived);
  constexpr int last = static_cast<int>(State::kExpired);
  std::vector<State> states;
  for (int state = first; state <= last; ++state) {
    if (word_for_staff(static_cast<State>(state)) == word) states.push_back(static_cast<State>(state));
  }
  return states;
}

std::string_view text_of(Word word) {
  switch (word) {
    case Word::kQueued:
      return "Queued";
    case Word::kSent:
      return "Sent";
    case Word::kReceived:
      return "Received";
    case Word::kError:
      return "Error";
  }
  return "Error";
}

std::string_view state_text(const StoredTask& stored, Side side) {
  const auto word = word_for_staff(stored.state);
  const bool in_doubt = stored.state == State::kInDoubt;
  if (side == Side::kSender) return in_doubt ? "Sent, not confirmed" : text_of(word);
  switch (word) {
    case Word::kQueued:
      return "On its way";
    case Word::kSent:
      return in_doubt ? "Not confirmed" : "On its way";
    case Word::kReceived:
      return stored.mailbox ? "In your mailbox" : "In your system";
    case Word::kError:
      return "Not delivered";
  }
  return "Not delivered";
}

std::string_view meaning_of(const StoredTask& stored, Side side) {
  return side == Side::kSender ? meaning_for_sender(stored.state) : meaning_for_recipient(stored);
}

std::string_view text_of_type(std::string_view code) {
  if (code == "1") return "Information only";
  if (code == "2") return "Action needed";
  return code;
}

std::string text_of(Instant at) {
  static const date::time_zone* const london = date::locate_zone("Europe/London");
  const date::sys_time<seconds> second{std::chrono::floor<seconds>(at).time_since_epoch()};
  return date::format("%d-%b-%Y %H:%M:%S", date::make_zoned(london, second));
}

std::string text_of(Day day) {
  constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  if (!day.ok()) return {};
  return fmt::format("{:02}-{}-{:04}", static_cast<unsigned>(day.day()),
                     months.at(static_cast<unsigned>(day.month()) - 1), static_cast<int>(day.year()));
}

std::optional<Instant> moment_from(std::string_view text) {
  constexpr std::string_view form = "2026-11-21T09:30";
  if (text.size() != form.size()) return std::nullopt;
  std::istringstream in{std::string{text}};
  date::local_time<std::chrono::minutes> local;
  in >> date::parse("%Y-%m-%dT%H:%M", local);
  if (in.fail()) return std::nullopt;
  const auto zoned = date::make_zoned("Europe/London", local, date::choose::earliest);
  return Instant{zoned.get_sys_time().time_since_epoch()};
}

std::optional<NhsNumber> nhs_number_from(std::string_view text) {
  return spine::parse_nhs_number(digits_of(text));
}

std::string_view why_no_nhs_number(std::string_view text) {
  constexpr std::size_t length = 10;
  const auto digits = digits_of(text);
  const bool whole = digits.size() == length && digits.find_first_not_of("0123456789") == std::string::npos;
  return whole ? "The check digit of this NHS number is wrong: look for a mistyped digit"
               : "Enter an NHS number of 10 digits, like 999 123 4567";
}

std::string name_of(const directory::Patient& patient) {
  auto family = patient.family_name;
  std::transform(family.begin(), family.end(), family.begin(),
                 [](char c) { return static_cast<char>(std::toupper(static_cast<unsigned char>(c))); });
  auto name = patient.given_name.empty() ? family : family + ", " + patient.given_name;
  if (!patient.title.empty()) name += " (" + patient.title + ")";
  return name;
}

std::string name_of_organisation(const OdsCode& ods, const directory::Directory& directory) {
  const auto* const known = directory.by_ods(ods.text());
  return known == nullptr || known->name.empty() ? ods.text() : known->name;
}

std::string text_of_age(milliseconds age) {
  const auto say = [](std::int64_t count, std::string_view unit) {
    return fmt::format("{} {}{}", count, unit, count == 1 ? "" : "s");
  };
  const auto whole = std::chrono::duration_cast<seconds>(std::max(age, milliseconds{0}));
  if (whole < std::chrono::minutes{2}) return say(whole.count(), "second");
  if (whole < std::chrono::hours{2})
    return say(std::chrono::duration_cast<std::chrono::minutes>(whole).count(), "minute");
  if (whole < std::chrono::days{2}) return say(std::chrono::duration_cast<std::chrono::hours>(whole).count(), "hour");
  return say(std::chrono::duration_cast<std::chrono::days>(whole).count(), "day");
}

}  // namespace gw::console
