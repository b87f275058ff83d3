// gpconnect-gateway audit search | export: what is in a gateway's audit, also while it runs.
#include <fcntl.h>
#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "app/audit_event.hpp"
#include "app/commands.hpp"
#include "app/config.hpp"
#include "app/counted.hpp"
#include "app/progress.hpp"
#include "console/words.hpp"
#include "outbox/audit_search.hpp"

namespace gw::app {

namespace {

using outbox::AuditEntry;
using outbox::AuditQuery;
using outbox::AuditRecord;

int fail(std::string_view why) {
  fmt::print(stderr, "{}\n", why);
  return kExitFailed;
}

std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional{text};
}

/// What `text` names begins and ends here; a day is one of Europe/London.
struct Period {
  Instant begin, end;
};

std::optional<Period> period_from(const std::string& text) {
  const auto date = parse_fhir_datetime(text);
  if (!date) return std::nullopt;
  if (date->instant) return Period{*date->instant, *date->instant};
  if (date->precision != DateTime::Precision::kDay) return std::nullopt;
  const auto midnight = london_midnight(date->day);
  return Period{midnight, london_midnight_after(midnight)};
}

/// Faults (kInvalid): what on the command line is not right.
Result<AuditQuery> query_of(const AuditSelection& wanted) {
  AuditQuery query{.patient = {},
                   .identifier = unless_empty(wanted.identifier),
                   .trace = unless_empty(wanted.trace),
                   .user = unless_empty(wanted.user),
                   .organisation = unless_empty(wanted.organisation)};
  if (!wanted.patient.empty()) {
    const auto patient = console::nhs_number_from(wanted.patient);
    if (!patient) {
      return fault(FaultKind::kInvalid, "--patient is no NHS number: ten digits, the last a check digit");
    }
    query.patient = patient->text();
  }
  if (!wanted.task.empty()) {
    query.task = task_id_from(wanted.task);
    if (query.task->number == 0) {
      return fault(FaultKind::kInvalid, fmt::format("--task {}: that is no task id", wanted.task));
    }
  }
  constexpr std::string_view right = "is no day (2026-11-21) and no moment (2026-11-21T09:00:00Z)";
  if (!wanted.from.empty()) {
    const auto period = period_from(wanted.from);
    if (!period) return fault(FaultKind::kInvalid, fmt::format("--from {} {}", wanted.from, right));
    query.from = period->begin;
  }
  if (!wanted.to.empty()) {
    const auto period = period_from(wanted.to);
    if (!period) return fault(FaultKind::kInvalid, fmt::format("--to {} {}", wanted.to, right));
    query.before = period->end;
  }
  return query;
}

/// What both commands begin with.
struct Reading {
  Config config;
  AuditQuery query;
  std::unique_ptr<outbox::AuditView> view;
};

/// Faults: kInvalid for the command line; kStorage for all else.
Result<Reading> begin(const AuditSelection& wanted) {
  Reading reading;
  auto query = query_of(wanted);
  if (!query) return query.error();
  reading.query = std::move(*query);
  ConfigMistakes mistakes;
  reading.config = load_config(wanted.config, mistakes);
  if (!mistakes.lines.empty()) return fault(FaultKind::kStorage, fmt::format("{}", fmt::join(mistakes.lines, "\n")));
  auto view = outbox::AuditView::open(reading.config.outbox.path);
  if (!view) return fault(FaultKind::kStorage, view.error().detail);
  reading.view = std::move(*view);
  return reading;
}

int exit_of(const Fault& fault) {
  fail(fault.detail);
  return fault.kind == FaultKind::kInvalid ? kExitUsage : kExitFailed;
}

std::string json_of(const AuditEntry& entry) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json{buffer};
  const auto put = [&json](const char* name, const std::string& value) {
    json.Key(name);
    json.String(value);
  };
  const auto& record = entry.record;
  json.StartObject();
  json.Key("number");
  json.Int64(entry.number);
  put("at", to_iso8601(record.at));
  put("kind", record.kind);
  json.Key("status");
  json.Int(record.status);
  put("outcome", record.outcome);
  put("user_id", record.user_id);
  put("user_name", record.user_name);
  put("user_role", record.user_role);
  put("organisation", record.organisation);
  put("device", record.device);
  put("authority", record.authority);
  put("patient", record.patient);
  put("task", record.task ? to_text(*record.task) : std::string{});
  put("identifier", record.identifier);
  put("trace", record.trace);
  put("from", record.from);
  put("to", record.to);
  put("interaction", record.interaction);
  put("peer_fqdn", record.peer_fqdn);
  put("peer_fingerprint", record.peer_fingerprint);
  put("peer_address", record.peer_address);
  json.EndObject();
  return buffer.GetString();
}

/// The interaction without what all have in common.
std::string_view short_name(std::string_view interaction) {
  const auto colon = interaction.rfind(':');
  const auto before = colon == std::string_view::npos ? colon : interaction.rfind(':', colon - 1);
  return before == std::string_view::npos ? interaction : interaction.substr(before + 1);
}

void print_line(const AuditEntry& entry) {
  const auto& record = entry.record;
  fmt::print("{:>9}  {}  {:<8} {} {}  {}  {} -> {}  {}  {}  {}\n", entry.number, to_iso8601(record.at), record.kind,
             record.status == 0 ? std::string{"---"} : std::to_string(record.status), record.outcome,
             record.user_name.empty() ? record.user_id : record.user_name, record.from, record.to,
             short_name(record.interaction), record.patient, record.task ? to_text(*record.task) : std::string{});
}

void print_heading() {
  fmt::print("{:>9}  {:<24}  {:<8} {}\n", "number", "at", "kind",
             "status outcome  user  from -> to  interaction  patient  task");
}

/// Where an export goes: a new file, the owner's alone, or standard output.
class Output {
 public:
  explicit Output(const std::filesystem::path& file) : file_(file) {
    if (file.empty()) return;
    constexpr mode_t owner_only = 0600;
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, owner_only);
    stream_ = descriptor < 0 ? nullptr : ::fdopen(descriptor, "w");
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() {
    if (!file_.empty() && stream_ != nullptr) std::fclose(stream_);
  }
  [[nodiscard]] bool is_open() const { return stream_ != nullptr; }
  bool write(std::string_view line) {
    return std::fwrite(line.data(), 1, line.size(), stream_) == line.size() && std::fputc('\n', stream_) != EOF;
  }
  /// On disk, where it is a file.
  bool finish() { return std::fflush(stream_) == 0 && (file_.empty() || ::fsync(::fileno(stream_)) == 0); }

 private:
  const std::filesystem::path file_;
  std::FILE* stream_ = stdout;
};

}  // namespace

int run_audit_search(const AuditSearchOptions& options) {
  auto reading = begin(options.wanted);
  if (!reading) return exit_of(reading.error());
  auto& query = reading->query;
  query.newest_first = options.newest_first;
  query.after = options.after;
  std::size_t found = 0;
  std::int64_t last = 0;
  bool more = false;
  const bool headed = !options.json && ::isatty(STDOUT_FILENO) == 1;
  const auto read = reading->view->read(query, [&](const AuditEntry& entry) {
    if (found == 0 && headed) print_heading();
    more = found == options.count;
    if (more) return false;
    ++found;
    last = entry.number;
    if (options.json) {
      fmt::print("{}\n", json_of(entry));
    } else {
      print_line(entry);
    }
    return true;
  });
  if (!read) return fail(read.error().detail);
  std::fflush(stdout);
  if (found == 0) fmt::print(stderr, "no records\n");
  if (more) fmt::print(stderr, "there are more: --after {} shows them\n", last);
  return found == 0 ? kExitRefused : kExitDone;
}

int run_audit_export(const AuditExportOptions& options) {
  auto reading = begin(options.wanted);
  if (!reading) return exit_of(reading.error());
  const auto end = reading->view->last();
  if (!end) return fail(end.error().detail);
  Output output{options.output};
  if (!output.is_open()) {
    const int error = errno;
    const auto file = options.output.string();
    if (error == EEXIST) return exit_of(fault(FaultKind::kInvalid, file + " is there already: name a new file"));
    return fail(fmt::format("{} cannot be made: {}", file, std::generic_category().message(error)));
  }
  const auto& site = reading->config.exchange.caller.public_url;
  Progress progress{"records read"};
  std::uint64_t exported = 0;
  bool written = true;
  const auto read = reading->view->read(reading->query, [&](const AuditEntry& entry) {
    written = output.write(audit_event(entry, site));
    ++exported;
    progress.show(entry.number, *end);
    return written;
  });
  progress.clear();
  written = written && output.finish();
  if (!read) return fail(read.error().detail);
  if (!written) return fail(fmt::format("the export cannot be written: {}", std::generic_category().message(errno)));
  fmt::print(stderr, "{}\n", counted(exported, "event"));
  return kExitDone;
}

}  // namespace gw::app
