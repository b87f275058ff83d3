// An outbox entry and its audit records, as the benchmarks write them by the million.
#pragma once

#include <cstdint>
#include <string>

#include "outbox/entry.hpp"

namespace gw::bench {

/// Entry number `number` with the id `id`; its keys are scattered over an index as random ones are.
[[nodiscard]] outbox::NewTask sample_entry(std::uint64_t number, TaskId id, Instant at, const std::string& body);

/// As the gateway writes one for each change of an entry: every field filled.
[[nodiscard]] outbox::AuditRecord sample_audit(const outbox::NewTask& task);

}  // namespace gw::bench
