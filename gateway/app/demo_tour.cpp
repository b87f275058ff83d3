#include "app/demo_tour.hpp"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <functional>
#include <optional>

#include "app/demo_client.hpp"
#include "app/send.hpp"
#include "exchange/task_message.hpp"

namespace gw::app {

namespace {

/// The message as the use case publishes its sample: no narrative status, no XHTML namespace, fixed references.
std::string sample_as_published(Instant now) {
  return fmt::format(R"({{
  "resourceType": "Order",
  "meta": {{ "profile": ["http://fhir.nhs.net/StructureDefinition/gpconnect-task-order-1"] }},
  "contained": [{{
    "resourceType": "Basic",
    "id": "8d2b1c5e-0f43-4a6c-9f6b-3f0e2a7d9c11",
    "meta": {{ "profile": ["http://fhir.nhs.net/StructureDefinition/gpconnect-task-description-basic-1"] }},
    "text": {{ "div": "<div>The patient's repeat prescription is due for a check when convenient.</div>" }},
    "code": {{ "coding": [{{ "system": "http://fhir.nhs.net/ValueSet/gpconnect-task-narrative-1", "code": "Task Narrative" }}] }}
  }}],
  "date": "{}",
  "subject": {{ "reference": "Patient/1", "display": "Ms Rowan Appleby" }},
  "source": {{ "reference": "Organization/1", "display": "Alder Lane Surgery" }},
  "target": {{ "reference": "Organization/2", "display": "Beacon Extended Access Hub" }},
  "reasonCodeableConcept": {{
    "coding": [{{ "system": "http://fhir.nhs.net/ValueSet/gpconnect-task-type-1", "code": "1" }}],
    "text": "For your information"
  }},
  "detail": [{{ "reference": "#8d2b1c5e-0f43-4a6c-9f6b-3f0e2a7d9c11" }}]
}})",
                     to_iso_date(london_day(now)));
}

/// A task that breaks three rules at once: its type, its date, and its missing target.
std::string with_three_mistakes(std::string order, Instant now) {
  const auto replace = [&order](std::string_view what, std::string_view with) {
    const auto at = order.find(what);
    if (at != std::string::npos) order.replace(at, what.size(), with);
  };
  replace(R"(gpconnect-task-type-1","code":"1")", R"(gpconnect-task-type-1","code":"3")");
  replace("\"date\":\"" + to_iso_date(london_day(now)), "\"date\":\"2014-12-11");
  const auto target = order.find("\"target\":{");
  order.erase(target, order.find('}', target) + 2 - target);
  return order;
}

/// Whether every member of `sent` stands unchanged in `stored` (which has an id, a version and an identifier besides).
bool holds_all_of(const std::string& stored_text, const std::string& sent_text) {
  rapidjson::Document stored;
  rapidjson::Document sent;
  stored.Parse(stored_text.c_str(), stored_text.size());
  sent.Parse(sent_text.c_str(), sent_text.size());
  if (!stored.IsObject() || !sent.IsObject()) return false;
  for (const auto& member : sent.GetObject()) {
    const auto kept = stored.FindMember(member.name);
    if (kept == stored.MemberEnd()) return false;
    if (member.name == "meta") {
      if (kept->value["profile"] != member.value["profile"]) return false;
    } else if (kept->value != member.value) {
      return false;
    }
  }
  return true;
}

class Tour {
 public:
  Tour(DemoWorld& world, const std::filesystem::path& program, const StopSignals& stop)
      : world_(world),
        program_(program),
        stop_(stop),
        practice_a_(world, world.party("practice-a")),
        hub_(world, world.party("hub")) {}

  bool run() {
    both_ways();
    relayed();
    refused();
    recipient_down();
    without_certificate();
    read_back();
    if (stop_.came()) return false;
    fmt::print("\n{} of {} steps did what they should\n", passed_, steps_);
    return passed_ == steps_;
  }

 private:
  [[nodiscard]] DemoClient::Request request_of(const DemoClient& sender, const DemoClient::Task& task) const {
    return sender.request_of(task, clock_.now());
  }

  /// Send, compare, print. Gives the answer for steps that build on it.
  std::optional<net::WireAnswer> step(std::string_view what, const DemoClient& sender,
                                      const DemoClient::Request& request, int expected,
                                      const std::function<bool(const net::WireAnswer&)>& also = {}) {
    if (stop_.came()) return std::nullopt;
    ++steps_;
    auto answer = sender.send(request);
    const bool right = answer && answer->status == expected && (!also || also(*answer));
    passed_ += right ? 1 : 0;
    fmt::print("{} {:<66} {}", right ? "ok  " : "FAIL", what,
               answer ? std::to_string(answer->status) : answer.error().detail);
    if (!right) fmt::print("  (expected {})", expected);
    if (answer) {
      const auto location = header_value(answer->headers, "Location");
      const auto lines = outcome_lines(answer->body);
      if (!location.empty()) fmt::print("  {}", location);
      std::string indented;
      for (const char c : lines) indented += c == '\n' ? std::string{"\n       "} : std::string{c};
      if (!lines.empty()) fmt::print("\n       {}", indented);
    }
    fmt::print("\n");
    std::fflush(stdout);
    if (!answer) return std::nullopt;
    return std::move(*answer);
  }

  void both_ways() {
    const auto hub = world_.party("hub").base();
    const auto information = request_of(practice_a_, {"A20001", "U20002", "1", false, hub});
    sent_ = information.body;
    const auto stored = step("practice sends the hub an information task", practice_a_, information, 201,
                             [&](const auto& answer) { return holds_all_of(answer.body, information.body); });
    if (stored) location_ = header_value(stored->headers, "Location");
    step("hub sends the registered practice an action task", hub_,
         request_of(hub_, {"U20002", "A20001", "1", true, world_.party("practice-a").base()}), 201);
    step("the sample as published, dated today, to the hub", practice_a_,
         request_of(practice_a_, {"A20001", "U20002", "1", false, hub, sample_as_published(clock_.now())}), 201);
  }

  void relayed() {
    const auto& proxy = world_.party("proxy");
    const auto& cedar = world_.party("practice-b");
    step("the same through a gateway that relays to a practice's endpoint", practice_a_,
         request_of(practice_a_, {"A20001", "B20003", "3", false, proxy.url() + "/B20003/DSTU2/1"}), 201);
    step("the same through the proxy's URL form", practice_a_,
         request_of(practice_a_, {"A20001", "B20003", "3", false, proxy.url() + "/" + cedar.base()}), 201);
    step("practice sends through its own gateway", practice_a_,
         request_of(practice_a_, {"A20001", "U20002", "2", true, world_.party("practice-a").url() + "/U20002/DSTU2/1"}),
         201);
  }

  void refused() {
    const auto& hub = world_.party("hub");
    auto wrong = request_of(practice_a_, {"A20001", "U20002", "1", false, hub.base()});
    wrong.body = with_three_mistakes(wrong.body, clock_.now());
    step("a task with three mistakes is refused, all three named", practice_a_, wrong, 422, [](const auto& answer) {
      return answer.body.find("Order.reasonCodeableConcept.coding[0].code") != std::string::npos &&
             answer.body.find("Order.date") != std::string::npos &&
             answer.body.find("Order.target") != std::string::npos;
    });
    auto unknown = request_of(practice_a_, {"A20001", "U20002", "1", false, hub.url() + "/Z99999/DSTU2/1"});
    step("an unknown organisation", practice_a_, unknown, 404);
    step("organisations without a sharing agreement", practice_a_,
         request_of(practice_a_, {"A20001", "C20004", "1", false, world_.party("practice-c").base()}), 403);
  }

  void recipient_down() {
    const auto base = world_.party("proxy").url() + "/B20003/DSTU2/1";
    world_.stop("practice-b");
    step("the recipient is down", practice_a_, request_of(practice_a_, {"A20001", "B20003", "3", true, base}), 502);
    if (auto started = world_.start("practice-b", program_); !started) fmt::print("FAIL {}\n", started.error().detail);
    step("the recipient is up again, the task is sent again", practice_a_,
         request_of(practice_a_, {"A20001", "B20003", "3", true, base}), 201);
  }

  void without_certificate() {
    auto request = request_of(practice_a_, {"A20001", "U20002", "1", false, world_.party("hub").base()});
    request.with_certificate = false;
    step("a client without a certificate", practice_a_, request, 496);
  }

  void read_back() {
    const auto base = world_.party("hub").base();
    const auto below = location_.size() > base.size() ? location_.substr(base.size()) : std::string{"/Order/none"};
    const auto request =
        practice_a_.read_of({.from = "A20001", .to = "U20002", .patient = "1", .base = base}, below, clock_.now());
    step("the stored task, read back, is what was sent", practice_a_, request, 200,
         [&](const auto& answer) { return holds_all_of(answer.body, sent_); });
  }

  DemoWorld& world_;
  const std::filesystem::path& program_;
  const StopSignals& stop_;
  SystemClock clock_;
  DemoClient practice_a_, hub_;
  std::string sent_, location_;
  int steps_ = 0;
  int passed_ = 0;
};

}  // namespace

bool run_tour(DemoWorld& world, const std::filesystem::path& program, const StopSignals& stop) {
  return Tour{world, program, stop}.run();
}

}  // namespace gw::app
