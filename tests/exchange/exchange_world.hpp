// What the exchange tests share: a small directory, a request that every check accepts, and looks into refusals.
#pragma once

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/http.hpp"
#include "base/time.hpp"
#include "directory/directory.hpp"
#include "exchange/caller.hpp"
#include "fhir/issue.hpp"
#include "net/handler.hpp"
#include "spine/token.hpp"

namespace gw::exchange::test {

namespace asio = boost::asio;

inline constexpr std::string_view kCreate = "urn:nhs:names:services:gpconnect:fhir:rest:create:order";
inline constexpr std::string_view kRead = "urn:nhs:names:services:gpconnect:fhir:rest:read:order";
inline constexpr std::string_view kMetadata = "urn:nhs:names:services:gpconnect:fhir:rest:read:metadata";

inline constexpr std::string_view kTrace = "629ea9ba-a077-4d99-b289-7a9b19fd4e03";
inline constexpr std::string_view kSenderAsid = "200000000001";
inline constexpr std::string_view kMailboxAsid = "200000000002";
inline constexpr std::string_view kRelayedAsid = "200000000003";
inline constexpr std::string_view kStrangerAsid = "200000000004";
inline constexpr std::string_view kReaderAsid = "200000000005";

inline constexpr std::string_view kPatientOfMailbox = "9990002754";
inline constexpr std::string_view kPatientElsewhere = "9990000018";

inline const Instant kNow{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} + std::chrono::hours{9}};

/// Sender A11111, mailbox B82001 and relayed C33333 share with each other; D44444 shares with nobody they know; E55555
/// is in the group but may read only.
inline std::vector<directory::Organisation> organisations() {
  using directory::Organisation;
  Organisation sender{.ods = OdsCode{"A11111"}, .asid = Asid{std::string{kSenderAsid}}};
  sender.name = "Sender Surgery";
  sender.sharing_group = "north";
  sender.fqdn = "sender.example.test";
  sender.logical_id = "1";
  Organisation mailbox{.ods = OdsCode{"B82001"}, .asid = Asid{std::string{kMailboxAsid}}};
  mailbox.name = "Mailbox Surgery";
  mailbox.sharing_group = "north";
  mailbox.fqdn = "mailbox.example.test";
  mailbox.logical_id = "2";
  Organisation relayed{.ods = OdsCode{"C33333"}, .asid = Asid{std::string{kRelayedAsid}}};
  relayed.name = "Relayed Surgery";
  relayed.sharing_group = "north";
  relayed.endpoint = "https://provider.example.test:8443/C33333/DSTU2/1";
  relayed.fqdn = "provider.example.test";
  relayed.logical_id = "3";
  Organisation stranger{.ods = OdsCode{"D44444"}, .asid = Asid{std::string{kStrangerAsid}}};
  stranger.name = "Stranger Surgery";
  stranger.sharing_group = "south";
  stranger.fqdn = "stranger.example.test";
  stranger.logical_id = "4";
  Organisation reader{.ods = OdsCode{"E55555"}, .asid = Asid{std::string{kReaderAsid}}};
  reader.name = "Reader Surgery";
  reader.sharing_group = "north";
  reader.fqdn = "reader.example.test";
  reader.logical_id = "5";
  reader.interactions = {std::string{kRead}};
  return {sender, mailbox, relayed, stranger, reader};
}

inline directory::Patient patient(std::string_view number, std::string id, std::string_view registered_at) {
  directory::Patient made{.nhs_number = NhsNumber{std::string{number}}, .logical_id = std::move(id)};
  made.registered_at = OdsCode{std::string{registered_at}};
  return made;
}

inline std::vector<directory::Patient> patients() {
  return {patient(kPatientOfMailbox, "10", "B82001"), patient(kPatientElsewhere, "11", "D44444")};
}

inline std::shared_ptr<const directory::Directory> make_directory(std::vector<directory::Organisation> orgs,
                                                                  std::vector<directory::Patient> people = patients()) {
  std::vector<std::string> errors;
  auto made = directory::Directory::make(std::move(orgs), std::move(people), errors);
  REQUIRE(errors.empty());
  return made;
}

inline std::shared_ptr<const directory::Directory> make_directory() {
  return make_directory(organisations());
}

inline CallerSettings caller_settings() {
  return CallerSettings{.public_url = "https://hub.example.test", .trusted_proxies = {"proxy.example.test"}};
}

inline spine::Token token_claims(Instant issued_at = kNow) {
  spine::Token token;
  token.issuer = "https://sender.example.test";
  token.user_id = "7";
  token.user_sds_id = "111222333444";
  token.user_name = "Dr Ada Jones";
  token.user_role = "R0260";
  token.scope = "patient/*.write";
  token.device = "Careful 2.1";
  token.organisation = OdsCode{"A11111"};
  token.organisation_name = "Sender Surgery";
  token.organisation_id = "1";
  token.patient = NhsNumber{std::string{kPatientOfMailbox}};
  token.issued_at = issued_at;
  return token;
}

inline void set_header(RequestHead& head, std::string_view name, std::string value) {
  std::erase_if(head.headers, [&](const Header& header) { return iequals(header.name, name); });
  head.headers.push_back({std::string{name}, std::move(value)});
}

inline void drop_header(RequestHead& head, std::string_view name) {
  std::erase_if(head.headers, [&](const Header& header) { return iequals(header.name, name); });
}

inline void set_token(RequestHead& head, const spine::Token& claims) {
  set_header(head, "Authorization", "Bearer " + spine::make_token(claims));
}

/// A task from A11111 to the mailbox of B82001.
inline RequestHead good_request() {
  RequestHead head;
  head.method = "POST";
  head.target = "/B82001/DSTU2/1/Order";
  head.headers = {{"Host", "hub.example.test"},
                  {"Ssp-TraceID", std::string{kTrace}},
                  {"Ssp-From", std::string{kSenderAsid}},
                  {"Ssp-To", std::string{kMailboxAsid}},
                  {"Ssp-InteractionID", std::string{kCreate}},
                  {"Content-Type", "application/json+fhir; charset=UTF-8"}};
  head.peer.address = "192.0.2.7:50123";
  head.peer.fqdns = {"sender.example.test"};
  head.received_at = kNow;
  set_token(head, token_claims());
  return head;
}

inline RequestHead relayed_request_to(std::string target) {
  auto head = good_request();
  head.target = std::move(target);
  set_header(head, "Ssp-To", std::string{kRelayedAsid});
  return head;
}

/// A request's body that is all there.
class WholeBody final : public net::BodyReader {
 public:
  explicit WholeBody(std::string_view text) : text_(text) {}
  asio::awaitable<Result<std::string>> read_all(std::size_t) override { co_return text_; }
  asio::awaitable<Result<std::string_view>> read_some() override { co_return std::string_view{}; }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return text_.size(); }

 private:
  std::string text_;
};

class FixedClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return kNow; }
};

/// "403 ASID_CHECK_FAILED forbidden SSP-04", of the first issue; "accepted" where there is no refusal.
inline std::string verdict_on(const fhir::Refusal& refusal) {
  REQUIRE_FALSE(refusal.issues.empty());
  const auto& issue = refusal.issues.front();
  CHECK_FALSE(issue.diagnostics.empty());
  return std::to_string(refusal.status) + ' ' + std::string{fhir::code_of(issue.code)} + ' ' +
         std::string{fhir::code_of(issue.type)} + ' ' + std::string{issue.rule};
}

template <class T>
std::string verdict_on(const fhir::Checked<T>& checked) {
  return checked ? std::string{"accepted"} : verdict_on(checked.error());
}

}  // namespace gw::exchange::test
