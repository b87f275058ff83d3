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

Result<std::string> carry_out_here(const Config& config, OperatorCommand command) {
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

Result<std::string> carry_out_somewhere(const std::filesystem::path& config_file, OperatorCommand command) {
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

int tell(const Result<std::string>& done, bool json_wanted) {
  const auto& text = done ? *done : std::string{done.error().detail};
  if (json_wanted) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> json{buffer};
    json.StartObject();
    json.Key("done");
    json.Bool(done.has_value());
    json.Key("text");
    json.String(text);
    json.EndObject();
    fmt::print("{}\n", buffer.GetString());
  } else {
    fmt::print(done ? stdout : stderr, "{}\n", text);
  }
  if (done) return kExitDone;
  const auto kind = done.error().kind;
  return kind == FaultKind::kInvalid || kind == FaultKind::kNotFound ? kExitRefused : kExitFailed;
}

}  // namespace

int run_outbox_resolve(const OutboxResolveOptions& options) {
  OperatorCommand command{.verb = "resolve", .id = options.id, .as = options.as, .reason = options.reason};
  return tell(carry_out_somewhere(options.config, std::move(command)), options.json);
}

int run_outbox_redrive(const OutboxRedriveOptions& options) {
  OperatorCommand command{.verb = "redrive", .id = options.id, .reason = options.reason};
  return tell(carry_out_somewhere(options.config, std::move(command)), options.json);
}

int run_outbox_purge(const OutboxPurgeOptions& options) {
  OperatorCommand command{.verb = "purge", .days = std::to_string(options.older_than_days)};
  return tell(carry_out_somewhere(options.config, std::move(command)), options.json);
}

}  // namespace gw::app
