// What makes a request a repeat of an earlier one, and what then happens (OUT-03). Pure.
//
// Two keys: the sender's ASID with the trace id, and the sender's organisation with Order.identifier. A key leads to
// the last entry that it was admitted for. "The same" means the same body bytes for the same recipient (organisation
// and ASID): an answer that was given for one recipient would be untrue for another.
//
//   found by trace id, content differs                    Conflict
//   found by trace id, being worked on                    Running: wait for it
//   found by trace id, abandoned, or failed unanswered    its sender was told nothing: a fresh attempt
//   found by trace id, otherwise                          Repeat: the recorded answer again, whatever it was; or what
//                                                         was found out since, where it was in doubt and is resolved
//   found by identifier, ended as certainly not delivered (failed, rejected, abandoned, expired)
//                                                         a fresh attempt, also with a mended body: the sender was told
//                                                         that this identifier did not arrive, so it is still free
//   found by identifier, content differs                  Conflict
//   found by identifier, being worked on                  Running
//   found by identifier, delivered or in doubt            Repeat: in doubt is never sent twice (OUT-04)
//
// The trace id is asked first. A fresh attempt takes both keys over.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/digest.hpp"
#include "outbox/entry.hpp"
#include "outbox/key_filter.hpp"

namespace gw::outbox {

/// What a key led to, as far as the decision needs it.
struct Earlier {
  TaskId id;
  State state = State::kReceived;
  int reply_status = 0;  ///< 0: no answer on record
  std::string recipient, to;
  std::string body_hash;
};

enum class Ruling : unsigned char { kFresh, kRepeat, kRunning, kConflict };

[[nodiscard]] Ruling rule_on_trace(const NewTask& task, const Earlier& earlier);
[[nodiscard]] Ruling rule_on_identifier(const NewTask& task, const Earlier& earlier);

/// The least id that next_id can make at `at`.
[[nodiscard]] TaskId first_id_of(Instant at);
/// The number of the day (UTC) that an id was made on.
[[nodiscard]] std::int64_t day_of(TaskId id);
/// Key of (sender's ASID, trace id).
[[nodiscard]] RepeatKey trace_key(const NewTask& task);
/// Key of (sender's organisation, identifier); nothing when the sender gave none.
[[nodiscard]] std::optional<RepeatKey> identifier_key(const NewTask& task);

}  // namespace gw::outbox
