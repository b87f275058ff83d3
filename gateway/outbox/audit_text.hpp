// What a sender wrote, made fit to be kept for years and shown on a terminal (AUD-01). Pure; knows nothing of records.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gw::outbox {

/// The longest text of an audit record, in bytes. Well above any name, role or identifier there is; a sender cannot
/// make the audit grow faster than this for each field.
constexpr std::size_t kAuditTextBytes = 1024;

/// `text` with control characters (C0, DEL, C1, U+2028, U+2029, the marks that turn the direction of writing, U+FFFE,
/// U+FFFF) and bytes that are not UTF-8 written as \xHH, a byte each; cut between characters to kAuditTextBytes, the
/// last of them "..." when something was cut off. All else stays as it is, backslashes too: the result is for people
/// and for searching, not for reading back.
/// Gives `text` itself where it is fit already, as nearly all are; else what was put into `room`.
[[nodiscard]] std::string_view audit_text(std::string_view text, std::string& room);

}  // namespace gw::outbox
