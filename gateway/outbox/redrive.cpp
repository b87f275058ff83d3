#include "outbox/redrive.hpp"

namespace gw::outbox {

std::string objection_to_redrive(const StoredTask& stored) {
  switch (stored.state) {
    case State::kReceived:
    case State::kSending:
      return "it is on its way at this moment";
    case State::kDelivered:
      return "the recipient has it, and would get it a second time";
    case State::kRejected:
      return "the recipient refused it, and its sender is told so; mended, it is a new task for the sender to send";
    case State::kFailed:
    case State::kAbandoned:
    case State::kExpired:
      return "its sender is told that it was not delivered and never will be, and may have sent it anew or used "
             "another "
             "channel; have the sender send it again";
    case State::kInDoubt:
      if (stored.task.deferral) return {};
      return "it was not deferred, so its request is not kept; ask the recipient, then put what it says on record with "
             "`outbox resolve`";
    case State::kQueued:
    case State::kRetryWait:
      return {};
  }
  return "its state is not known";
}

}  // namespace gw::outbox
