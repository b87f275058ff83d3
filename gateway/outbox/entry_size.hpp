// How large an entry may be: what it brings must fit into one row each of the database (schema.hpp). Pure.
#pragma once

#include "base/result.hpp"
#include "outbox/entry.hpp"

namespace gw::outbox {

[[nodiscard]] std::size_t bytes_of(const NewTask& task);
[[nodiscard]] std::size_t bytes_of(const Reply& reply);
[[nodiscard]] std::size_t bytes_of(const AuditRecord& audit);

/// Errors: kTooLarge, when `bytes` are more than one entry may have (kEntryBytes).
[[nodiscard]] Status check_size(std::size_t bytes);

}  // namespace gw::outbox
