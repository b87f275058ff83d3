// A task's text as a page may show it: the narrative's words and structure, none of its attributes, links, images or
// styles. It is made anew from what the XML parser reports, so that it does not matter what the task's validation let
// through. Pure.
#pragma once

#include <string>
#include <string_view>

#include "console/html.hpp"

namespace gw::console {

struct Narrative {
  Html html;
  std::string text;  ///< its words alone, with a new line where a paragraph, a list item or a row ends
};

/// `div` is the XHTML of Basic.text.div. What is not well formed is shown as far as it goes.
[[nodiscard]] Narrative narrative_of(std::string_view div);

}  // namespace gw::console
