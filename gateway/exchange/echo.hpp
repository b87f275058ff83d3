// Whether a recipient that says it stored a task shows it with its text: generic DSTU2 software may drop the narrative
// of contained resources, and so the very words of a task (OUT-12). Pure.
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

/// True when `answer` shows an Order whose text is not `sent`. False where it shows none: an empty body, another
/// resource, something that cannot be read.
[[nodiscard]] bool shows_other_text(const net::WireAnswer& answer, const SentText& sent, const Caller& caller,
                                    const Settings& settings);

/// What the sender is told of it beside the recipient's own answer.
[[nodiscard]] Header text_warning();

}  // namespace gw::exchange
