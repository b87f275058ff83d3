// How the console says things to staff: the words for a task's state, dates, names, NHS numbers. Pure.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "directory/directory.hpp"
#include "outbox/entry.hpp"

namespace gw::console {

/// The four words that staff know from their own systems (OPS-05). `Received` is said only where the recipient stored
/// the task; one in doubt was `Sent`, and no more than that is known.
enum class Word : unsigned char { kQueued, kSent, kReceived, kError };
inline constexpr std::array<Word, 4> kWords = {Word::kQueued, Word::kSent, Word::kReceived, Word::kError};

[[nodiscard]] Word word_for_staff(outbox::State state);
[[nodiscard]] std::vector<outbox::State> states_of(Word word);
[[nodiscard]] std::string_view text_of(Word word);  ///< "Received"

/// Who looks at a task. A word of the sender's ("Received": by them) would say something else to the recipient, so each
/// is told what is true for them.
enum class Side : unsigned char { kSender, kRecipient };
/// The state as a tag says it: the sender's four words, for the recipient where the task is ("In your mailbox").
[[nodiscard]] std::string_view state_text(const outbox::StoredTask& stored, Side side);
/// What it means for them, and what to do about it, in a sentence or two.
[[nodiscard]] std::string_view meaning_of(const outbox::StoredTask& stored, Side side);

[[nodiscard]] std::string_view text_of_type(std::string_view code);  ///< "1": "Information only"

/// "21-Nov-2026 01:02:03", in Europe/London.
[[nodiscard]] std::string text_of(Instant at);
/// "21-Nov-2026"
[[nodiscard]] std::string text_of(Day day);
/// "2026-11-21T09:30", as a browser gives a date and time that was picked, in Europe/London; of an hour that comes
/// twice its first.
[[nodiscard]] std::optional<Instant> moment_from(std::string_view text);
/// An NHS number as people write it, with or without blanks between its groups.
[[nodiscard]] std::optional<NhsNumber> nhs_number_from(std::string_view text);
/// What is wrong with a text that is none, as a form says it.
[[nodiscard]] std::string_view why_no_nhs_number(std::string_view text);
/// "APPLEBY, Rowan (Ms)": the family name as a patient banner writes it.
[[nodiscard]] std::string name_of(const directory::Patient& patient);
/// Of one that the directory does not know, its ODS code.
[[nodiscard]] std::string name_of_organisation(const OdsCode& ods, const directory::Directory& directory);
/// "3 minutes", "2 hours", "5 days": the largest unit that fits.
[[nodiscard]] std::string text_of_age(milliseconds age);

}  // namespace gw::console
