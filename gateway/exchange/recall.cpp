#include "exchange/recall.hpp"

#include <utility>

#include "exchange/known_parties.hpp"
#include "spine/token.hpp"

namespace gw::exchange {

namespace {

RequestHead head_of(const outbox::StoredTask& stored) {
  const auto& deferral = *stored.task.deferral;
  RequestHead head;
  head.method = "POST";
  head.target = deferral.target;
  head.headers = deferral.headers;
  head.peer.address = deferral.peer_address;
  head.received_at = stored.task.received_at;
  return head;
}

/// The user, as the gateway wrote it down when the task came.
fhir::Checked<spine::Token> user_of(const outbox::StoredTask& stored, const spine::Interaction& interaction) {
  spine::TokenPolicy own;
  own.future_leeway.reset();
  return spine::check_token(stored.task.deferral->mandate, interaction, stored.task.received_at, own);
}

/// Why the two may not exchange tasks any more; empty when they may.
std::string objection(const directory::Directory& directory, const directory::Organisation* sender,
                      const directory::Organisation* recipient) {
  if (sender == nullptr || recipient == nullptr) return "one of the two organisations is not registered any more";
  if (recipient->endpoint.empty()) return "the recipient has no endpoint any more";
  if (!directory.share(*sender, *recipient)) {
    return "the two organisations have no data sharing agreement with each other any more";
  }
  return {};
}

}  // namespace

asio::awaitable<std::unique_ptr<Recalled>> recall(const Parts& parts, const outbox::StoredTask& stored) {
  auto recalled = std::make_unique<Recalled>();
  recalled->head = head_of(stored);
  recalled->for_good = true;
  auto asked = read_request_head(recalled->head);
  if (!asked) {
    recalled->why = "its request cannot be read any more";
    co_return recalled;
  }
  auto user = user_of(stored, *asked->envelope.interaction);
  if (!user) {
    recalled->why = "its user cannot be read any more";
    co_return recalled;
  }
  auto directory = parts.directory.current();
  if (parts.service != nullptr) {
    outbox::AuditRecord nobody;
    auto found = co_await directory_from_service(parts, recalled->head, nobody);
    if (!found) {
      recalled->why = "the directory service cannot be asked";
      recalled->for_good = false;
      co_return recalled;
    }
    directory = std::move(*found);
  }
  const auto* const sender = directory->by_ods(stored.task.sender.text());
  const auto* const recipient = directory->by_ods(stored.task.recipient.text());
  recalled->why = objection(*directory, sender, recipient);
  if (!recalled->can_be_sent()) co_return recalled;
  recalled->caller =
      Caller{std::move(asked->envelope), std::move(*user), asked->url, std::move(directory), sender, recipient,
             recipient->endpoint};
  co_return recalled;
}

}  // namespace gw::exchange
