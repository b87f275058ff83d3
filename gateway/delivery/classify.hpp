// What a recipient's behaviour means for the task: delivered, refused, certainly not delivered, or not known. Pure: no
// I/O, no time. Start reading at the table above classify().
#pragma once

#include <optional>
#include <string>

#include "net/client.hpp"

namespace gw::delivery {

enum class Verdict : unsigned char {
  kDelivered,  ///< a complete, valid 200 or 201 head, whatever became of its body
  kRejected,   ///< complete 4xx or 501: passed on as it is
  kFailed,     ///< certainly not stored: complete 408, 429 or 503 (passed on), else 502, 503 or 504 of our own
  kInDoubt,    ///< may have been stored: 504 (a complete 500 is passed on, still in doubt)
};

struct Delivery {
  Verdict verdict = Verdict::kInDoubt;
  int status = 504;        ///< for the sender; the recipient's own when `pass_on`
  bool timed_out = false;  ///< a time limit ended it: issue code timeout, else transient
  bool pass_on = false;    ///< the recipient's own answer is the sender's answer (ANS-13); then answer->complete
  /// Whatever the recipient said, also when it is not passed on. A delivered task whose answer broke off has
  /// complete = false, pass_on = false and status 200 or 201: the sender is told 201 with the headers that came.
  std::optional<net::WireAnswer> answer;
  std::string cause;        ///< what happened, without what it means for the task; one line
  std::string diagnostics;  ///< sentences for the sender's staff and developer, and for the entry's note; one line
};

/// SPEC section 7's last paragraph and RELIABILITY section 2's table, in one place (SSP-07, SSP-08, OUT-02, OUT-04):
///
/// | what happened                                        | verdict   | the sender gets            |
/// |------------------------------------------------------|-----------|----------------------------|
/// | head of a 200 or 201, complete answer                | delivered | the answer                 |
/// | head of a 200 or 201, body broke off                 | delivered | status of the head         |
/// | a 200 or 201 before all of the task was sent         | in doubt  | 504                        |
/// | complete 408, 429, 503                               | failed    | the answer                 |
/// | other complete 4xx, complete 501                     | rejected  | the answer                 |
/// | complete 500                                         | in doubt  | the answer                 |
/// | any other answer (other 2xx, 3xx, 502, broken 4xx...) | in doubt  | 504                        |
/// | all sent, no answer head                             | in doubt  | 504                        |
/// | all sent, but our certificate refused by TLS alert   | failed    | 502                        |
/// | nothing or a part sent                               | failed    | 502; 504 after a time limit |
///
/// An acceptance of what the recipient cannot have whole is no proof that the task is stored, nor that it is not.
/// Other 2xx are in doubt because FHIR's create answers 201 (200 when the task was there already): a 202 or 204 does
/// not say that the task is stored.
/// An answer that is passed on here may be a relayed read's, too: whoever relays needs `answer` alone.
[[nodiscard]] Delivery classify(net::ExchangeResult result);
/// The same for a connection that never came to be: always failed, with 502 (unreachable, TLS, reset), 503 (our own
/// limits, stopping) or 504 (a time limit).
[[nodiscard]] Delivery classify(const Fault& connect_fault);

}  // namespace gw::delivery
