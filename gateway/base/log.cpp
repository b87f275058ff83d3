#include "base/log.hpp"

#include <fmt/format.h>
#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "base/time.hpp"

namespace gw::log {

namespace {

constexpr std::size_t kQueueLines = 8192;

std::shared_ptr<spdlog::logger>& logger() {
  static std::shared_ptr<spdlog::logger> instance;
  return instance;
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarn:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::string_view name_of(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarn:
      return "warn";
    case Level::kError:
      return "error";
  }
  return "info";
}

void append_escaped(std::string& line, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      line += '\\';
      line += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      fmt::format_to(std::back_inserter(line), "\\u{:04x}", byte);
    } else {
      line += c;
    }
  }
}

struct AppendValue {
  std::string& line;
  void operator()(std::string_view text) const {
    line += '"';
    append_escaped(line, text);
    line += '"';
  }
  void operator()(long long number) const { fmt::format_to(std::back_inserter(line), "{}", number); }
  void operator()(double number) const { fmt::format_to(std::back_inserter(line), "{:.6g}", number); }
  void operator()(bool flag) const { line += flag ? "true" : "false"; }
};

std::string line_of(Level level, std::string_view event, std::span<const Field> fields) {
  std::string line = R"({"time":")";
  line += to_iso8601(SystemClock{}.now());
  line += R"(","level":")";
  line += name_of(level);
  line += R"(","event":")";
  append_escaped(line, event);
  line += '"';
  for (const auto& field : fields) {
    line += ",\"";
    line += field.name;
    line += "\":";
    std::visit(AppendValue{line}, field.value);
  }
  line += '}';
  return line;
}

}  // namespace

void start(std::string_view level) {
  spdlog::init_thread_pool(kQueueLines, 1);
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  logger() = std::make_shared<spdlog::async_logger>("gateway", sink, spdlog::thread_pool(),
                                                    spdlog::async_overflow_policy::overrun_oldest);
  logger()->set_pattern("%v");
  const auto chosen = level == "debug"   ? Level::kDebug
                      : level == "warn"  ? Level::kWarn
                      : level == "error" ? Level::kError
                                         : Level::kInfo;
  logger()->set_level(to_spdlog(chosen));
  logger()->flush_on(spdlog::level::warn);
  spdlog::register_logger(logger());
  spdlog::flush_every(std::chrono::seconds{1});
}

void stop() {
  // Gone only after the thread that writes with it.
  const auto last = std::exchange(logger(), nullptr);
  spdlog::shutdown();
}

void last_words(std::string_view event, std::initializer_list<Field> fields) {
  constexpr std::chrono::seconds patience{1};
  constexpr milliseconds step{1};
  const auto until = std::chrono::steady_clock::now() + patience;
  if (const auto pool = spdlog::thread_pool()) {
    while (pool->queue_size() != 0 && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(step);
  }
  const auto line = line_of(Level::kError, event, {fields.begin(), fields.size()}) + "\n";
  // There is nobody left to be told that it cannot be written.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

void write(Level level, std::string_view event, std::span<const Field> fields) {
  const auto& out = logger();
  if (!out || !out->should_log(to_spdlog(level))) return;
  const auto line = line_of(level, event, fields);
  out->log(to_spdlog(level), fmt::string_view{line.data(), line.size()});
}

}  // namespace gw::log
