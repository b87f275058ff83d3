// The head of a recipient's answer.
#include "net/answer_head.hpp"
#include "fuzz/target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gw;
  const auto text = fuzz::text_of(data, size);
  const auto scan = net::scan_head(text, 0);
  if (scan.state != net::HeadScan::State::kComplete) return 0;
  if (const auto head = net::check_answer_head(text.substr(0, scan.size))) {
    fuzz::demand(head->status >= 100 && head->status <= 999, "a status has three digits");
    fuzz::demand(!(head->framing.chunked && head->framing.content_length), "a body has one length");
  }
  return 0;
}
