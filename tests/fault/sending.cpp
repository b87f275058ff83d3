#include "fault/sending.hpp"

#include <stdexcept>

#include "exchange/send_bench.hpp"
#include "outbox/view.hpp"

namespace gw::test {

Sending task_for(const ProxyWorld& world, const std::string& text, std::string_view base) {
  auto order = std::string{exchange::test::kOrder};
  const auto put = [&order](std::string_view what, std::string_view with) {
    order.replace(order.find(what), what.size(), with);
  };
  put("2026-11-21", to_iso_date(london_day(SystemClock{}.now())));
  put("Call back", text);
  if (base == kMailbox) {
    put("Organization/3", "Organization/2");
    put("Patient/10", "Patient/3");
  }
  const auto head = world.head("POST", std::string{base} + "/Order", kCreateOrder);
  constexpr std::string_view kTrace = "ssp-TRACEID: ";
  const auto at = head.find(kTrace) + kTrace.size();
  return {head.substr(at, head.find("\r\n", at) - at),
          head + "Content-Type: application/json+fhir\r\nContent-Length: " + std::to_string(order.size()) + "\r\n\r\n" +
              order};
}

Answer read_answer(BlockingPeer& sender) {
  const auto wire = sender.receive_answer();
  Answer answer;
  const auto end = wire.find("\r\n\r\n");
  if (!wire.starts_with("HTTP/1.1 ") || end == std::string::npos) return answer;
  answer.status = std::stoi(wire.substr(9, 3));
  answer.head = wire.substr(0, end + 2);
  answer.body = wire.substr(end + 4);
  if (const auto document = fhir::read_json(answer.body)) {
    if (const auto* const issue = document->root()->child("issue")) answer.issue = issue->child_value("code");
  }
  return answer;
}

Answer sent(const ProxyWorld& world, const Sending& sending) {
  auto sender = world.sender();
  if (!sender.send(sending.bytes)) return {};
  return read_answer(sender);
}

std::vector<outbox::State> states_of(const ProxyWorld& world, const std::string& trace) {
  auto view = outbox::View::open(world.outbox_path());
  if (!view) throw std::runtime_error(view.error().detail);
  outbox::Query query;
  query.with_body = false;
  query.count = outbox::kMaxPage;
  std::vector<outbox::State> states;
  for (bool more = true; more;) {
    const auto page = (*view)->search(query);
    if (!page) throw std::runtime_error(page.error().detail);
    for (const auto& entry : page->tasks) {
      if (entry.task.trace.text() == trace) states.push_back(entry.state);
      query.after = entry.task.id;
    }
    more = page->more;
  }
  return states;
}

}  // namespace gw::test
