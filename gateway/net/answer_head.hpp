// The strict check of an answer's head, on the outbound side. Pure. Only a head that passes may decide a task's fate.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/http.hpp"
#include "base/result.hpp"
#include "net/head_syntax.hpp"

namespace gw::net {

struct AnswerHead {
  int status = 0;
  Headers headers;
  Framing framing;
  bool keep_alive = false;  ///< HTTP/1.1 without Connection: close
};

/// `head` ends with its empty line. Faults: kMalformed, kTooLarge.
[[nodiscard]] Result<AnswerHead> check_answer_head(std::string_view head);

/// Whether an answer with this status to this method has no body, whatever its headers say.
[[nodiscard]] bool has_no_body(int status, std::string_view method);

}  // namespace gw::net
