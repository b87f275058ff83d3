#include "app/doctor.hpp"

#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "app/commands.hpp"
#include "app/counted.hpp"
#include "directory/source.hpp"

namespace gw::app {

namespace {

constexpr std::array<std::string_view, 3> kGrades{"good", "warning", "FAULT"};

std::string_view name_of(Grade grade) {
  return kGrades.at(static_cast<std::size_t>(grade));
}

/// Mistakes of the configuration, each as check-config has it.
void add_mistakes(const ConfigMistakes& mistakes, Report& report) {
  for (const auto& line : mistakes.lines) {
    report.fail("configuration", line, "mend that line; `gpconnect-gateway check-config` checks it again");
  }
}

/// The whole examination; ends early where the configuration does not tell what to examine.
void examine(const DoctorOptions& options, Report& report) {
  ConfigMistakes mistakes;
  const auto config = load_config(options.config, mistakes);
  if (!mistakes.lines.empty()) {
    add_mistakes(mistakes, report);
    return;
  }
  report.good("configuration", fmt::format("{} is right", config.file.string()));
  check_token_keys(config, mistakes);
  check_directory(config, mistakes);
  add_mistakes(mistakes, report);
  directory::DirectorySource source{config.organisations, config.patients};
  const auto loaded = source.reload();
  const auto directory = source.current();
  if (loaded) examine_size(*directory, config.asks_service, report);
  examine_files(config, *directory, SystemClock{}.now(), report);
  examine_machine(config, report);
  if (options.local) return;
  const bool on_terminal = ::isatty(STDERR_FILENO) == 1;
  examine_peers(
      config, *directory, seconds{options.within_s},
      [on_terminal](std::size_t begun, std::size_t all) {
        if (on_terminal) fmt::print(stderr, "\r\033[K{} of {} recipients", begun, all);
      },
      report);
  if (on_terminal) fmt::print(stderr, "\r\033[K");
}

}  // namespace

void examine_size(const directory::Directory& directory, bool asks_service, Report& report) {
  const auto organisations = directory.organisations().size();
  const auto patients = directory.patients().size();
  const auto what = fmt::format("{}, {}", counted(organisations, "organisation"), counted(patients, "patient"));
  if (organisations == 0 && !asks_service) {
    report.warn("directory", what + ": nobody can send or receive",
                "fill organisations.csv; deploying.md has its columns");
  } else if (patients == 0) {
    report.warn("directory", what + ": every task is refused", "fill patients.csv; deploying.md has its columns");
  } else {
    report.good("directory", what);
  }
}

std::size_t Report::count(Grade grade) const {
  return static_cast<std::size_t>(
      std::count_if(findings_.begin(), findings_.end(), [grade](const auto& one) { return one.grade == grade; }));
}

std::string as_text(const Report& report) {
  std::string text;
  for (const auto& [grade, about, what, mend] : report.findings()) {
    fmt::format_to(std::back_inserter(text), "{:<8} {:<20} {}\n", name_of(grade), about, what);
    if (!mend.empty()) fmt::format_to(std::back_inserter(text), "{:<29} mend: {}\n", "", mend);
  }
  fmt::format_to(std::back_inserter(text), "{}, {}\n", counted(report.count(Grade::kFault), "fault"),
                 counted(report.count(Grade::kWarning), "warning"));
  return text;
}

std::string as_json(const Report& report) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json{buffer};
  const auto put = [&json](const char* name, std::string_view text) {
    json.Key(name);
    json.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  };
  json.StartObject();
  json.Key("right");
  json.Bool(report.count(Grade::kFault) == 0);
  json.Key("findings");
  json.StartArray();
  for (const auto& [grade, about, what, mend] : report.findings()) {
    json.StartObject();
    put("grade", grade == Grade::kFault ? "fault" : name_of(grade));
    put("about", about);
    put("what", what);
    if (!mend.empty()) put("mend", mend);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return std::string{buffer.GetString()} + "\n";
}

int run_doctor(const DoctorOptions& options) {
  Report report;
  examine(options, report);
  fmt::print("{}", options.json ? as_json(report) : as_text(report));
  return report.count(Grade::kFault) == 0 ? kExitDone : kExitRefused;
}

}  // namespace gw::app
