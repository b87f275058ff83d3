// gpconnect-gateway send: makes a task and posts it through a gateway, and says what became of it.
#include "app/send.hpp"

#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <fstream>
#include <iterator>
#include <optional>

#include "app/commands.hpp"
#include "app/config.hpp"
#include "base/digest.hpp"
#include "console/words.hpp"
#include "delivery/route.hpp"
#include "directory/source.hpp"
#include "exchange/task_message.hpp"

namespace gw::app {

namespace {

/// The body to post: the file as it is, or an Order made from the options.
Result<std::string> body_of(const SendOptions& options, const exchange::TaskMessage& message, Instant now) {
  if (options.file.empty()) return exchange::make_order(message, now);
  std::ifstream in{options.file, std::ios::binary};
  if (!in) return fault(FaultKind::kNotFound, fmt::format("cannot read '{}'", options.file.string()));
  return std::string{std::istreambuf_iterator<char>{in}, {}};
}

Result<exchange::TaskMessage> message_of(const SendOptions& options, const NhsNumber& patient,
                                         const directory::Directory& directory) {
  exchange::TaskMessage message;
  message.from = directory.by_ods(options.from);
  message.to = directory.by_ods(options.to);
  if (message.from == nullptr) {
    return fault(FaultKind::kNotFound, fmt::format("--from {}: the directory has no such organisation", options.from));
  }
  if (message.to == nullptr) {
    return fault(FaultKind::kNotFound, fmt::format("--to {}: the directory has no such organisation", options.to));
  }
  message.patient = directory.patient_by_nhs_number(patient);
  if (message.patient == nullptr)
    return fault(FaultKind::kNotFound, "--patient: the patient index has no such patient");
  message.action_needed = options.type == "action";
  message.text = options.text;
  message.identifier = options.identifier == "auto" ? random_uuid() : options.identifier;
  return message;
}

/// A name given as a whole is told as such, so that no part of it is made up.
exchange::User user_of(const SendOptions& options) {
  exchange::User user;
  if (options.user.empty()) return user;
  user.title.clear();
  user.given.clear();
  user.family = options.user;
  if (!options.sds_id.empty()) user.sds_id = options.sds_id;
  if (!options.role.empty()) user.role = options.role;
  return user;
}

/// Why a refusal with 403 may have come, where this gateway's own name is not the sender's.
void print_hint(const net::WireAnswer& answer, const directory::Organisation& from, const std::string& own_name) {
  if (answer.status != 403 || from.fqdn == own_name) return;
  fmt::print(stderr,
             "`send` connects with this gateway's own certificate, for {}; the directory has {} with the FQDN '{}', so "
             "that only the system with that certificate can send in its name\n",
             own_name, from.ods.text(), from.fqdn);
}

void print_for_people(const net::WireAnswer& answer, std::string_view trace) {
  fmt::print("{}: {} (trace {})\n", answer.status, verdict_of(answer.status), trace);
  const auto location = header_value(answer.headers, "Location");
  if (!location.empty()) fmt::print("{}\n", location);
  const auto lines = outcome_lines(answer.body);
  if (!lines.empty()) fmt::print("{}\n", lines);
}

void print_json(const net::WireAnswer& answer, std::string_view trace) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json{buffer};
  const auto put = [&json](const char* name, std::string_view value) {
    json.Key(name);
    json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  };
  json.StartObject();
  json.Key("status");
  json.Int(answer.status);
  put("verdict", verdict_of(answer.status));
  put("trace", trace);
  put("location", header_value(answer.headers, "Location"));
  put("body", answer.body);
  json.EndObject();
  fmt::print("{}\n", buffer.GetString());
}

int print_request(const net::WireRequest& request, bool headers) {
  if (!headers) {
    fmt::print("{}", request.body);
    return kExitDone;
  }
  for (const auto& header : request.headers) fmt::print("{}: {}\n", header.name, header.value);
  return kExitDone;
}

int fail(const Fault& fault) {
  fmt::print(stderr, "not sent: {}\n", fault.detail);
  return kExitFailed;
}

}  // namespace

int run_send(const SendOptions& options) {
  const auto patient = console::nhs_number_from(options.patient);
  if (!patient) {
    fmt::print(stderr, "--patient is no NHS number: ten digits, the last a check digit\n");
    return kExitUsage;
  }
  ConfigMistakes mistakes;
  const auto config = load_config(options.config, mistakes);
  if (!mistakes.lines.empty()) return fail(fault(FaultKind::kInvalid, mistakes.lines.front()));
  directory::DirectorySource source{config.organisations, config.patients};
  if (auto loaded = source.reload(); !loaded) return fail(loaded.error());
  const auto directory = source.current();
  const auto now = SystemClock{}.now();

  const auto message = message_of(options, *patient, *directory);
  if (!message) return fail(message.error());
  const auto body = body_of(options, *message, now);
  if (!body) return fail(body.error());

  const auto base = config.exchange.caller.public_url + "/" + options.to + "/DSTU2/1";
  auto route = delivery::route_to(base, config.exchange.hosts);
  if (!route) return fail(route.error());
  route->target.connect_to = fmt::format("{}:{}", config.listen.host, config.listen.port);
  auto tls = net::ClientTls::load(config.tls);
  if (!tls) return fail(tls.error());

  net::WireRequest request;
  request.method = "POST";
  request.target = route->base_path + "/Order";
  request.headers = exchange::make_headers(*message->from, *message->to, message->patient, exchange::kCreateOrder,
                                           user_of(options), now);
  if (!options.trace.empty()) request.headers.front().value = options.trace;
  request.body = *body;
  if (!options.print.empty()) return print_request(request, options.print == "headers");
  const auto answer = send_request(route->target, **tls, request);
  const auto trace = header_value(request.headers, "Ssp-TraceID");
  if (!answer) {
    fmt::print(stderr, "{}: {} (trace {})\n", verdict_of(answer.error().kind), answer.error().detail, trace);
    return kExitFailed;
  }
  options.json ? print_json(*answer, trace) : print_for_people(*answer, trace);
  print_hint(*answer, *message->from, route->target.host);
  return answer->status < 300 ? kExitDone : kExitRefused;
}

}  // namespace gw::app
