// What a request's target names: which organisation's FHIR base, and what below it (SSP-05). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fhir/issue.hpp"

namespace gw::exchange {

/// A request target taken apart. Views borrow from the target.
struct Url {
  bool proxied = false;       ///< /https://provider/... (else /[ODS]/DSTU2/...)
  std::string_view base;      ///< "/B82001/DSTU2/1" or, proxied, "https://provider:8443/B82001/DSTU2/1"
  std::string_view ods;       ///< "B82001"
  std::string_view resource;  ///< "Order", "metadata"; empty at the base itself (a Bundle)
  std::string_view id;        ///< logical id, empty when none
  std::string_view version;   ///< of _history/[vid], empty when none
  std::string_view below;     ///< what ends the path after type or id: "$gpc.getcarerecord", "Appointment"; or empty
  std::string_view query;     ///< without the '?'
};

/// Take a target apart. Case matters everywhere. Errors: 404 NO_RECORD_FOUND with a sentence that shows the right form;
/// 400 for encoded slashes, NULs, dot segments and empty segments.
[[nodiscard]] fhir::Checked<Url> parse_url(std::string_view target);

/// The part of a base or endpoint that names the service: "/DSTU2/1/gpconnect" of "/B82001/DSTU2/1/gpconnect", without
/// a trailing slash; empty when it has none.
[[nodiscard]] std::string_view service_of(std::string_view base);

/// Whether `url`, in the direct form, names the service that is registered as `endpoint`: the same major version and
/// segment. An endpoint without them serves any.
[[nodiscard]] bool is_service_of(const Url& url, std::string_view endpoint);

/// The query's parameters, percent-decoded, in order. Errors: 400 BAD_REQUEST for broken encodings.
[[nodiscard]] fhir::Checked<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query);

}  // namespace gw::exchange
