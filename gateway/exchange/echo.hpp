// What a recipient that says it stored a task shows of it: generic DSTU2 software may drop the narrative of contained
// resources, and so the very words of a task (OUT-12); a gateway like this one says when it took it for a repeat
// (OUT-11). Pure.
#pragma once

#include <string_view>

#include "base/digest.hpp"
#include "exchange/caller.hpp"
#include "exchange/parts.hpp"
#include "net/client.hpp"

namespace gw::exchange {

/// The text of a task that was sent.
struct SentText {
  Sha256 hash{};                    ///< of the plain text (OUT-12)
  std::string_view narrative = {};  ///< the div it was read from, where that is at hand
};

enum class Echo : unsigned char {
  kNothingElse,  ///< the task as it was sent; or nothing of it: an empty body, something that cannot be read
  kOtherText,    ///< an Order whose text is not what was sent
  kEarlierTask,  ///< an OperationOutcome with an issue `duplicate`
};

[[nodiscard]] Echo echo_of(const net::WireAnswer& answer, const SentText& sent, const Caller& caller,
                           const Settings& settings);

/// What the sender is told of it beside the recipient's own answer.
[[nodiscard]] Header text_warning();

}  // namespace gw::exchange
