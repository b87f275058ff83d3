#include "fault/ledgers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace gw::test {

namespace {

using outbox::State;

bool is_delivered(int status) {
  return status == 201 || status == 200;
}

/// The sender was told that the task is not there and never will be.
bool is_definite_failure(int status) {
  return status != 0 && !is_delivered(status) && status != 202 && status != 504 && status != 500;
}

/// One request in all four books.
struct Joined {
  const SendersLine& line;
  int held;
  std::vector<State> states;
  std::set<int> audited;

  [[nodiscard]] bool any(State wanted) const { return std::ranges::find(states, wanted) != states.end(); }
  [[nodiscard]] bool told_any(bool (*what)(int)) const { return std::ranges::any_of(line.told, what); }
};

template <class Key, class Value>
Value found(const std::map<Key, Value>& in, const Key& key) {
  const auto at = in.find(key);
  return at == in.end() ? Value{} : at->second;
}

std::vector<std::string_view> wrongs_of(const Joined& request) {
  std::vector<std::string_view> wrongs;
  const auto last = request.line.told.empty() ? 0 : request.line.told.back();
  const bool told_delivered = request.told_any(is_delivered);
  const bool told_failed = request.told_any(is_definite_failure);
  if (told_delivered && request.held == 0) wrongs.emplace_back("lost: told delivered, and the recipient has nothing");
  if (request.held > 1) wrongs.emplace_back("doubled: the recipient has it more than once");
  if (told_failed && request.held > 0) wrongs.emplace_back("untrue: told to have failed, and the recipient has it");
  if (told_failed && told_delivered) wrongs.emplace_back("untrue: told to have failed, and to be delivered");
  if (told_delivered && !is_delivered(last)) wrongs.emplace_back("untrue: told delivered, and later something else");
  if (told_delivered && !request.any(State::kDelivered)) wrongs.emplace_back("untrue: told delivered, not on record");
  if (told_failed && (request.any(State::kDelivered) || request.any(State::kInDoubt)))
    wrongs.emplace_back("untrue: told to have failed, on record as delivered or in doubt");
  if (request.held > 0 && !request.any(State::kDelivered) && !request.any(State::kInDoubt))
    wrongs.emplace_back("untrue: the recipient has it, and that is not on record");
  if (request.line.known_at_once && (last == 504 || last == 500))
    wrongs.emplace_back("untrue: told unknown, where it is known");
  if (request.any(State::kReceived) || request.any(State::kSending))
    wrongs.emplace_back("untreated: its entry is unfinished");
  if (last == 0) wrongs.emplace_back("untreated: its last repeat got no answer");
  for (const int status : request.line.told) {
    if (status != 0 && !request.audited.contains(status)) {
      wrongs.emplace_back("untreated: an answer that was given is not in the audit");
      break;
    }
  }
  return wrongs;
}

}  // namespace

std::vector<std::string> wrongs_of(const std::vector<SendersLine>& senders, const Books& books) {
  std::vector<std::string> lines;
  for (const auto& line : senders) {
    const Joined request{line, found(books.recipients, line.trace), found(books.outbox, line.trace),
                         found(books.audit, line.trace)};
    std::vector<std::string_view> states;
    for (const auto state : request.states) states.push_back(outbox::name_of(state));
    for (const auto wrong : wrongs_of(request)) {
      lines.push_back(fmt::format("{}: {} (told {}, held {}, entries {}, audit {})", line.trace, wrong, line.told,
                                  request.held, states, request.audited));
    }
  }
  return lines;
}

}  // namespace gw::test
