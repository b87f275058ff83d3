// What a recipient's behaviour means for the task: delivered, refused, certainly not delivered, or not known. Pure.
#pragma once

#include <optional>
#include <string>

#include "net/client.hpp"

namespace gw::delivery {

enum class Verdict : unsigned char {
  kDelivered,  ///< complete, valid 2xx head
  kRejected,   ///< complete 4xx or 501: passed on as it is
  kFailed,     ///< certainly not stored: 502, 503 or 504
  kInDoubt,    ///< may have been stored: 504 (a complete 500 is passed on, still in doubt)
};

struct Delivery {
  Verdict verdict = Verdict::kInDoubt;
  int status = 504;      ///< for the sender, when `answer` is not passed on
  bool pass_on = false;  ///< the recipient's own answer is the sender's answer (ANS-13)
  std::optional<net::WireAnswer> answer;
  std::string diagnostics;  ///< a sentence for the sender, and for the entry's note
};

/// SPEC section 7's last paragraph and RELIABILITY section 2's table, in one place.
[[nodiscard]] Delivery classify(net::ExchangeResult result);
/// The same for a connection that never came to be.
[[nodiscard]] Delivery classify(const Fault& connect_fault);

}  // namespace gw::delivery
