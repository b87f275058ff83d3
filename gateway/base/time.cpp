#include "base/time.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <array>
#include <sstream>

namespace gw {

namespace {

// Looked up once; the zone's rules come from the system's tzdata.
const date::time_zone* london() {
  static const date::time_zone* const zone = date::locate_zone("Europe/London");
  return zone;
}

Day to_day(date::local_days days) {
  return Day{std::chrono::sys_days{std::chrono::days{days.time_since_epoch().count()}}};
}

// Takes exactly `count` digits off the front of `text`.
std::optional<int> take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// Zone: Z or (+|-)hh:mm up to 14:00. Gives minutes east of UTC.
std::optional<std::chrono::minutes> take_zone(std::string_view& text) {
  if (take(text, 'Z')) return std::chrono::minutes{0};
  const bool west = !text.empty() && text.front() == '-';
  if (!take(text, west ? '-' : '+')) return std::nullopt;
  const auto hours = take_digits(text, 2);
  if (!hours || !take(text, ':')) return std::nullopt;
  const auto minutes = take_digits(text, 2);
  if (!minutes || *minutes > 59 || *hours > 14 || (*hours == 14 && *minutes > 0)) return std::nullopt;
  const std::chrono::minutes offset{*hours * 60 + *minutes};
  return west ? -offset : offset;
}

// The time of day after the 'T', with its zone, on `day`.
std::optional<Instant> take_time(std::string_view text, Day day) {
  const auto hour = take_digits(text, 2);
  if (!hour || !take(text, ':')) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || !take(text, ':')) return std::nullopt;
  const auto second = take_digits(text, 2);
  if (!second || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  int milli = 0;
  if (take(text, '.')) {
    int digits = 0;
    for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), ++digits) {
      if (digits < 3) milli = milli * 10 + (text.front() - '0');
    }
    if (digits == 0) return std::nullopt;
    for (; digits < 3; ++digits) milli *= 10;
  }
  const auto offset = take_zone(text);
  if (!offset || !text.empty()) return std::nullopt;
  return Instant{std::chrono::sys_days{day}} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} +
         std::chrono::seconds{*second} + milliseconds{milli} - *offset;
}

}  // namespace

Day london_day(Instant at) {
  return to_day(date::floor<date::days>(london()->to_local(at)));
}

Instant london_midnight(Day day) {
  const date::local_days local{date::days{std::chrono::sys_days{day}.time_since_epoch().count()}};
  return std::chrono::floor<milliseconds>(london()->to_sys(local, date::choose::earliest));
}

Instant london_midnight_after(Instant at) {
  return london_midnight(Day{std::chrono::sys_days{london_day(at)} + std::chrono::days{1}});
}

std::string to_iso8601(Instant at) {
  const auto days = std::chrono::floor<std::chrono::days>(at);
  const Day day{days};
  const std::chrono::hh_mm_ss time{at - days};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(day.year()),
                     static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

std::string to_http_date(Instant at) {
  constexpr std::array<std::string_view, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto days = std::chrono::floor<std::chrono::days>(at);
  const Day day{days};
  const std::chrono::hh_mm_ss time{at - days};
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", weekdays[std::chrono::weekday{days}.c_encoding()],
                     static_cast<unsigned>(day.day()), months[static_cast<unsigned>(day.month()) - 1],
                     static_cast<int>(day.year()), time.hours().count(), time.minutes().count(),
                     time.seconds().count());
}

std::optional<Instant> parse_http_date(std::string_view text) {
  std::istringstream in{std::string{text}};
  date::sys_seconds read;
  in >> date::parse("%a, %d %b %Y %T GMT", read);
  if (in.fail()) return std::nullopt;
  const Instant at{read.time_since_epoch()};
  return to_http_date(at) == text ? std::optional{at} : std::nullopt;
}

std::string to_iso_date(Day day) {
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                     static_cast<unsigned>(day.day()));
}

std::optional<DateTime> parse_fhir_datetime(std::string_view text) {
  using Precision = DateTime::Precision;
  const auto year = take_digits(text, 4);
  if (!year || *year == 0) return std::nullopt;
  DateTime out;
  out.day = Day{std::chrono::year{*year}, std::chrono::month{1}, std::chrono::day{1}};
  if (text.empty()) return out;
  if (!take(text, '-')) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || *month < 1 || *month > 12) return std::nullopt;
  out.day = Day{out.day.year(), std::chrono::month{static_cast<unsigned>(*month)}, std::chrono::day{1}};
  out.precision = Precision::kMonth;
  if (text.empty()) return out;
  if (!take(text, '-')) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day) return std::nullopt;
  out.day = Day{out.day.year(), out.day.month(), std::chrono::day{static_cast<unsigned>(*day)}};
  out.precision = Precision::kDay;
  if (!out.day.ok()) return std::nullopt;
  if (text.empty()) return out;
  if (!take(text, 'T')) return std::nullopt;
  out.instant = take_time(text, out.day);
  if (!out.instant) return std::nullopt;
  out.precision = Precision::kInstant;
  return out;
}

}  // namespace gw
