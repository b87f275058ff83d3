#include "exchange/known_parties.hpp"

#include <optional>
#include <string>
#include <utility>

#include "base/log.hpp"
#include "exchange/answer.hpp"

namespace gw::exchange {

namespace {

directory::Wanted wanted_by(const Asked& asked) {
  return {.from = asked.envelope.from,
          .to = asked.envelope.to,
          .recipient = OdsCode{std::string{asked.url.ods}},
          .interaction = std::string{asked.envelope.interaction->registered_as()}};
}

/// Whether a token stands any chance: with all that a policy can allow (SSP-12). A signed one (which does not end with
/// the full stop of an empty signature) is judged once it is known whose it is (JWT-06).
bool may_pass(const RequestHead& head, const Asked& asked, const directory::Directory& directory, Instant now) {
  if (!header_value(head.headers, "Authorization").ends_with('.')) return true;
  spine::TokenPolicy policy;
  policy.future_leeway.reset();
  policy.identifier_systems = directory.identifier_systems();
  policy.lenient = true;
  return spine::read_token(head, *asked.envelope.interaction, now, policy).has_value();
}

}  // namespace

std::shared_ptr<const directory::Directory> directory_at_hand(const Parts& parts, const RequestHead& head) {
  if (parts.service == nullptr) return parts.directory.current();
  const auto asked = read_request_head(head);
  if (!asked) return parts.directory.current();
  if (auto known = parts.service->at_hand(wanted_by(*asked))) return known;
  auto files = parts.directory.current();
  if (!may_pass(head, *asked, *files, parts.clock.now())) return files;
  return nullptr;
}

asio::awaitable<fhir::Checked<std::shared_ptr<const directory::Directory>>> directory_from_service(
    const Parts& parts, const RequestHead& head, outbox::AuditRecord& trail) {
  const auto asked = read_request_head(head);
  if (!asked) co_return asked.error();
  auto wanted = wanted_by(*asked);
  auto found = co_await parts.service->find(std::move(wanted));
  if (found) co_return std::move(*found);
  note_envelope(head, trail);
  log::warn("a request was turned away for want of the directory service", {{"cause", found.error().detail}});
  co_return refusal_of_directory();
}

}  // namespace gw::exchange
