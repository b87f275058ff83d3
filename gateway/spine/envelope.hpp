// The Spine envelope: who sends, to whom, which interaction (SSP-01, SSP-02). Pure.
#pragma once

#include "base/http.hpp"
#include "base/ids.hpp"
#include "fhir/issue.hpp"
#include "spine/interaction.hpp"

namespace gw::spine {

struct Envelope {
  TraceId trace;  ///< lower case
  Asid from;
  Asid to;
  const Interaction* interaction = nullptr;  ///< never null in a value that read_envelope gave
};

/// Read the four Ssp headers: present, once each, well formed; the interaction known and fit for verb and resource.
/// `resource` is the path's last type segment ("Order", "metadata", ...). All faults of the four headers are reported
/// at once. Errors: 400 BAD_REQUEST. Rules: SSP-01, SSP-02.
[[nodiscard]] fhir::Checked<Envelope> read_envelope(const RequestHead& head, std::string_view resource);

}  // namespace gw::spine
