// Identifiers as types of their own, so that an ASID cannot stand where an ODS code belongs.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace gw {

/// A text identifier with a type of its own. Construct only from text that was checked where it came in.
template <class Tag>
class TextId {
 public:
  TextId() = default;
  explicit TextId(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  auto operator<=>(const TextId&) const = default;

 private:
  std::string text_;
};

using Asid = TextId<struct AsidTag>;            ///< Accredited System ID: 12 digits
using OdsCode = TextId<struct OdsCodeTag>;      ///< organisation code, upper case as registered
using TraceId = TextId<struct TraceIdTag>;      ///< Ssp-TraceID: a GUID, lower case
using NhsNumber = TextId<struct NhsNumberTag>;  ///< 10 digits with a right check digit

/// The gateway's own id of an outbox entry: grows with time, so that tables and indexes grow at their end.
/// Milliseconds since 1970 in the upper 42 bits, a counter in the lower 21.
struct TaskId {
  std::int64_t number = 0;
  auto operator<=>(const TaskId&) const = default;
};

/// The id as FHIR logical id: 13 characters of [0-9a-v], ordered as the number is.
[[nodiscard]] std::string to_text(TaskId id);
/// Number 0 when the text is not such an id.
[[nodiscard]] TaskId task_id_from(std::string_view text);

}  // namespace gw

template <class Tag>
struct std::hash<gw::TextId<Tag>> {
  std::size_t operator()(const gw::TextId<Tag>& id) const noexcept { return std::hash<std::string>{}(id.text()); }
};
