// What recipients' systems do in the rows of the fault table, and what must come of it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "fault/recipient_rows.hpp"

namespace gw::test {

inline constexpr milliseconds kShort{200};
inline constexpr milliseconds kEnoughForAHead{2'000};  ///< where the answer's head must have come in time

/// Reads the request, then says this and ends the connection in order.
[[nodiscard]] Act says(std::string bytes);
[[nodiscard]] Act says_and_resets(std::string bytes);
[[nodiscard]] Act says_and_waits(std::string bytes);
/// Says this when the request's head is there and most of its body is not.
[[nodiscard]] Act says_early(std::string bytes);
/// Says the one, then the other over and over until the gateway has enough.
[[nodiscard]] Act never_ends(std::string start, std::string again);

/// A whole answer.
[[nodiscard]] std::string whole(int status, const std::string& body = "{\"told\":\"by the recipient\"}",
                                const std::string& headers = {});
/// An answer whose body breaks off.
[[nodiscard]] std::string broken_off(int status);

/// In doubt: 504.
[[nodiscard]] RecipientRow doubtful(const char* fault, Act act, std::string_view issue = "transient");
/// Stored, whatever became of the answer's body: 201.
[[nodiscard]] RecipientRow delivered(const char* fault, Act act);
[[nodiscard]] RecipientRow with(RecipientRow row, std::function<void(app::Config&)> limits);
void set_answer_limit(app::Config& config);
void set_answer_limit_after_head(app::Config& config);

void append(std::vector<RecipientRow>& rows, std::vector<RecipientRow> more);

}  // namespace gw::test
