#include "app/operator_command.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "app/counted.hpp"
#include "outbox/redrive.hpp"

namespace gw::app {

namespace {

using outbox::Event;

constexpr std::size_t kReasonBytes = 500;

struct Member {
  const char* name;
  std::string OperatorCommand::*text;
};

constexpr std::array<Member, 6> kMembers = {{{"verb", &OperatorCommand::verb},
                                             {"id", &OperatorCommand::id},
                                             {"as", &OperatorCommand::as},
                                             {"reason", &OperatorCommand::reason},
                                             {"days", &OperatorCommand::days},
                                             {"user", &OperatorCommand::user}}};

outbox::AuditRecord record_of(const OperatorCommand& command, std::string user_id) {
  outbox::AuditRecord record;
  record.kind = "operator";
  record.user_id = std::move(user_id);
  record.user_name = command.user;
  return record;
}

/// The task that a command names, and may say something of.
asio::awaitable<Result<outbox::StoredTask>> task_of(outbox::Outbox& outbox, std::string id_text, std::string reason) {
  const auto id = task_id_from(id_text);
  if (id.number == 0) co_return fault(FaultKind::kInvalid, fmt::format("'{}' is no task id", id_text));
  if (auto right = check_reason(reason); !right) co_return right.error();
  auto found = co_await outbox.find(id);
  if (!found) co_return found.error();
  if (!*found) co_return fault(FaultKind::kNotFound, fmt::format("there is no task {} in this outbox", id_text));
  co_return std::move(**found);
}

outbox::AuditRecord record_of(const OperatorCommand& command, std::string user_id, const outbox::NewTask& task) {
  auto record = record_of(command, std::move(user_id));
  record.task = task.id;
  record.trace = task.trace.text();
  record.from = task.from.text();
  record.to = task.to.text();
  record.interaction = task.interaction;
  return record;
}

asio::awaitable<Result<CarriedOut>> resolve(outbox::Outbox& outbox, OperatorCommand command, std::string user_id) {
  const bool delivered = command.as == "delivered";
  if (!delivered && command.as != "not-delivered") {
    co_return fault(FaultKind::kInvalid, fmt::format("--as '{}' is neither delivered nor not-delivered", command.as));
  }
  const auto found = co_await task_of(outbox, command.id, command.reason);
  if (!found) co_return found.error();
  const auto& stored = *found;
  if (stored.state != outbox::State::kInDoubt) {
    co_return fault(FaultKind::kInvalid, fmt::format("task {} is {}; only a task in doubt can be resolved", command.id,
                                                     outbox::name_of(stored.state)));
  }
  if (stored.is_pending()) {
    co_return fault(
        FaultKind::kInvalid,
        fmt::format("the gateway itself still looks for task {} at its recipient, until {}; resolve it when "
                    "that has ended",
                    command.id, to_iso8601(stored.task.deferral->limit)));
  }
  auto record = record_of(command, std::move(user_id), stored.task);
  const auto event = delivered ? Event::kResolvedDelivered : Event::kResolvedFailed;
  record.outcome = fmt::format("{}: {}", outbox::name_of(event), command.reason);
  outbox::Conclusion conclusion{.event = event, .note = command.reason};
  auto written = co_await outbox.conclude(stored.task.id, std::move(conclusion), std::move(record));
  if (!written) co_return written.error();
  const auto state = delivered ? outbox::State::kDelivered : outbox::State::kFailed;
  CarriedOut done{.text = fmt::format("task {} is on record as {}; whoever repeats its request is told so", command.id,
                                      delivered ? "delivered" : "not delivered"),
                  .state = std::string{outbox::name_of(state)},
                  .deleted = std::nullopt};
  co_return done;
}

asio::awaitable<Result<CarriedOut>> redrive(outbox::Outbox& outbox, OperatorCommand command, std::string user_id,
                                            delivery::DeferredWorker* deferred) {
  const auto found = co_await task_of(outbox, command.id, command.reason);
  if (!found) co_return found.error();
  const auto& task = found->task;
  if (const auto objection = outbox::objection_to_redrive(*found); !objection.empty()) {
    co_return fault(FaultKind::kInvalid,
                    fmt::format("task {} is {}: {}", command.id, outbox::name_of(found->state), objection));
  }
  auto record = record_of(command, std::move(user_id), task);
  record.outcome = "redrive: " + command.reason;
  // Due since it came: at once.
  auto planned = co_await outbox.plan(task.id, task.received_at, std::move(record));
  if (!planned) co_return planned.error();
  if (deferred != nullptr) {
    deferred->hasten({.id = task.id,
                      .recipient = task.recipient,
                      .subject = task.subject,
                      .due = task.received_at,
                      .limit = task.deferral->limit});
  }
  const std::string_view when = deferred != nullptr ? "now" : "when the gateway starts";
  CarriedOut done{.text = {}, .state = std::string{outbox::name_of(found->state)}, .deleted = std::nullopt};
  if (found->state == outbox::State::kInDoubt) {
    done.text = fmt::format(
        "task {} is looked for at its recipient {}, where the recipient is registered for that; else it stays in doubt",
        command.id, when);
  } else {
    done.text =
        fmt::format("task {} is tried {}, after earlier ones for the same patient and recipient", command.id, when);
  }
  co_return done;
}

asio::awaitable<Result<CarriedOut>> purge(outbox::Outbox& outbox, OperatorCommand command, std::string user_id) {
  constexpr int most_days = 36'500;
  int days = 0;
  const auto* const end = command.days.data() + command.days.size();
  const auto [stop, error] = std::from_chars(command.days.data(), end, days);
  if (error != std::errc{} || stop != end || days < 1 || days > most_days) {
    co_return fault(FaultKind::kInvalid,
                    fmt::format("--older-than '{}' is not a number of days from 1 to {}", command.days, most_days));
  }
  const auto record = record_of(command, std::move(user_id));
  std::size_t total = 0;
  for (;;) {
    auto again = record;
    const auto purged = co_await outbox.purge(std::chrono::days{days}, std::move(again));
    if (!purged) co_return purged.error();
    if (*purged == 0) break;
    total += *purged;
  }
  CarriedOut done{.text = fmt::format("{} deleted, finished more than {} ago; the audit keeps its records",
                                      counted(total, "task"), counted(days, "day")),
                  .state = {},
                  .deleted = total};
  co_return done;
}

}  // namespace

Status check_reason(const std::string& reason) {
  const bool one_line = std::none_of(reason.begin(), reason.end(), [](char c) { return c >= 0 && c < ' '; });
  if (!reason.empty() && reason.size() <= kReasonBytes && one_line) return Done{};
  return fault(FaultKind::kInvalid,
               fmt::format("--reason must be one line of 1 to {} bytes, for the audit", kReasonBytes));
}

std::string login_name() {
  const auto* const entry = getpwuid(getuid());
  return entry == nullptr ? std::string{} : std::string{entry->pw_name};
}

std::string to_line(const OperatorCommand& command) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json{buffer};
  json.StartObject();
  for (const auto& [name, text] : kMembers) {
    json.Key(name);
    json.String(command.*text);
  }
  json.EndObject();
  return buffer.GetString();
}

Result<OperatorCommand> command_from(std::string_view line) {
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(line.data(), line.size());
  if (json.HasParseError() || !json.IsObject()) return fault(FaultKind::kInvalid, "a command is one JSON object");
  OperatorCommand command;
  for (const auto& [name, text] : kMembers) {
    const auto member = json.FindMember(name);
    if (member == json.MemberEnd() || !member->value.IsString()) {
      return fault(FaultKind::kInvalid, fmt::format("the command has no text \"{}\"", name));
    }
    (command.*text).assign(member->value.GetString(), member->value.GetStringLength());
  }
  return command;
}

asio::awaitable<Result<CarriedOut>> carry_out(outbox::Outbox& outbox, OperatorCommand command, std::string user_id,
                                              delivery::DeferredWorker* deferred) {
  if (command.verb == "resolve") co_return co_await resolve(outbox, std::move(command), std::move(user_id));
  if (command.verb == "redrive") {
    co_return co_await redrive(outbox, std::move(command), std::move(user_id), deferred);
  }
  if (command.verb == "purge") co_return co_await purge(outbox, std::move(command), std::move(user_id));
  co_return fault(FaultKind::kInvalid, fmt::format("this gateway knows no command '{}'", command.verb));
}

}  // namespace gw::app
