// gpconnect-gateway outbox resolve | redrive | purge: what an operator changes in an outbox. The gateway that runs does
// it; where none runs, this process opens the outbox itself, as that gateway's start would.
#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <utility>

#include "app/commands.hpp"
#include "app/config.hpp"
#include "app/control.hpp"

namespace gw::app {

namespace {

Result<CarriedOut> carry_out_here(const Config& config, OperatorCommand command) {
  const SystemClock clock;
  asio::io_context context{1};
  auto outbox = outbox::Outbox::open(config.outbox, clock);
  if (!outbox) return outbox.error();
  auto done = asio::co_spawn(context, carry_out(**outbox, std::move(command), fmt::format("uid {}", getuid())),
                             asio::use_future);
  context.run();
  (*outbox)->stop();
  return done.get();
}

Result<CarriedOut> carry_out_somewhere(const std::filesystem::path& config_file, OperatorCommand command) {
  ConfigMistakes mistakes;
  const auto config = load_config(config_file, mistakes);
  if (!mistakes.lines.empty()) return fault(FaultKind::kStorage, fmt::format("{}", fmt::join(mistakes.lines, "\n")));
  command.user = login_name();
  auto told = ask_gateway(config.outbox.path, command);
  if (told || told.error().kind != FaultKind::kUnreachable) return told;
  std::error_code ignored;
  if (!std::filesystem::exists(config.outbox.path, ignored)) {
    return fault(FaultKind::kStorage, fmt::format("there is no outbox at {}", config.outbox.path.string()));
  }
  return carry_out_here(config, std::move(command));
}

/// What a task's command line must be, before anybody is asked. Errors: kInvalid.
Status check_words(const OperatorCommand& command) {
  if (task_id_from(command.id).number == 0) {
    return fault(FaultKind::kInvalid, fmt::format("'{}' is no task id; `outbox list` shows them", command.id));
  }
  return check_reason(command.reason);
}

int tell(const Result<CarriedOut>& done, const std::string& id, bool json_wanted) {
  const auto& text = done ? done->text : std::string{done.error().detail};
  if (json_wanted) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> json{buffer};
    json.StartObject();
    json.Key("done");
    json.Bool(done.has_value());
    json.Key("text");
    json.String(text);
    if (!id.empty()) {
      json.Key("id");
      json.String(id);
    }
    if (done && !done->state.empty()) {
      json.Key("state");
      json.String(done->state);
    }
    if (done && done->deleted) {
      json.Key("deleted");
      json.Uint64(*done->deleted);
    }
    json.EndObject();
    fmt::print("{}\n", buffer.GetString());
  } else {
    fmt::print(done ? stdout : stderr, "{}\n", text);
  }
  if (done) return kExitDone;
  const auto kind = done.error().kind;
  return kind == FaultKind::kInvalid || kind == FaultKind::kNotFound ? kExitRefused : kExitFailed;
}

int change_task(const std::filesystem::path& config, OperatorCommand command, bool json_wanted) {
  if (const auto right = check_words(command); !right) {
    fmt::print(stderr, "{}\n", right.error().detail);
    return kExitUsage;
  }
  const auto id = command.id;
  return tell(carry_out_somewhere(config, std::move(command)), id, json_wanted);
}

}  // namespace

int run_outbox_resolve(const OutboxResolveOptions& options) {
  return change_task(
      options.config,
      {.verb = "resolve", .id = options.id, .as = options.as, .reason = options.reason, .days = {}, .user = {}},
      options.json);
}

int run_outbox_redrive(const OutboxRedriveOptions& options) {
  return change_task(options.config,
                     {.verb = "redrive", .id = options.id, .as = {}, .reason = options.reason, .days = {}, .user = {}},
                     options.json);
}

int run_outbox_purge(const OutboxPurgeOptions& options) {
  OperatorCommand command{.verb = "purge", .days = std::to_string(options.older_than_days)};
  return tell(carry_out_somewhere(options.config, std::move(command)), {}, options.json);
}

}  // namespace gw::app
