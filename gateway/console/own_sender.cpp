#include "console/own_sender.hpp"

#include <utility>

#include "base/log.hpp"
#include "console/words.hpp"
#include "exchange/task_message.hpp"
#include "fhir/read.hpp"

namespace gw::console {

namespace {

/// A body that is at hand.
class WholeBody final : public net::BodyReader {
 public:
  explicit WholeBody(std::string body) : body_(std::move(body)) {}
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return body_.size(); }
  asio::awaitable<Result<std::string_view>> read_some() override {
    const std::string_view rest = std::exchange(given_, true) ? std::string_view{} : std::string_view{body_};
    co_return rest;
  }
  asio::awaitable<Result<std::string>> read_all(std::size_t limit_bytes) override {
    if (body_.size() > limit_bytes) co_return fault(FaultKind::kTooLarge, "the task is longer than a body may be");
    co_return std::move(body_);
  }

 private:
  std::string body_;
  bool given_ = false;
};

/// Where the recipient's Orders are created, on this gateway: the path of its registered endpoint.
std::string target_of(const directory::Organisation& to) {
  constexpr std::string_view usual = "/DSTU2/1";
  constexpr std::string_view scheme = "https://";
  std::string path = "/" + to.ods.text() + std::string{usual};
  if (to.endpoint.starts_with(scheme)) {
    const auto slash = to.endpoint.find('/', scheme.size());
    if (slash != std::string::npos) path = to.endpoint.substr(slash);
  }
  return path + "/Order";
}

/// Title, given name and family name of "Dr Ada Jones".
exchange::User as_token_user(const User& user) {
  exchange::User named{.id = user.id, .sds_id = user.sds_user_id, .title = {}, .role = user.job_role};
  std::string_view rest = user.name;
  const auto take_last = [&rest] {
    const auto blank = rest.rfind(' ');
    const auto word = blank == std::string_view::npos ? rest : rest.substr(blank + 1);
    rest = blank == std::string_view::npos ? std::string_view{} : rest.substr(0, blank);
    return std::string{word};
  };
  named.family = take_last();
  named.given = take_last();
  named.title = std::string{rest};
  return named;
}

/// The diagnostics of an OperationOutcome in JSON; none of another body.
std::vector<std::string> reasons_in(const Response& response) {
  std::vector<std::string> reasons;
  const auto document = fhir::read_json(response.body);
  if (!document || document->root()->name != "OperationOutcome") return reasons;
  for (const auto* child = document->root()->first_child; child != nullptr; child = child->next) {
    if (child->name != "issue") continue;
    const auto text = child->child_value("diagnostics");
    if (!text.empty()) reasons.emplace_back(text);
  }
  return reasons;
}

Outcome outcome_of(outbox::State state) {
  using outbox::State;
  switch (state) {
    case State::kDelivered:
      return Outcome::kReceived;
    case State::kQueued:
    case State::kRetryWait:
      return Outcome::kQueued;
    case State::kReceived:
    case State::kSending:
    case State::kInDoubt:
      return Outcome::kInDoubt;
    case State::kRejected:
      return Outcome::kRefused;
    case State::kFailed:
    case State::kAbandoned:
    case State::kExpired:
      return Outcome::kNotDelivered;
  }
  return Outcome::kInDoubt;
}

/// Without an entry: it was refused before it was let in, unless the gateway cannot say.
Outcome outcome_of(int status) {
  constexpr int too_many = 429;
  constexpr int own_fault = 500;
  constexpr int bad_gateway = 502;
  constexpr int unavailable = 503;
  if (status == 200 || status == 201) return Outcome::kReceived;
  if (status == 202) return Outcome::kQueued;
  if (status == too_many || status == bad_gateway || status == unavailable) return Outcome::kNotDelivered;
  return status < own_fault ? Outcome::kRefused : Outcome::kInDoubt;
}

/// The entry of this identifier, if there is one of today or yesterday.
asio::awaitable<std::optional<outbox::StoredTask>> entry_of(const Parts& parts, OdsCode sender,
                                                            std::string identifier) {
  outbox::Query query;
  query.sender = sender.text();
  query.identifier_value = "urn:uuid:" + identifier;
  query.received_from = parts.clock.now() - std::chrono::days{2};
  query.newest_first = true;
  query.with_body = false;
  query.count = 1;
  auto found = co_await parts.outbox.search(std::move(query));
  if (!found) log::warn("the console cannot look up a task it sent", {{"cause", found.error().detail}});
  if (!found || found->tasks.empty()) co_return std::nullopt;
  co_return std::move(found->tasks.front());
}

}  // namespace

bool is_own(const directory::Organisation& organisation, const Parts& parts) {
  return !organisation.asid.empty() && !organisation.fqdn.empty() && organisation.fqdn == parts.own_fqdn;
}

asio::awaitable<Sent> send_as(const Parts& parts, const User& user, Draft draft) {
  const auto now = parts.clock.now();
  const exchange::TaskMessage message{.from = draft.from,
                                      .to = draft.to,
                                      .patient = draft.patient,
                                      .action_needed = draft.action_needed,
                                      .text = std::move(draft.text),
                                      .identifier = draft.identifier};
  RequestHead head{
      .method = "POST",
      .target = target_of(*draft.to),
      .headers = exchange::make_headers(*draft.from, *draft.to, draft.patient, exchange::kCreateOrder,
                                        as_token_user(user), now),
      .peer = {.address = std::string{kOwnPeer}, .fqdns = {parts.own_fqdn}, .fingerprint = {}, .subject = {}},
      .received_at = now};
  head.headers.push_back({"Host", parts.own_fqdn});
  Sent sent;
  sent.trace = header_value(head.headers, "Ssp-TraceID");
  WholeBody body{exchange::make_order(message, now)};
  const auto response = co_await parts.gateway.handle(head, body);
  sent.status = response.status;
  sent.reasons = reasons_in(response);
  sent.stored = co_await entry_of(parts, draft.from->ods, draft.identifier);
  // A conflict is about an earlier task of this identifier: what is stored is not what was asked for now.
  constexpr int conflict = 409;
  const bool told_of_entry = sent.stored && response.status != conflict;
  sent.outcome = told_of_entry ? outcome_of(sent.stored->state) : outcome_of(response.status);
  co_return sent;
}

}  // namespace gw::console
