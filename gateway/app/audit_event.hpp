// An audit record as a DSTU2 AuditEvent (AUD-03). Pure.
//
//   event        type rest, with the FHIR interaction as subtype and its action; the gateway's own doings (recovery,
//                operator, retention, chain) are DICOM's Application Activity, with their kind as subtype. Outcome 0
//                for success, 4 for what was refused, 8 for what failed or is in doubt; outcomeDesc is "STATUS
//                OUTCOME".
//   participant  the user (id, name, role; policy: who vouches for them), their organisation, their device, the sending
//                system (ASID, FQDN, certificate, address), the receiving system; the gateway where there is none.
//   source       this gateway
//   object       the patient, the task (id and identifier), the request (trace id; the interaction as detail)
//
// The id is the record's number: an event leads back to the record, whose place in the chain is what proves it.
#pragma once

#include <string>
#include <string_view>

#include "outbox/audit_search.hpp"

namespace gw::app {

/// JSON on one line, without its end. `site`: the gateway's public URL.
[[nodiscard]] std::string audit_event(const outbox::AuditEntry& entry, std::string_view site);

}  // namespace gw::app
