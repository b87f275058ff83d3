// gpconnect-gateway outbox list | show | backup: what is in a gateway's outbox, also while it runs.
#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <unistd.h>

#include <memory>

#include "app/commands.hpp"
#include "app/config.hpp"
#include "app/progress.hpp"
#include "console/narrative.hpp"
#include "console/task_detail.hpp"
#include "console/task_list.hpp"
#include "console/words.hpp"
#include "directory/source.hpp"
#include "outbox/backup.hpp"
#include "outbox/view.hpp"
#include "spine/nhs_number.hpp"

namespace gw::app {

namespace {

using outbox::StoredTask;

int fail(const std::string& why) {
  fmt::print(stderr, "{}\n", why);
  return kExitFailed;
}

int wrong_use(const std::string& why) {
  fmt::print(stderr, "{}\n", why);
  return kExitUsage;
}

Result<Config> config_of(const std::filesystem::path& file) {
  ConfigMistakes mistakes;
  auto config = load_config(file, mistakes);
  if (!mistakes.lines.empty()) return fault(FaultKind::kInvalid, fmt::format("{}", fmt::join(mistakes.lines, "\n")));
  return config;
}

/// What `outbox show` tells beside what is stored.
struct Content {
  std::string patient;  ///< for people: NHS number, name and birth date; or what is known instead
  std::string nhs_number;
  std::string text;  ///< the narrative as plain text; empty where the body has none that can be read
};

Content content_of(const outbox::NewTask& task, const Config& config) {
  Content content;
  content.text = console::narrative_of(console::div_of(task)).text;
  content.text.erase(content.text.find_last_not_of('\n') + 1);
  directory::DirectorySource source{config.organisations, config.patients};
  if (auto loaded = source.reload(); !loaded) {
    content.patient = fmt::format("{} (the directory cannot be read: {})", task.subject, loaded.error().detail);
    return content;
  }
  const auto directory = source.current();
  const auto* const patient = console::patient_of(task.subject, *directory);
  if (patient == nullptr) {
    content.patient = task.subject + ", not in the patient index here";
    return content;
  }
  content.nhs_number = patient->nhs_number.text();
  content.patient =
      fmt::format("{}  {}{}", spine::display(patient->nhs_number), console::name_of(*patient),
                  patient->born ? fmt::format(", born {}", console::text_of(*patient->born)) : std::string{});
  return content;
}

/// `content` null: without what is in the task.
std::string json_of(const StoredTask& stored, const Content* content) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json{buffer};
  const auto put = [&json](const char* name, const std::string& value) {
    json.Key(name);
    json.String(value);
  };
  json.StartObject();
  put("id", to_text(stored.task.id));
  put("state", std::string{outbox::name_of(stored.state)});
  put("sender", stored.task.sender.text());
  put("recipient", stored.task.recipient.text());
  put("trace", stored.task.trace.text());
  put("identifier", stored.task.identifier_value.value_or(stored.task.given_identifier));
  put("type", stored.task.type);
  put("received", to_iso8601(stored.task.received_at));
  put("updated", to_iso8601(stored.updated_at));
  json.Key("attempts");
  json.Int(stored.attempts);
  json.Key("status");
  json.Int(stored.reply.status);
  put("note", stored.note);
  if (const auto& deferral = stored.task.deferral) {
    put("limit", to_iso8601(deferral->limit));
    put("next_try", deferral->due ? to_iso8601(*deferral->due) : std::string{});
  }
  json.Key("resolved");
  json.Bool(stored.resolved);
  json.Key("text_lost");
  json.Bool(stored.text_lost);
  put("body_sha256", to_hex(stored.task.body_hash));
  if (content != nullptr) {
    put("patient", content->nhs_number);
    put("text", content->text);
    put("subject", stored.task.subject);
    put("source", stored.task.source);
    put("target", stored.task.target);
    put("content_type", stored.task.content_type);
    put("body", stored.task.body);
    put("answer", stored.reply.body);
  }
  json.EndObject();
  return buffer.GetString();
}

void print_heading() {
  fmt::print("{:<13}  {:<10} {:>6} -> {:<6}  {:<24}  {}  {}\n", "id", "state", "from", "to", "received", "ans",
             "trace id");
}

void print_line(const StoredTask& stored) {
  fmt::print("{}  {:<10} {:>6} -> {:<6}  {}  {}  {}\n", to_text(stored.task.id), outbox::name_of(stored.state),
             stored.task.sender.text(), stored.task.recipient.text(), to_iso8601(stored.task.received_at),
             stored.reply.status == 0 ? std::string{"---"} : std::to_string(stored.reply.status),
             stored.task.trace.text());
}

void print_whole(const StoredTask& stored, const Content& content) {
  const auto row = [](std::string_view name, std::string_view value) {
    if (!value.empty()) fmt::print("{:<12} {}\n", name, value);
  };
  row("id", to_text(stored.task.id));
  row("state", outbox::name_of(stored.state));
  row("why", stored.note);
  if (stored.resolved) row("resolved", "it was in doubt; its sender's repeats are told what was found out");
  row("answered", stored.reply.status == 0 ? std::string{} : std::to_string(stored.reply.status));
  row("from", stored.task.sender.text() + " (" + stored.task.source + ")");
  row("to", stored.task.recipient.text() + " (" + stored.task.target + ")");
  row("patient", content.patient);
  row("type", stored.task.type == "2" ? "action needed" : "information only");
  row("dated", stored.task.date);
  row("received", to_iso8601(stored.task.received_at));
  row("updated", to_iso8601(stored.updated_at));
  row("trace id", stored.task.trace.text());
  row("identifier", stored.task.identifier_value.value_or(stored.task.given_identifier));
  row("attempts", std::to_string(stored.attempts));
  if (const auto& deferral = stored.task.deferral) {
    row("limit", to_iso8601(deferral->limit) + ", when " + deferral->limit_by);
    row("next try", deferral->due ? to_iso8601(*deferral->due) : "none: it rests until an operator finds out");
  }
  if (stored.text_lost) row("warning", "the recipient shows it without its text: ask whether staff there can read it");
  fmt::print("\n{}\n", content.text.empty() ? stored.task.body : content.text);
}

}  // namespace

int run_outbox_list(const OutboxOptions& options) {
  outbox::Query query{.newest_first = true, .with_body = false};
  if (!options.state.empty()) {
    query.state = outbox::state_from(options.state);
    if (!query.state) return wrong_use(fmt::format("--state {}: there is no such state", options.state));
  }
  query.problems = options.problems;
  if (!options.after.empty()) {
    query.after = task_id_from(options.after);
    if (query.after->number == 0) return wrong_use(fmt::format("--after {}: that is no task id", options.after));
  }
  const auto config = config_of(options.config);
  if (!config) return fail(config.error().detail);
  auto view = outbox::View::open(config->outbox.path);
  if (!view) return fail(view.error().detail);
  const bool headed = !options.json && ::isatty(STDOUT_FILENO) == 1;
  bool any = false;
  for (std::size_t left = options.count; left > 0;) {
    query.count = std::min(left, outbox::kMaxPage);
    const auto page = (*view)->search(query);
    if (!page) return fail(page.error().detail);
    for (const auto& stored : page->tasks) {
      if (headed && !any) print_heading();
      any = true;
      if (options.json) {
        fmt::print("{}\n", json_of(stored, nullptr));
      } else {
        print_line(stored);
      }
    }
    if (!page->more) break;
    left -= page->tasks.size();
    query.after = page->tasks.back().task.id;
  }
  if (headed && !any) fmt::print("none\n");
  std::fflush(stdout);
  return kExitDone;
}

int run_outbox_backup(const OutboxBackupOptions& options) {
  const auto config = config_of(options.config);
  if (!config) return fail(config.error().detail);
  std::error_code ignored;
  if (std::filesystem::exists(options.file, ignored)) {
    return wrong_use(options.file.string() + " is there already: name a new file");
  }
  Progress progress{"pages copied"};
  const auto size = outbox::back_up(config->outbox.path, options.file,
                                    [&progress](std::int64_t done, std::int64_t all) { progress.show(done, all); });
  progress.clear();
  if (!size) return fail(size.error().detail);
  if (options.json) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> json{buffer};
    json.StartObject();
    json.Key("file");
    json.String(options.file.string());
    json.Key("bytes");
    json.Uint64(*size);
    json.EndObject();
    fmt::print("{}\n", buffer.GetString());
  } else {
    fmt::print("{}: {} bytes, checked\n", options.file.string(), *size);
  }
  return kExitDone;
}

int run_outbox_show(const OutboxOptions& options) {
  const auto id = task_id_from(options.id);
  if (id.number == 0) return wrong_use(fmt::format("'{}' is no task id; `outbox list` shows them", options.id));
  const auto config = config_of(options.config);
  if (!config) return fail(config.error().detail);
  auto view = outbox::View::open(config->outbox.path);
  if (!view) return fail(view.error().detail);
  const auto found = (*view)->find(id);
  if (!found) return fail(found.error().detail);
  if (!*found) {
    fmt::print(stderr, "there is no task {} in this outbox\n", options.id);
    return kExitRefused;
  }
  const auto content = content_of((*found)->task, *config);
  if (options.json) {
    fmt::print("{}\n", json_of(**found, &content));
  } else {
    print_whole(**found, content);
  }
  return kExitDone;
}

}  // namespace gw::app
