// Structured logs: one JSON object a line on standard error, through spdlog (asynchronous; drops rather than blocks).
// Never pass patient data, tokens or narrative: AUD-04. Thread-safe.
#pragma once

#include <initializer_list>
#include <span>
#include <string_view>
#include <variant>

namespace gw::log {

enum class Level : unsigned char { kDebug, kInfo, kWarn, kError };

/// A field of a log line.
struct Field {
  std::string_view name;
  std::variant<std::string_view, long long, double, bool> value;
};

/// Call once, before the first line. `level`: debug, info, warn or error; anything else is info.
void start(std::string_view level);
/// Write what is queued, then stop.
void stop();

/// For a process that ends now, while other threads may still log: waits up to a second for what is queued, then writes
/// the line itself, past the queue. Thread-safe, where stop() is not.
void last_words(std::string_view event, std::initializer_list<Field> fields = {});

void write(Level level, std::string_view event, std::span<const Field> fields);
inline void write(Level level, std::string_view event, std::initializer_list<Field> fields = {}) {
  write(level, event, std::span<const Field>{fields.begin(), fields.size()});
}

inline void info(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::kInfo, event, fields);
}
inline void warn(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::kWarn, event, fields);
}
inline void error(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::kError, event, fields);
}

}  // namespace gw::log
