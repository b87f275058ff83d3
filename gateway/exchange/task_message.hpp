// Makes what a sender sends: the Order, the Spine headers and the token, from simple values. Used by
// `send`, `demo` and the console.
#pragma once

#include <string>

#include "base/http.hpp"
#include "base/ids.hpp"
#include "base/time.hpp"
#include "directory/directory.hpp"

namespace gw::exchange {

/// Who sends what to whom about whom.
struct TaskMessage {
  const directory::Organisation* from = nullptr;
  const directory::Organisation* to = nullptr;
  const directory::Patient* patient = nullptr;
  bool action_needed = false;
  std::string text;        ///< plain text; it is escaped into XHTML
  std::string identifier;  ///< business identifier (a UUID); empty: none
};

/// The person in whose name the token is made. What is left as it is here names nobody: somebody who runs a gateway and
/// tries it out, without an SDS user id.
struct User {
  std::string id = "gateway-operator";
  std::string sds_id = "UNK";
  std::string title = "Gateway";
  std::string family = "Test";
  std::string given = "Operator";
  std::string role = "R8015";  ///< systems support
};

/// An Order in JSON, dated `today` in Europe/London, as gpconnect-task-order-1 wants it.
[[nodiscard]] std::string make_order(const TaskMessage& message, Instant now);

/// All headers of a request but the framing ones: Ssp headers with a fresh trace id, token, Content-Type, Accept, and a
/// W3C traceparent, which begins a trace of its own.
/// `interaction` is an interaction id; `patient` may be null for interactions about an organisation.
[[nodiscard]] Headers make_headers(const directory::Organisation& from, const directory::Organisation& to,
                                   const directory::Patient* patient, std::string_view interaction, const User& user,
                                   Instant now);

inline constexpr std::string_view kCreateOrder = "urn:nhs:names:services:gpconnect:fhir:rest:create:order";
inline constexpr std::string_view kReadOrder = "urn:nhs:names:services:gpconnect:fhir:rest:read:order";
inline constexpr std::string_view kReadMetadata = "urn:nhs:names:services:gpconnect:fhir:rest:read:metadata";

}  // namespace gw::exchange
