// What the writer is asked to do, each with whoever waits for it.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "outbox/completion.hpp"
#include "outbox/entry.hpp"
#include "outbox/outbox.hpp"

namespace gw::outbox {

struct AdmitOperation {
  NewTask task;
  State state = State::kReceived;
  Reply reply;
  AuditRecord audit;
  CompletionPtr<Admission> done;
};

struct AdmitAllOperation {
  std::vector<Entrant> entrants;
  CompletionPtr<GroupAdmission> done;
};

struct BeginSendingOperation {
  TaskId id;
  CompletionPtr<Done> done;
};

struct ConcludeOperation {
  TaskId id;
  Conclusion conclusion;
  AuditRecord audit;
  CompletionPtr<Done> done;
};

struct PlanOperation {
  TaskId id;
  std::optional<Instant> due;
  AuditRecord audit;
  CompletionPtr<Done> done;
};

struct RecordOperation {
  AuditRecord audit;
  CompletionPtr<Done> done;
};

struct PurgeOperation {
  seconds older_than;
  AuditRecord audit;
  CompletionPtr<std::size_t> done;
};

struct WaitOperation {
  TaskId id;
  SteadyTime deadline;
  CompletionPtr<StoredTask> done;
};

using Operation = std::variant<AdmitOperation, AdmitAllOperation, BeginSendingOperation, ConcludeOperation,
                               PlanOperation, RecordOperation, PurgeOperation, WaitOperation>;

}  // namespace gw::outbox
