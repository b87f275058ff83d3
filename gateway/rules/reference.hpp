// The text of a reference taken apart. Pure; resolves and fetches nothing.
#pragma once

#include <string_view>

namespace gw::rules {

enum class ReferenceForm : unsigned char {
  kFragment,  ///< "#id": a contained resource
  kRelative,  ///< "Patient/1"
  kAbsolute,  ///< "https://host/base/Patient/1"
  kUrn,       ///< "urn:uuid:..."
  kOther,     ///< none of these
};

/// Views borrow from the text. `type` and `id` are set for kRelative, and for kAbsolute whose path ends in them.
struct ReferenceParts {
  ReferenceForm form = ReferenceForm::kOther;
  std::string_view base;     ///< kAbsolute: what stands before "/Type/id"
  std::string_view type;     ///< "Patient"
  std::string_view id;       ///< "1"
  std::string_view version;  ///< after "/_history/"
};

[[nodiscard]] ReferenceParts parse_reference(std::string_view text);

}  // namespace gw::rules
