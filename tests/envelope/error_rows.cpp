// What the error table has beside envelope, token and patient: the body, the task, what is kept, and recipients.
#include "base/ids.hpp"
#include "envelope/rows.hpp"
#include "exchange/content_coding.hpp"

namespace gw::test {

namespace {

const std::string kBad = "400 BAD_REQUEST invalid";
const std::string kTooLong = "400 BAD_REQUEST too-long";

Change body(std::string bytes) {
  return [bytes = std::move(bytes)](Request& request, World&) { request.body = bytes; };
}

/// An XML body; the answer is wanted in JSON all the same, for the table to read.
Change xml(std::string bytes) {
  return [bytes = std::move(bytes)](Request& request, World&) {
    request.set("Content-Type", "application/xml+fhir");
    request.add("Accept", "application/json+fhir");
    request.body = bytes;
  };
}

Change method(std::string verb) {
  return [verb = std::move(verb)](Request& request, World&) { request.method = verb; };
}

Change send_to(std::string ods, int asid) {
  return [ods = std::move(ods), asid](Request& request, World&) { request.send_to(ods, asid); };
}

/// A body of `size` blanks, in gzip.
Change inflated(std::size_t size) {
  return [size](Request& request, World&) {
    Response packed;
    packed.body = std::string(size, ' ');
    exchange::encode_answer(packed, {{"Accept-Encoding", "gzip"}}, 0);
    request.body = packed.body;
    request.add("Content-Encoding", "gzip");
  };
}

Rows message_rows() {
  const std::string broken = "400 BAD_REQUEST structure";
  const std::string unsupported = "415 BAD_REQUEST not-supported";
  const std::string no_verb = "405 BAD_REQUEST not-supported";
  const auto encoded = [](Request& request, World&) { request.add("Content-Encoding", "br"); };
  const auto bad_ttl = [](Request& request, World&) {
    request.add("Prefer", "respond-async");
    request.add("TTL", "soon");
  };
  const auto no_type = [](Request& request, World&) { request.drop("Content-Type"); };
  const auto accepting = [](std::string type) {
    return [type = std::move(type)](Request& request, World&) { request.add("Accept", type); };
  };
  return {
      {"ANS-08", "no Host", [](Request& request, World&) { request.drop("Host"); }, kBad},
      {"ANS-08", "a header over its limit", header("X-Long", std::string(20'000, 'x')), kTooLong},
      {"ANS-08", "a target over its limit", target(kMailbox + "/Order?x=" + std::string(5'000, 'x')), kTooLong},
      {"ANS-08", "a body over its limit", body(std::string((std::size_t{1} << 20U) + 1, ' ')), kTooLong},
      {"ANS-06", "a body that is over its limit once inflated", inflated(std::size_t{3} << 20U), kTooLong},
      {"TASK-01", "an empty body", body(""), kBad, "empty"},
      {"ANS-04", "a body that is not JSON", body("hello"), broken},
      {"ANS-04", "a body that breaks off", body(R"({"resourceType":"Order")"), broken},
      {"ANS-04", "a body that is not XML", xml("hello"), broken},
      {"ANS-04", "an XML body that breaks off", xml(R"(<Order xmlns="http://hl7.org/fhir"><date)"), broken},
      {"ANS-04", "XML that declares an entity", xml(R"(<!DOCTYPE Order [<!ENTITY e "x">]><Order/>)"), broken},
      {"TASK-01", "another resource type, in XML",
       xml(R"(<Patient xmlns="http://hl7.org/fhir"><gender value="other"/></Patient>)"), kBad, "Patient"},
      {"TASK-01", "an empty XML body", xml(""), kBad, "empty"},
      {"TASK-01", "another resource type", order("/resourceType", R"("Patient")"), kBad, "Patient"},
      {"SSP-07", "PUT on tasks", method("PUT"), no_verb, "GET, POST"},
      {"SSP-07", "DELETE on tasks", method("DELETE"), no_verb, "GET, POST"},
      {"SSP-07", "a verb that nobody knows", method("FROB"), no_verb, "GET, POST"},
      {"SSP-07", "POST on metadata", target(kMailbox + "/metadata"), no_verb, "GET"},
      {"SSP-07", "a resource type that is not offered", target(kMailbox + "/Medication"),
       "501 NOT_IMPLEMENTED not-supported", "Medication"},
      {"SSP-06", "an interaction that a mailbox does not serve",
       [](Request& request, World&) { request.get("/Appointment/1", "read:appointment"); },
       "501 NOT_IMPLEMENTED not-supported", "mailbox"},
      {"ANS-05", "no Content-Type", no_type, unsupported, "Content-Type"},
      {"ANS-05", "another Content-Type", header("Content-Type", "text/plain"), unsupported, "text/plain"},
      {"ANS-05", "another charset", header("Content-Type", "application/json+fhir; charset=latin1"), unsupported,
       "latin1"},
      {"ANS-05", "nothing acceptable", accepting("image/png"), unsupported, "Accept"},
      {"ANS-05", "an unknown _format", target(kMailbox + "/Order?_format=yaml"), unsupported, "yaml"},
      {"ANS-06", "an unknown Content-Encoding", encoded, unsupported, "gzip"},
      {"OUT-06", "a TTL that is no number", bad_ttl, "400 BAD_REQUEST value", "TTL"},
  };
}

Rows profile_rows() {
  const std::string type = "/reasonCodeableConcept/coding/0/code";
  return {
      {"TASK-03", "no date", without_order("/date"), "422 INVALID_RESOURCE required", "Order.date"},
      {"TASK-03", "no subject", without_order("/subject"), "422 INVALID_RESOURCE required", "Order.subject"},
      {"TASK-04", "an unknown task type", order(type, R"("3")"), "422 INVALID_RESOURCE code-invalid", "'1'"},
      {"TASK-07", "another day", order("/date", R"("2017-08-17")"), "422 INVALID_RESOURCE business-rule", "Order.date"},
      {"TASK-03", "a date that is none", order("/date", R"("soon")"), "422 INVALID_RESOURCE value", "Order.date"},
      {"TASK-02", "an unknown element", order("/colour", R"("red")"), "422 INVALID_RESOURCE structure", "colour"},
  };
}

/// A search of the mailbox's tasks.
Change search(std::string query) {
  return get("/Order?" + std::move(query), "search:order");
}

/// The task that the row's request was to be is sent beforehand, and then once more with `change`.
Change after_itself(Change change) {
  return [change = std::move(change)](Request& request, World& world) {
    if (world.send(request).status != 201) throw std::logic_error("the task before was not taken");
    change(request, world);
  };
}

Change new_trace() {
  return [](Request& request, World&) { request.set("Ssp-TraceID", random_uuid()); };
}

Change reading_a_task_as(int asid) {
  return [asid](Request& request, World& world) {
    const auto sent = world.send(request);
    const auto location = std::string{header_value(sent.headers, "Location")};
    const auto path = location.substr(location.find("/Order/"));
    request.get(path, "read:order");
    request.send_as(asid);
    request.set("Ssp-TraceID", random_uuid());
  };
}

Rows kept_rows() {
  const std::string parameter = "422 INVALID_PARAMETER value";
  const std::string clash = "409 CONFLICTING_VALUES duplicate";
  const auto other_text =
      order("/contained/0/text/div", R"("<div xmlns=\"http://www.w3.org/1999/xhtml\">Other.</div>")");
  const auto identified = [](const Change& then) {
    return [then](Request& request, World& world) {
      request.order.set("/identifier", R"([{"system":"urn:ietf:rfc:3986","value":"urn:uuid:)" + random_uuid() + "\"}]");
      after_itself(then)(request, world);
    };
  };
  const auto both = [](const Change& first, const Change& second) {
    return [first, second](Request& request, World& world) {
      first(request, world);
      second(request, world);
    };
  };
  const auto refusing_repeats = [](Request& request, World& world) {
    request.send_as(9);
    after_itself(new_trace())(request, world);
  };
  return {
      {"ANS-09", "a stored task, to its sender", reading_a_task_as(1), "200"},
      {"ANS-09", "a stored task, to a third organisation", reading_a_task_as(6), "403 ACCESS_DENIED forbidden"},
      {"ANS-09", "a task that is not there", get("/Order/1", "read:order"), "404 NO_RECORD_FOUND not-found"},
      {"ANS-09", "a date that is none", search("date=soon"), parameter, "date"},
      {"ANS-09", "a date with an unknown prefix", search("date=xx2026-11-21"), parameter, "prefix"},
      {"ANS-09", "a count of none", search("_count=0"), parameter, "_count"},
      {"ANS-09", "an identifier without a value", search("identifier=urn:x%7C"), parameter, "identifier"},
      {"OUT-03", "the same trace id and content", after_itself([](Request&, World&) {}), "201"},
      {"OUT-03", "the same trace id, other content", after_itself(other_text), clash, "Ssp-TraceID"},
      {"OUT-03", "the same identifier and content", identified(new_trace()), "201"},
      {"OUT-03", "the same identifier, other content", identified(both(new_trace(), other_text)), clash, "identifier"},
      {"OUT-11", "the same task under a new trace id", after_itself(new_trace()), "201"},
      {"OUT-11", "the same, of a sender who wants it refused", refusing_repeats, clash},
  };
}

Rows recipient_rows() {
  const auto while_busy = [](Request& request, World& world) {
    request.kept = world.occupy_recipient();
    request.send_to("N13131", 13);
  };
  const auto with_all_connections_taken = [](Request& request, World& world) {
    auto all = std::make_shared<std::vector<std::shared_ptr<BlockingPeer>>>();
    for (std::size_t i = 0; i < World::kConnections; ++i) all->push_back(world.connect("sender"));
    request.kept = std::move(all);
    request.party = "two-names";
  };
  const auto over_its_rate = [](Request& request, World& world) {
    for (int i = 0; i < 10; ++i) {
      auto before = world.good_request();
      before.send_as(17);
      if (world.send(before).status != 201) throw std::logic_error("a task inside the rate was not taken");
    }
    request.send_as(17);
  };
  const std::string transient = " INTERNAL_SERVER_ERROR transient";
  return {
      {"SSP-07", "a recipient that is down", send_to("M12121", 12), "502" + transient, "was not delivered"},
      {"SSP-07", "a recipient that does not answer", send_to("K10101", 10), "504 INTERNAL_SERVER_ERROR timeout",
       "may have been delivered"},
      {"SSP-07", "a recipient that breaks off", send_to("L11111", 11), "504" + transient, "may have been delivered"},
      {"SSP-07", "a recipient that has enough to do", while_busy, "503" + transient, "was not delivered"},
      {"SSP-07", "more connections than there may be", with_all_connections_taken, "503" + transient},
      {"SSP-07", "a sender over its rate", over_its_rate, "429 TOO_MANY_REQUESTS throttled",
       "that one's outcome stands, and a repeat will tell it"},
      {"ANS-04", "what the gateway did not expect", send_to("Q15151", 15), "500 INTERNAL_SERVER_ERROR exception"},
  };
}

}  // namespace

Rows error_rows() {
  return joined(joined(message_rows(), profile_rows()), joined(kept_rows(), recipient_rows()));
}

}  // namespace gw::test
