// Which wire format a request speaks and which its answer must have (ANS-02, ANS-05). Pure.
#pragma once

#include <optional>
#include <string_view>

#include "base/http.hpp"
#include "fhir/element.hpp"
#include "fhir/issue.hpp"

namespace gw::exchange {

/// The format a media type names, parameters and casing aside; nothing when it is none of ours.
[[nodiscard]] std::optional<fhir::Format> format_of(std::string_view media_type);

/// The format of the request's body. Errors: 415 when Content-Type is missing, unknown, or names a charset that is not
/// UTF-8, unless this partner may name `any_charset` (SSP-12).
[[nodiscard]] fhir::Checked<fhir::Format> body_format(const RequestHead& head, bool any_charset = false);

/// The format the answer must have: `_format` beats Accept (with its q-values), then the request's Content-Type, then
/// JSON. Errors: 415 when what is asked for is not offered.
[[nodiscard]] fhir::Checked<fhir::Format> answer_format(const RequestHead& head, std::string_view query);

/// The format to tell an error in when the request could not be read far enough to know: never fails.
[[nodiscard]] fhir::Format error_format(const RequestHead& head);

/// `Prefer: return=minimal` (ANS-02).
[[nodiscard]] bool prefers_minimal(const RequestHead& head);

}  // namespace gw::exchange
