// Time comes in through here, so that tests set it. Wall-clock instants are UTC to the millisecond.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gw {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A wall-clock instant (UTC, ms). Never used to order events: sequences do that.
using Instant = std::chrono::sys_time<std::chrono::milliseconds>;
/// A calendar day.
using Day = std::chrono::year_month_day;

/// Where "now" comes from. One object for the process; thread-safe.
class Clock {
 public:
  Clock() = default;
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
};

/// The day that `at` falls on in Europe/London (TASK-07).
[[nodiscard]] Day london_day(Instant at);
/// The instant at which `day` begins in Europe/London.
[[nodiscard]] Instant london_midnight(Day day);
/// The first instant after the London day that `at` falls on (OUT-06).
[[nodiscard]] Instant london_midnight_after(Instant at);

/// A FHIR instant in UTC, `2026-11-21T01:02:03.456Z`.
[[nodiscard]] std::string to_iso8601(Instant at);
/// RFC 7231 date, `Sat, 21 Nov 2026 01:02:03 GMT`.
[[nodiscard]] std::string to_http_date(Instant at);
/// Read what to_http_date writes; nothing for any other text.
[[nodiscard]] std::optional<Instant> parse_http_date(std::string_view text);
/// `2026-11-21`.
[[nodiscard]] std::string to_iso_date(Day day);

/// A FHIR dateTime's parts. `offset` is absent when the text has no zone; day-only values have no `instant`.
struct DateTime {
  enum class Precision : unsigned char { kYear, kMonth, kDay, kInstant };
  Precision precision = Precision::kYear;
  Day day{};                       ///< as written, in the zone as written
  std::optional<Instant> instant;  ///< UTC, when the precision is kInstant
};

/// Parse a DSTU2 dateTime or date: YYYY, YYYY-MM, YYYY-MM-DD, or a full timestamp, whose zone is mandatory.
/// Gives nothing when the text breaks the lexical form or names a day that does not exist.
[[nodiscard]] std::optional<DateTime> parse_fhir_datetime(std::string_view text);

}  // namespace gw
