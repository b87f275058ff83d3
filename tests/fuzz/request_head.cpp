// The head of a request, and its target as a URL of ours.
#include "exchange/url.hpp"
#include "fuzz/target.hpp"
#include "net/chunked.hpp"
#include "net/head_check.hpp"
#include "spine/envelope.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gw;
  const auto text = fuzz::text_of(data, size);
  const auto scan = net::scan_head(text, 0);
  if (scan.state != net::HeadScan::State::kComplete) return 0;
  fuzz::demand(scan.size <= size, "a head ends inside what came");
  const auto head = net::check_request_head(text.substr(0, scan.size), {});
  if (!head) {
    fuzz::demand(!head.error().detail.empty(), "a refused head says why");
    return 0;
  }
  fuzz::demand(!(head->framing.chunked && head->framing.content_length), "a body has one length (ANS-08)");
  if (const auto url = exchange::parse_url(head->target)) (void)exchange::parse_query(url->query);
  if (!head->framing.chunked) return 0;
  net::ChunkedDecoder decoder;
  for (auto rest = text.substr(scan.size);;) {
    const auto step = decoder.step(rest);
    fuzz::demand(step.consumed <= rest.size(), "a chunk ends inside what came");
    rest.remove_prefix(step.consumed);
    if (step.state != net::ChunkedDecoder::Step::State::kData) break;
  }
  return 0;
}
