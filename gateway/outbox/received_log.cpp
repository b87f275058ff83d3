#include "outbox/received_log.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/log.hpp"

namespace gw::outbox {

namespace {

constexpr off_t kLongestLine = 1 << 20;

void append_line(std::string& lines, const NewTask& task) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json{buffer};
  const auto put = [&](const char* name, const std::string& value) {
    json.Key(name);
    json.String(value);
  };
  json.StartObject();
  put("received", to_iso8601(task.received_at));
  put("trace_id", task.trace.text());
  put("identifier", task.identifier_value ? task.identifier_system.value_or("") + "|" + *task.identifier_value
                                          : task.given_identifier);
  put("body_sha256", to_hex(task.body_hash));
  put("id", to_text(task.id));
  put("recipient", task.recipient.text());
  json.EndObject();
  lines.append(buffer.GetString(), buffer.GetSize()).append("\n");
}

Fault system_fault(std::string_view what) {
  return fault(FaultKind::kStorage,
               fmt::format("the received log cannot be {}: {}", what, std::generic_category().message(errno)));
}

TaskId id_in(std::string line) {
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag>(line.data(), line.size());
  if (json.HasParseError() || !json.IsObject()) return {};
  const auto id = json.FindMember("id");
  if (id == json.MemberEnd() || !id->value.IsString()) return {};
  return task_id_from({id->value.GetString(), id->value.GetStringLength()});
}

}  // namespace

Result<std::unique_ptr<ReceivedLog>> ReceivedLog::open(const std::filesystem::path& path, Connection& connection,
                                                       ForeignLog foreign) {
  constexpr mode_t kOwnerOnly = 0600;
  const int descriptor = ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, kOwnerOnly);
  if (descriptor < 0) return system_fault("opened at " + path.string());
  std::unique_ptr<ReceivedLog> log{new ReceivedLog{descriptor, connection}};
  const auto done = log->catch_up();
  if (done) return log;
  if (foreign == ForeignLog::kRefuse || done.error().kind != FaultKind::kInvalid) return done.error();
  const auto last = log->last_logged();
  if (!last) return last.error();
  auto aside = path;
  aside += ".until-" + to_text(*last);
  std::error_code failed;
  std::filesystem::rename(path, aside, failed);
  if (failed)
    return fault(FaultKind::kStorage, fmt::format("the received log cannot be moved away: {}", failed.message()));
  log::warn("the received log of the outbox that was here before is kept beside a new one", {{"path", aside.string()}});
  return open(path, connection, ForeignLog::kRefuse);
}

ReceivedLog::~ReceivedLog() {
  ::close(descriptor_);
}

void ReceivedLog::add(const NewTask& task) {
  append_line(lines_, task);
}

void ReceivedLog::flush() {
  if (lines_.empty()) return;
  if (behind_) {
    lines_.clear();
    if (auto done = catch_up(); !done) log::error("received log is behind", {{"cause", done.error().detail}});
    return;
  }
  if (!write_lines()) {
    behind_ = true;
    log::error("received log is behind", {{"cause", std::generic_category().message(errno)}});
  }
}

bool ReceivedLog::write_lines() {
  const auto written = ::write(descriptor_, lines_.data(), lines_.size());
  const bool whole = written == static_cast<ssize_t>(lines_.size());
  lines_.clear();
  return whole;
}

Result<TaskId> ReceivedLog::last_logged() {
  const auto size = lseek(descriptor_, 0, SEEK_END);
  if (size < 0) return system_fault("read");
  const auto from = std::max<off_t>(0, size - kLongestLine);
  std::string tail(static_cast<std::size_t>(size - from), '\0');
  if (pread(descriptor_, tail.data(), tail.size(), from) != static_cast<ssize_t>(tail.size()))
    return system_fault("read");
  const auto end = tail.find_last_of('\n');
  const auto whole = end == std::string::npos ? 0 : end + 1;
  if (whole != tail.size() && ftruncate(descriptor_, from + static_cast<off_t>(whole)) != 0) return system_fault("cut");
  if (whole == 0) return TaskId{};
  const auto before = whole >= 2 ? tail.find_last_of('\n', whole - 2) : std::string::npos;
  const auto start = before == std::string::npos ? 0 : before + 1;
  const auto id = id_in(tail.substr(start, whole - 1 - start));
  if (id.number == 0)
    return fault(FaultKind::kInvalid, "the received log's last line names no task: move the file away");
  return id;
}

Status ReceivedLog::catch_up() {
  const auto last = last_logged();
  if (!last) return last.error();
  std::int64_t logged = 0;
  if (last->number != 0) {
    // Its one record; the audit still knows a task that was purged, but has to be read through for it.
    Statement find{connection_,
                   "SELECT coalesce((SELECT audited FROM task WHERE id = ?1 AND mailbox = 1), "
                   "(SELECT min(seq) FROM audit WHERE task = ?1))"};
    auto rows = find.query(last->number);
    if (!rows.next() || rows.is_null(0)) {
      return fault(FaultKind::kInvalid,
                   fmt::format("the received log ends with task {}, which this outbox does not hold: move the log away",
                               to_text(*last)));
    }
    logged = rows.integer(0);
  }
  Statement missing{connection_,
                    "SELECT t.received_at, c.trace, t.identifier_system, t.identifier_value, t.given_identifier, "
                    "t.body_hash, t.id, t.recipient FROM audit a JOIN task t ON t.id = a.task AND t.audited = a.seq "
                    "JOIN content c ON c.id = t.id WHERE a.seq > ?1 AND t.mailbox = 1 ORDER BY a.seq"};
  auto rows = missing.query(logged);
  while (rows.next()) {
    NewTask task;
    task.received_at = Instant{milliseconds{rows.integer(0)}};
    task.trace = TraceId{rows.text(1)};
    task.identifier_system = rows.text_if(2);
    task.identifier_value = rows.text_if(3);
    task.given_identifier = rows.text(4);
    const auto hash = rows.view(5);
    std::copy_n(hash.begin(), std::min(hash.size(), task.body_hash.size()), task.body_hash.begin());
    task.id = TaskId{rows.integer(6)};
    task.recipient = OdsCode{rows.text(7)};
    append_line(lines_, task);
    if (lines_.size() >= static_cast<std::size_t>(kLongestLine) && !write_lines()) return system_fault("written");
  }
  if (auto read = connection_.status(); !read) return read;
  if (!lines_.empty() && !write_lines()) return system_fault("written");
  behind_ = false;
  return Done{};
}

}  // namespace gw::outbox
