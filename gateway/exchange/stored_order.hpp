// A task as its recipient's mailbox holds it: what came, with id, version, time and identifier stamped in (ANS-01).
// Pure.
#pragma once

#include <string>

#include "base/http.hpp"
#include "fhir/element.hpp"
#include "outbox/entry.hpp"

namespace gw::exchange {

/// Stamp `document` (an Order that was validated) with the facts of the stored task. Idempotent.
void stamp(fhir::Document& document, const outbox::NewTask& task, std::int64_t version, Instant stored_at);

/// A stored mailbox task read back: its bytes parsed again and stamped.
[[nodiscard]] fhir::Document stored_document(const outbox::StoredTask& stored);
/// The same, written in `format`.
[[nodiscard]] std::string read_back(const outbox::StoredTask& stored, fhir::Format format);

/// "[base]/Order/[id]/_history/[vid]".
[[nodiscard]] std::string location_of(const std::string& base, TaskId id, std::int64_t version);
/// Location, Content-Location, ETag and Last-Modified of a stored task (ANS-01).
[[nodiscard]] Headers version_headers(const std::string& base, TaskId id, std::int64_t version, Instant stored_at);

/// The 201 for a task stored in a mailbox: the representation unless the sender prefers a minimal answer (ANS-02).
[[nodiscard]] Response created(const std::string& base, TaskId id, std::int64_t version, Instant stored_at,
                               std::string representation, fhir::Format format, bool minimal);

}  // namespace gw::exchange
