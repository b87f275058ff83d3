#include "exchange/doubt.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "base/digest.hpp"
#include "exchange/media.hpp"
#include "fhir/read.hpp"

namespace gw::exchange {

namespace {

using delivery::Delivery;
using delivery::Verdict;

constexpr std::size_t kRepeats = 3;
constexpr milliseconds kFirstPause{200};
constexpr std::string_view kSearch = "urn:nhs:names:services:gpconnect:fhir:rest:search:order";

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// Escaped as FHIR wants a search value, then as a URL's query.
void append_value(std::string& query, std::string_view value) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto append = [&](char c) {
    if (is_alnum(c) || std::string_view{"-._~"}.find(c) != std::string_view::npos) {
      query += c;
      return;
    }
    const auto byte = static_cast<unsigned char>(c);
    query += '%';
    query += digits[byte >> 4U];
    query += digits[byte & 0xFU];
  };
  for (const char c : value) {
    if (std::string_view{"\\,$|"}.find(c) != std::string_view::npos) append('\\');
    append(c);
  }
}

bool is_fhir_id(std::string_view text) {
  constexpr std::size_t longest = 64;
  return !text.empty() && text.size() <= longest &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_alnum(c) || c == '-' || c == '.'; });
}

/// Nobody knows yet, and no answer of the recipient's is there to be passed on.
bool is_open(const Delivery& delivery) {
  return delivery.verdict == Verdict::kInDoubt && !delivery.pass_on;
}

bool offers_search(const directory::Organisation& recipient) {
  const auto& offered = recipient.interactions;
  return std::find(offered.begin(), offered.end(), kSearch) != offered.end();
}

asio::awaitable<Delivery> send_once(const Doubt& doubt, const net::WireRequest& request) {
  auto lease = co_await doubt.parts.courier.connect(doubt.route, doubt.deadline);
  if (!lease) co_return delivery::classify(lease.error());
  co_return co_await (*lease)->send(request, doubt.deadline);
}

asio::awaitable<Delivery> repeat(const Doubt& doubt, Delivery delivery) {
  auto request = doubt.request;
  if (header_count(request.headers, "If-None-Exist") == 0) {
    request.headers.push_back({"If-None-Exist", *doubt.search});
  }
  auto pause = kFirstPause;
  asio::steady_timer timer{co_await asio::this_coro::executor};
  for (std::size_t sent = 0; sent < kRepeats; ++sent, pause *= 2) {
    if (std::chrono::steady_clock::now() + pause >= doubt.deadline) break;
    timer.expires_after(pause);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    auto again = co_await send_once(doubt, request);
    if (again.verdict == Verdict::kDelivered) co_return again;
    if (again.verdict == Verdict::kRejected) break;  // of this repeat; of the first request it says nothing
  }
  delivery.diagnostics += " Repeats under If-None-Exist had no clear answer either.";
  co_return delivery;
}

net::WireRequest question_of(const Doubt& doubt) {
  auto token = doubt.caller.token;
  token.issuer = doubt.parts.settings.caller.public_url;
  token.scope = "patient/*.read";
  token.issued_at = std::chrono::floor<seconds>(doubt.parts.clock.now());
  const auto& envelope = doubt.caller.envelope;
  net::WireRequest question;
  question.method = "GET";
  question.target = doubt.request.target.substr(0, doubt.request.target.find('?')) + "?" + *doubt.search;
  question.headers = {
      {"Accept", "application/json+fhir"},         {"Ssp-TraceID", random_uuid()},
      {"Ssp-From", envelope.from.text()},          {"Ssp-To", envelope.to.text()},
      {"Ssp-InteractionID", std::string{kSearch}}, {"Authorization", "Bearer " + spine::make_token(token)}};
  return question;
}

bool has_identifier(const fhir::Element& order, std::string_view search) {
  for (const auto* child = order.first_child; child != nullptr; child = child->next) {
    if (child->name != "identifier") continue;
    outbox::NewTask shown;
    if (const auto system = child->child_value("system"); !system.empty()) shown.identifier_system = system;
    shown.identifier_value = child->child_value("value");
    if (search_for(shown) == search) return true;
  }
  return false;
}

/// Where the task stands in a searchset Bundle: its headers as a 201 has them; nothing when it is not there.
std::optional<Headers> found_in(const net::WireAnswer& answer, const Doubt& doubt) {
  if (answer.status != 200 || !answer.complete) return std::nullopt;
  const auto& limits = doubt.parts.settings.read;
  const auto format = format_of(header_value(answer.headers, "Content-Type"));
  const auto document =
      format == fhir::Format::kXml ? fhir::read_xml(answer.body, limits) : fhir::read_json(answer.body, limits);
  if (!document || document->root()->name != "Bundle") return std::nullopt;
  for (const auto* entry = document->root()->first_child; entry != nullptr; entry = entry->next) {
    const auto* const order = entry->name == "entry" ? entry->child("resource") : nullptr;
    if (order == nullptr || order->resource_type != "Order" || !has_identifier(*order, *doubt.search)) continue;
    Headers headers;
    const auto id = order->child_value("id");
    if (!is_fhir_id(id)) return headers;
    auto location = doubt.caller.recipient->endpoint + "/Order/" + std::string{id};
    const auto* const meta = order->child("meta");
    const auto version = meta == nullptr ? std::string_view{} : meta->child_value("versionId");
    if (is_fhir_id(version)) {
      location += "/_history/" + std::string{version};
      headers.push_back({"ETag", "W/\"" + std::string{version} + "\""});
    }
    headers.push_back({"Location", std::move(location)});
    return headers;
  }
  return std::nullopt;
}

asio::awaitable<Delivery> look(const Doubt& doubt, Delivery delivery) {
  const auto question = question_of(doubt);
  const auto told = co_await send_once(doubt, question);
  auto headers = told.answer ? found_in(*told.answer, doubt) : std::nullopt;
  if (!headers) {
    delivery.diagnostics += " A search for it at the recipient did not show it.";
    co_return delivery;
  }
  co_return Delivery{.verdict = Verdict::kDelivered,
                     .status = 201,
                     .answer = net::WireAnswer{.status = 201, .headers = std::move(*headers)},
                     .diagnostics = "the recipient's answer was lost; a search by identifier found the task there"};
}

}  // namespace

std::optional<std::string> search_for(const outbox::NewTask& task) {
  if (!task.identifier_value) return std::nullopt;
  std::string query = "identifier=";
  append_value(query, task.identifier_system.value_or(""));
  query += "%7C";
  append_value(query, *task.identifier_value);
  return query;
}

bool can_clear_up(const directory::Organisation& recipient, const std::optional<std::string>& search) {
  return search && (recipient.policy.honours_if_none_exist || offers_search(recipient));
}

asio::awaitable<Delivery> clear_up(const Doubt& doubt, Delivery delivery) {
  if (!can_clear_up(*doubt.caller.recipient, doubt.search) || !is_open(delivery)) co_return delivery;
  const auto& recipient = *doubt.caller.recipient;
  if (recipient.policy.honours_if_none_exist) delivery = co_await repeat(doubt, std::move(delivery));
  if (is_open(delivery) && offers_search(recipient)) delivery = co_await look(doubt, std::move(delivery));
  co_return delivery;
}

}  // namespace gw::exchange
