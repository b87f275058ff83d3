// What the list of tasks was asked for, as its address says it. Pure.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "console/fields.hpp"
#include "console/words.hpp"
#include "outbox/entry.hpp"

namespace gw::console {

/// At most so many of the tasks that match are listed and sorted: the newest. Older ones are found by their dates.
inline constexpr std::size_t kMostListed = 500;
inline constexpr std::size_t kRowsOnPage = 20;

/// A column's name, as the address says it, and its heading.
struct Column {
  std::string_view name, title;
};
inline constexpr std::array<Column, 6> kColumns = {{{"time", "Date and time"},
                                                    {"direction", "Sent/Received"},
                                                    {"other", "From/To"},
                                                    {"patient", "Patient"},
                                                    {"type", "Type"},
                                                    {"state", "State"}}};

/// What the list is narrowed to: a name for the address, and the option's title.
struct Choice {
  std::string_view name, title;
  std::optional<Side> side;  ///< of this organisation; nothing: either
  std::optional<Word> word;  ///< of what it sent
};
inline constexpr std::array<Choice, 7> kChoices = {{
    {"", "Sent and received", {}, {}},
    {"received", "Received", Side::kRecipient, {}},
    {"sent", "Sent", Side::kSender, {}},
    {"sent-queued", "Sent: queued", Side::kSender, Word::kQueued},
    {"sent-unconfirmed", "Sent: not confirmed", Side::kSender, Word::kSent},
    {"sent-received", "Sent: received", Side::kSender, Word::kReceived},
    {"sent-error", "Sent: error", Side::kSender, Word::kError},
}};

/// The list's filter, order and page, as its address says them; what is not understood is left out.
struct ListRequest {
  Choice show = kChoices.front();
  std::string other;    ///< ODS code of the organisation at the other end; empty: any
  std::string patient;  ///< logical id; empty: any
  std::optional<Day> from, until;
  bool seldom = false;        ///< what the list is seldom narrowed by was asked for: the organisation or the days
  std::string sort = "time";  ///< a column's name
  bool ascending = false;
  std::size_t page = 1;
  std::string task;  ///< the chosen one

  static ListRequest from_query(const Fields& query, Instant now);
  /// The address that asks for this.
  [[nodiscard]] std::string address() const;
  /// What the outbox is asked for on behalf of `own`.
  [[nodiscard]] outbox::Query query_for(const OdsCode& own) const;
};

}  // namespace gw::console
