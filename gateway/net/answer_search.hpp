// Finds the answer's head in what an outbound connection receives, past interim (1xx) answers. Pure: no I/O.
#pragma once

#include <cstddef>
#include <optional>

#include "net/answer_head.hpp"
#include "net/input_buffer.hpp"

namespace gw::net {

/// Of one exchange.
class AnswerSearch {
 public:
  /// Look at what `input` holds and take interim answers, and the head when it is complete, from it. True when the head
  /// is there; else more is needed, or failure() says why none will come. Faults: kTooLarge, kMalformed.
  bool look(InputBuffer& input, std::size_t limit_bytes);
  [[nodiscard]] bool found() const { return head_.has_value(); }
  /// The head that was found; once.
  [[nodiscard]] AnswerHead take_head() { return std::move(*head_); }
  [[nodiscard]] const std::optional<Fault>& failure() const { return failure_; }
  /// A byte of an answer came.
  [[nodiscard]] bool began() const { return began_; }

 private:
  std::optional<Fault> take(AnswerHead head);

  std::optional<AnswerHead> head_;
  std::optional<Fault> failure_;
  std::size_t scanned_ = 0;
  int interim_ = 0;
  bool began_ = false;
};

}  // namespace gw::net
