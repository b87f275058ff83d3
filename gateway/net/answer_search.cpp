#include "net/answer_search.hpp"

#include <string>
#include <utility>

namespace gw::net {

namespace {

constexpr int kMaxInterim = 8;

Fault malformed(std::string detail) {
  return fault(FaultKind::kMalformed, std::move(detail));
}

}  // namespace

std::optional<Fault> AnswerSearch::take(AnswerHead head) {
  if (head.status == 101) return malformed("the answer switches protocols, which nobody asked for");
  if (head.status >= 200) {
    head_ = std::move(head);
  } else if (++interim_ > kMaxInterim) {
    return malformed("more than " + std::to_string(kMaxInterim) + " interim answers (1xx) came");
  }
  return std::nullopt;
}

bool AnswerSearch::look(InputBuffer& input, std::size_t limit_bytes) {
  while (!head_ && !failure_) {
    began_ = began_ || !input.empty();
    const auto scan = scan_head(input.view(), scanned_);
    const auto held = scan.state == HeadScan::State::kComplete ? scan.size : input.size();
    if (held > limit_bytes) {
      failure_ =
          fault(FaultKind::kTooLarge, "the answer's head is larger than " + std::to_string(limit_bytes) + " bytes");
    } else if (scan.state == HeadScan::State::kBareLineFeed) {
      failure_ = malformed("the answer's head has a line that does not end with CRLF");
    } else if (scan.state == HeadScan::State::kIncomplete) {
      scanned_ = scan.scanned;
      return false;
    } else {
      auto head = check_answer_head(input.view().substr(0, scan.size));
      input.consume(scan.size);
      scanned_ = 0;
      failure_ = head ? take(std::move(*head)) : std::optional{head.error()};
    }
  }
  return head_.has_value();
}

}  // namespace gw::net
