#include "exchange/gateway.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <utility>

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "exchange/answer.hpp"
#include "exchange/content_coding.hpp"
#include "exchange/lookup.hpp"
#include "exchange/media.hpp"
#include "exchange/metadata.hpp"
#include "exchange/read_task.hpp"
#include "exchange/relay.hpp"
#include "exchange/search_tasks.hpp"

namespace gw::exchange {

namespace {

void note_peer(const Peer& peer, outbox::AuditRecord& record) {
  record.peer_address = peer.address;
  record.peer_fingerprint = peer.fingerprint;
  record.peer_fqdn = peer.fqdns.empty() ? std::string{} : peer.fqdns.front();
}

constexpr std::string_view kGuidCharacters = "0123456789abcdefABCDEF-";

/// A header as it may be logged: nothing that is not of its own form, since a sender can put anything there (AUD-04).
std::string_view if_made_of(std::string_view text, std::string_view characters, std::size_t length) {
  const bool right = text.size() == length && text.find_first_not_of(characters) == std::string_view::npos;
  return right ? text : std::string_view{};
}

void log_request(const RequestHead& head, const Response& response, const Trail& trail, Instant finished) {
  const auto took = finished - head.received_at;
  const auto task = trail.record.task ? to_text(*trail.record.task) : std::string{};
  const auto* const known = spine::find_interaction(trail.record.interaction);
  log::info("request", {{"method", head.method},
                        {"status", static_cast<long long>(response.status)},
                        {"trace", if_made_of(trail.record.trace, kGuidCharacters, 36)},
                        {"from", if_made_of(trail.record.from, "0123456789", 12)},
                        {"to", if_made_of(trail.record.to, "0123456789", 12)},
                        {"interaction", known != nullptr ? known->id : std::string_view{}},
                        {"task", task},
                        {"outcome", trail.record.outcome},
                        {"peer", head.peer.address},
                        {"ms", static_cast<long long>(took.count())}});
}

/// An exception is a bug, or exhaustion: the cause is for the operator alone.
Response failed(const std::exception& error, Trail& trail, fhir::Format format) {
  log::error("a request failed", {{"trace", if_made_of(trail.record.trace, kGuidCharacters, 36)},
                                  {"what", std::string_view{error.what()}}});
  const auto refusal = refusal_of_bug();
  trail.recorded = false;
  trail.record.outcome = codes_of(refusal);
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
  response = co_await recorded(std::move(response), trail, error_format(head));
  if (!trail.relayed) encode_answer(response, head.headers, parts_.settings.gzip_from_bytes);
  failpoint("exchange.before_answer");
  log_request(head, response, trail, parts_.clock.now());
  co_return response;
}

asio::awaitable<Response> Gateway::serve(const RequestHead& head, net::BodyReader& body, Trail& trail) {
  const auto caller =
      identify(head, parts_.directory.current(), parts_.settings.caller, parts_.clock.now(), trail.record);
  if (!caller) {
    trail.record.outcome = codes_of(caller.error());
    co_return answer(caller.error(), error_format(head));
  }
  const bool creates = caller->envelope.interaction->operation == spine::Operation::kCreateOrder;
  const auto& settings = parts_.settings;
  const auto body_bytes = creates ? body_bytes_of(head, settings.body_bytes, settings.inflated_bytes) : 0;
  const auto place = throttle_.admit(*caller->sender, body_bytes, std::chrono::steady_clock::now());
  if (!place) {
    trail.record.outcome = codes_of(place.error());
    co_return answer(place.error(), error_format(head));
  }
  auto response = co_await serve_caller(head, body, *caller, trail);
  add_rate_headers(place->rate, response);
  co_return response;
}

asio::awaitable<Response> Gateway::serve_caller(const RequestHead& head, net::BodyReader& body, const Caller& caller,
                                                Trail& trail) {
  const auto operation = caller.envelope.interaction->operation;
  if (operation == spine::Operation::kCreateOrder) {
    co_return co_await send_task(parts_, head, body, caller, trail);
  }
  if (!caller.recipient->has_mailbox()) {
    trail.relayed = true;
    co_return co_await relay_read(parts_, head, caller);
  }
  const auto format = answer_format(head, caller.url.query);
  if (!format) co_return answer(format.error(), error_format(head));
  switch (operation) {
    case spine::Operation::kMetadata:
      co_return answer(200, conformance_statement(caller.base, *format), *format);
    case spine::Operation::kReadOrder:
      co_return co_await read_task(parts_, head, caller, *format);
    case spine::Operation::kSearchOrder:
      co_return co_await search_tasks(parts_, caller, *format);
    default:
      co_return look_up(caller, *format);
  }
}

asio::awaitable<Response> Gateway::recorded(Response response, Trail& trail, fhir::Format format) {
  if (!trail.recorded) {
    trail.record.status = response.status;
    auto written = co_await parts_.outbox.record(trail.record);
    // A 5xx stands as it is: it may say what is known of a delivery, which a general "cannot store" would hide.
    if (!written && response.status < 500) {
      response = answer(trail.record.task ? refusal_of_unrecorded_repeat() : refusal_of_audit(), format);
    }
  }
  add_common_headers(response);
  co_return response;
}

asio::awaitable<Response> Gateway::protocol_error(net::ProtocolFault fault, std::string_view detail, const Peer& peer) {
  const auto refusal = refusal_of_protocol(fault, detail);
  Trail trail;
  trail.record.at = parts_.clock.now();
  trail.record.kind = "request";
  trail.record.outcome = codes_of(refusal);
  note_peer(peer, trail.record);
  auto refused = answer(refusal, fhir::Format::kJson);
  auto response = co_await recorded(std::move(refused), trail, fhir::Format::kJson);
  log::info("refused before a request", {{"status", static_cast<long long>(response.status)}, {"peer", peer.address}});
  co_return response;
}

}  // namespace gw::exchange
