#include "exchange/gateway.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <exception>
#include <utility>
#include <vector>

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "exchange/answer.hpp"
#include "exchange/content_coding.hpp"
#include "exchange/known_parties.hpp"
#include "exchange/lookup.hpp"
#include "exchange/media.hpp"
#include "exchange/metadata.hpp"
#include "exchange/read_outcome.hpp"
#include "exchange/read_task.hpp"
#include "exchange/relay.hpp"
#include "exchange/search_tasks.hpp"
#include "exchange/send_bundle.hpp"
#include "exchange/trace_context.hpp"

namespace gw::exchange {

namespace {

void note_peer(const Peer& peer, outbox::AuditRecord& record) {
  record.peer_address = peer.address;
  record.peer_fingerprint = peer.fingerprint;
  record.peer_fqdn = peer.fqdns.empty() ? std::string{} : peer.fqdns.front();
}

/// Fields of a log line for kStageNames.
constexpr std::array<std::string_view, kStageNames.size()> kStageMillis = {
    "identify_ms", "body_ms", "parse_ms", "validate_ms", "admit_ms", "connect_ms", "send_ms", "conclude_ms"};

constexpr std::string_view kGuidCharacters = "0123456789abcdefABCDEF-";

/// A header as it may be logged: nothing that is not of its own form, since a sender can put anything there (AUD-04).
std::string_view if_made_of(std::string_view text, std::string_view characters, std::size_t length) {
  const bool right = text.size() == length && text.find_first_not_of(characters) == std::string_view::npos;
  return right ? text : std::string_view{};
}

/// The same for a verb, which may be any token: one that HTTP defines, or "other".
std::string_view known_verb(std::string_view method) {
  constexpr std::array<std::string_view, 8> verbs{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"};
  return std::find(verbs.begin(), verbs.end(), method) == verbs.end() ? std::string_view{"other"} : method;
}

void log_request(const RequestHead& head, const Response& response, const Trail& trail, Instant finished) {
  const auto took = finished - head.received_at;
  const auto task = trail.record.task ? to_text(*trail.record.task) : std::string{};
  const auto* const known = spine::find_interaction(trail.record.interaction);
  std::vector<log::Field> fields{{"method", known_verb(head.method)},
                                 {"status", static_cast<long long>(response.status)},
                                 {"trace", if_made_of(trail.record.trace, kGuidCharacters, 36)},
                                 {"from", if_made_of(trail.record.from, "0123456789", 12)},
                                 {"to", if_made_of(trail.record.to, "0123456789", 12)},
                                 {"interaction", known != nullptr ? known->id : std::string_view{}},
                                 {"task", task},
                                 {"outcome", trail.record.outcome},
                                 {"peer", head.peer.address},
                                 {"ms", static_cast<long long>(took.count())}};
  if (!trail.refused_by.empty()) fields.push_back({"rule", trail.refused_by});
  const auto context = trace_context_of(head.headers, trail.record.trace);
  const auto span = new_span_id();
  if (!context.trace_id.empty()) {
    fields.push_back({"trace_id", context.trace_id});
    fields.push_back({"span_id", span});
  }
  if (!context.parent_id.empty()) {
    fields.push_back({"parent_id", context.parent_id});
    fields.push_back({"trace_flags", context.flags});
  }
  constexpr double microseconds_a_millisecond = 1000;
  for (std::size_t i = 0; i < kStageNames.size(); ++i) {
    const auto spent = std::chrono::duration_cast<std::chrono::microseconds>(trail.stages.spent(i));
    if (spent.count() > 0)
      fields.push_back({kStageMillis.at(i), static_cast<double>(spent.count()) / microseconds_a_millisecond});
  }
  log::write(log::Level::kInfo, "request", fields);
}

/// An exception is a bug, or exhaustion: the cause is for the operator alone.
Response failed(const std::exception& error, Trail& trail, fhir::Format format) {
  log::error("a request failed", {{"trace", if_made_of(trail.record.trace, kGuidCharacters, 36)},
                                  {"what", std::string_view{error.what()}}});
  const auto refusal = refusal_of_bug();
  trail.recorded = false;
  note_refusal(refusal, trail);
  auto response = answer(refusal, format);
  response.close = true;  // how much of the body was read is not known
  return response;
}

}  // namespace

asio::awaitable<Response> Gateway::handle(const RequestHead& head, net::BodyReader& body) {
  Trail trail;
  trail.record.at = head.received_at;
  trail.record.kind = "request";
  note_peer(head.peer, trail.record);
  Response response;
  try {
    response = co_await serve(head, body, trail);
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted) throw;  // the server stops: nobody is there to be told
    response = failed(error, trail, error_format(head));
  } catch (const std::exception& error) {
    response = failed(error, trail, error_format(head));
  }
  response = co_await recorded(parts_.outbox, std::move(response), trail, error_format(head));
  if (!trail.relayed) encode_answer(response, head.headers, parts_.settings.gzip_from_bytes);
  failpoint("exchange.before_answer");
  log_request(head, response, trail, parts_.clock.now());
  if (parts_.meters != nullptr) {
    const Meters::Served served{.interaction = trail.record.interaction,
                                .status = response.status,
                                .outcome = trail.record.outcome,
                                .refused_by = trail.refused_by};
    parts_.meters->served(served, trail.stages);
  }
  co_return response;
}

asio::awaitable<Response> Gateway::serve(const RequestHead& head, net::BodyReader& body, Trail& trail) {
  auto directory = directory_at_hand(parts_, head);
  if (!directory) {
    auto asked = co_await directory_from_service(parts_, head, trail.record);
    if (!asked) {
      trail.stages.done(Stage::kIdentify);
      note_claims(head, trail.record);
      co_return refused(asked.error(), trail, error_format(head));
    }
    directory = std::move(*asked);
  }
  const auto caller =
      identify(head, std::move(directory), parts_.settings.caller, parts_.clock.now(), trail.record, parts_.token_keys);
  trail.stages.done(Stage::kIdentify);
  if (!caller) {
    note_claims(head, trail.record);
    co_return refused(caller.error(), trail, error_format(head));
  }
  const bool creates = caller->envelope.interaction->operation == spine::Operation::kCreateOrder;
  const auto& settings = parts_.settings;
  const auto body_bytes = creates ? body_bytes_of(head, settings.body_bytes, settings.inflated_bytes) : 0;
  const auto place = throttle_.admit(*caller->sender, body_bytes, settings.throttle.now());
  if (!place) {
    co_return refused(place.error(), trail, error_format(head));
  }
  auto response = co_await serve_caller(head, body, *caller, trail);
  add_rate_headers(place->rate, response);
  co_return response;
}

asio::awaitable<Response> Gateway::serve_caller(const RequestHead& head, net::BodyReader& body, const Caller& caller,
                                                Trail& trail) {
  const auto operation = caller.envelope.interaction->operation;
  if (operation == spine::Operation::kCreateOrder) {
    if (caller.url.resource.empty()) co_return co_await send_bundle(parts_, head, body, caller, trail);
    co_return co_await send_task(parts_, head, body, caller, trail);
  }
  if (operation == spine::Operation::kReadOutcome) {
    const auto wanted = answer_format(head, caller.url.query);
    if (!wanted) co_return refused(wanted.error(), trail, error_format(head));
    co_return co_await read_outcome(parts_, head, caller, *wanted, trail);
  }
  if (!caller.recipient->has_mailbox()) {
    co_return co_await relay(parts_, head, body, caller, trail);
  }
  if (operation == spine::Operation::kRelayed) {
    co_return refused(refusal_of_relayed_interaction(), trail, error_format(head));
  }
  const auto format = answer_format(head, caller.url.query);
  if (!format) co_return refused(format.error(), trail, error_format(head));
  switch (operation) {
    case spine::Operation::kMetadata:
      co_return answer(200, conformance_statement(caller.base, *format), *format);
    case spine::Operation::kReadOrder:
      co_return co_await read_task(parts_, head, caller, trail, *format);
    case spine::Operation::kSearchOrder:
      co_return co_await search_tasks(parts_, caller, trail, *format);
    default:
      co_return look_up(caller, trail, *format);
  }
}

asio::awaitable<Response> Gateway::protocol_error(net::ProtocolFault fault, std::string_view detail, const Peer& peer) {
  const auto refusal = refusal_of_protocol(fault, detail);
  Trail trail;
  trail.record.at = parts_.clock.now();
  trail.record.kind = "request";
  trail.record.outcome = codes_of(refusal);
  note_peer(peer, trail.record);
  auto refused = answer(refusal, fhir::Format::kJson);
  auto response = co_await recorded(parts_.outbox, std::move(refused), trail, fhir::Format::kJson);
  if (parts_.meters != nullptr) parts_.meters->refused_early(response.status);
  log::info("refused before a request",
            {{"status", static_cast<long long>(response.status)}, {"peer", peer.address}, {"why", detail}});
  co_return response;
}

}  // namespace gw::exchange
