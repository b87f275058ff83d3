#include "fault/recipient_acts.hpp"

#include <iterator>
#include <utility>

namespace gw::test {

using outbox::State;

bool Visit::secure() {
  return peer.accept_tls(world->provider(), &world->ca());
}

bool Visit::read_request() {
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  if (seen.find("\r\n\r\n") == std::string::npos) seen += peer.receive_until("\r\n\r\n");
  const auto at = seen.find(kLength);
  if (at == std::string::npos) return false;
  const auto end = seen.find("\r\n\r\n") + 4 + std::stoul(seen.substr(at + kLength.size()));
  while (seen.size() < end) {
    const auto more = peer.receive();
    if (more.empty()) return false;
    seen += more;
  }
  ++whole;
  return true;
}

void Visit::wait_until_told() const {
  told.wait_for(std::chrono::seconds{10});
}

void Visit::outwait() {
  peer.receive_to_end();
}

Act says(std::string bytes) {
  return [bytes = std::move(bytes)](Visit& visit) {
    visit.read_request();
    visit.answer(bytes);
    visit.peer.end_sending();
    visit.outwait();
  };
}

Act says_and_resets(std::string bytes) {
  return [bytes = std::move(bytes)](Visit& visit) {
    visit.read_request();
    visit.answer(bytes);
    visit.peer.reset();
  };
}

Act says_and_waits(std::string bytes) {
  return [bytes = std::move(bytes)](Visit& visit) {
    visit.read_request();
    visit.answer(bytes);
    visit.outwait();
  };
}

Act says_early(std::string bytes) {
  return [bytes = std::move(bytes)](Visit& visit) {
    visit.seen += visit.peer.receive_until("\r\n\r\n");
    visit.answer(bytes);
    visit.wait_until_told();  // who read on might have the whole task before the gateway sees the answer
  };
}

Act never_ends(std::string start, std::string again) {
  return [start = std::move(start), again = std::move(again)](Visit& visit) {
    visit.read_request();
    visit.answer(start);
    constexpr int more_than_any_limit = 100'000;
    for (int i = 0; i < more_than_any_limit && visit.peer.send(again); ++i) {
    }
  };
}

std::string whole(int status, const std::string& body, const std::string& headers) {
  return "HTTP/1.1 " + std::to_string(status) + " As It Is\r\n" + headers +
         "Content-Type: application/json+fhir\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string broken_off(int status) {
  return "HTTP/1.1 " + std::to_string(status) + " As It Is\r\nContent-Length: 1000\r\n\r\nthe beginning";
}

void set_answer_limit(app::Config& config) {
  config.delivery.timeouts.answer = kShort;
}
void set_answer_limit_after_head(app::Config& config) {
  config.delivery.timeouts.answer = kEnoughForAHead;
}

RecipientRow doubtful(const char* fault, Act act, std::string_view issue) {
  return {.fault = fault, .act = std::move(act), .told = 504, .issue = issue, .state = State::kInDoubt};
}

RecipientRow delivered(const char* fault, Act act) {
  return {.fault = fault, .act = std::move(act), .told = 201, .issue = "", .state = State::kDelivered};
}

RecipientRow with(RecipientRow row, std::function<void(app::Config&)> limits) {
  row.limits = std::move(limits);
  return row;
}

void append(std::vector<RecipientRow>& rows, std::vector<RecipientRow> more) {
  std::move(more.begin(), more.end(), std::back_inserter(rows));
}

}  // namespace gw::test
