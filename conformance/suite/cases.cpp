#include "cases.hpp"

#include <array>
#include <fstream>

#include "base/digest.hpp"
#include "fhir/read.hpp"

namespace gw::conformance {

namespace {

constexpr std::string_view kBad = "BAD_REQUEST";
constexpr std::string_view kInvalid = "INVALID_RESOURCE";

/// Rename a claim, so that it is missing.
void without_claim(Draft& draft, const std::string& name) {
  draft.claim_edits.emplace_back('"' + name + "\":", "\"x_" + name + "\":");
}

/// The same task in XML; the answer is still wanted in JSON.
void as_xml(Draft& draft) {
  const auto value = [&draft](std::string_view before) {
    const auto at = draft.body.find(before) + before.size();
    return draft.body.substr(at, draft.body.find('"', at) - at);
  };
  draft.body =
      R"(<Order xmlns="http://hl7.org/fhir"><meta><profile value="http://fhir.nhs.net/StructureDefinition/)"
      R"(gpconnect-task-order-1"/></meta><contained><Basic><id value="t"/><meta><profile value=")"
      R"(http://fhir.nhs.net/StructureDefinition/gpconnect-task-description-basic-1"/></meta><text><status )"
      R"(value="additional"/><div xmlns="http://www.w3.org/1999/xhtml">)" +
      draft.words +
      R"(</div></text><code>)"
      R"(<coding><system value="http://fhir.nhs.net/ValueSet/gpconnect-task-narrative-1"/><code value="Task Narrative"/>)"
      R"(</coding></code></Basic></contained><date value=")" +
      value(R"("date":")") + R"("/><subject><reference value=")" + value(R"("subject":{"reference":")") +
      R"("/></subject><source><reference value=")" + value(R"("source":{"reference":")") +
      R"("/></source><target><reference value=")" + value(R"("target":{"reference":")") +
      R"("/></target><reasonCodeableConcept><coding><system value="http://fhir.nhs.net/ValueSet/gpconnect-task-type-1"/>)"
      R"(<code value="1"/></coding></reasonCodeableConcept><detail><reference value="#t"/></detail></Order>)";
  draft.set("Content-Type", "application/xml+fhir; charset=UTF-8");
}

constexpr std::array kCases{
    Case{"TASK-01", "an empty body", [](Draft& d) { d.body.clear(); }, 400, kBad, ""},
    Case{"TASK-01", "a body that is not JSON", [](Draft& d) { d.body = "{\"resourceType\":"; }, 400, kBad, "structure"},
    Case{"TASK-01", "another resource type", [](Draft& d) { d.body = R"({"resourceType":"Patient","id":"1"})"; }, 400,
         kBad, ""},
    Case{"TASK-02", "no task profile claimed", [](Draft& d) { d.edit("gpconnect-task-order-1", "other-1"); }, 422,
         kInvalid, ""},
    Case{"TASK-02", "no description profile claimed",
         [](Draft& d) { d.edit("gpconnect-task-description-basic-1", "other-1"); }, 422, kInvalid, ""},
    Case{"TASK-03", "no date", [](Draft& d) { d.edit("\"date\":", "\"language\":"); }, 422, kInvalid, ""},
    Case{"TASK-03", "no target", [](Draft& d) { d.edit("\"target\":", "\"x\":"); }, 422, kInvalid, ""},
    Case{"TASK-04", "a task type that is none", [](Draft& d) { d.edit("\"code\":\"1\"", "\"code\":\"3\""); }, 422,
         kInvalid, ""},
    Case{"TASK-04", "a task type of another system", [](Draft& d) { d.edit("gpconnect-task-type-1", "type-1"); }, 422,
         kInvalid, ""},
    Case{"TASK-05", "a Basic with another code", [](Draft& d) { d.edit("Task Narrative", "Narrative"); }, 422, kInvalid,
         ""},
    Case{"TASK-06", "two details", [](Draft& d) { d.edit("\"detail\":[", "\"detail\":[{\"reference\":\"#t\"},"); }, 422,
         kInvalid, ""},
    Case{"TASK-06", "an identifier without a value",
         [](Draft& d) { d.edit("\"date\":", "\"identifier\":[{\"system\":\"urn:x\"}],\"date\":"); }, 422, kInvalid, ""},
    Case{"TASK-07", "a date that is not today's", [](Draft& d) { d.edit("\"date\":\"20", "\"date\":\"19"); }, 422,
         kInvalid, ""},
    Case{"TASK-08", "a reference to another host",
         [](Draft& d) { d.edit("\"Patient/", "\"https://elsewhere.invalid/Patient/"); }, 422, "", ""},
    Case{"TASK-09", "a script in the text", [](Draft& d) { d.edit("Conformance:", "<script>alert(1)</script>"); }, 422,
         kInvalid, ""},
    Case{"TASK-09", "a blank text", [](Draft& d) { d.edit(d.words, " "); }, 422, kInvalid, ""},
    Case{"TASK-14", "the old demonstrator's code system",
         [](Draft& d) { d.edit("ValueSet/gpconnect-task-narrative-1", "ValueSet/basic-resource-type"); }, 422, kInvalid,
         ""},
    Case{"TASK-12", "a Bundle of another type at the base",
         [](Draft& d) {
           d.below.clear();
           d.body = R"({"resourceType":"Bundle","type":"collection"})";
         },
         422, kInvalid, ""},
    Case{"ANS-05", "a Content-Type that is none of FHIR's", [](Draft& d) { d.set("Content-Type", "text/plain"); }, 415,
         kBad, "not-supported"},
    Case{"ANS-09", "a task that is not there", [](Draft& d) { d.read("/Order/no-such-task", "read:order"); }, 404,
         "NO_RECORD_FOUND", "not-found"},
    Case{"ANS-11", "a patient by another identifier system",
         [](Draft& d) { d.read("/Patient?identifier=urn:x%7C9990000018", "search:patient"); }, 400,
         "INVALID_IDENTIFIER_SYSTEM", "value"},
    Case{"SSP-01", "no trace id", [](Draft& d) { d.drop("Ssp-TraceID"); }, 400, kBad, ""},
    Case{"SSP-01", "a trace id that is no GUID", [](Draft& d) { d.set("Ssp-TraceID", "1234"); }, 400, kBad, ""},
    Case{"SSP-01", "no sender", [](Draft& d) { d.drop("Ssp-From"); }, 400, kBad, ""},
    Case{"SSP-01", "two recipients",
         [](Draft& d) {
           d.headers.push_back({"Ssp-To", d.scene.to.asid});
         },
         400, kBad, ""},
    Case{"SSP-02", "an unknown interaction", [](Draft& d) { d.set("Ssp-InteractionID", "urn:none"); }, 400, kBad, ""},
    Case{"SSP-02", "an interaction that does not fit the verb",
         [](Draft& d) { d.set("Ssp-InteractionID", "urn:nhs:names:services:gpconnect:fhir:rest:read:order"); }, 400,
         kBad, ""},
    Case{"SSP-03", "an Ssp-To that is not the URL's organisation", [](Draft& d) { d.set("Ssp-To", d.scene.from.asid); },
         400, kBad, ""},
    Case{"SSP-04", "an unknown sender", [](Draft& d) { d.set("Ssp-From", "999999999999"); }, 403, "ASID_CHECK_FAILED",
         "forbidden"},
    Case{"SSP-05", "an organisation that is not there", [](Draft& d) { d.path = "/Z99999/DSTU2/1"; }, 404,
         "ORGANISATION_NOT_FOUND", "not-found"},
    Case{"SSP-05", "a path that is no FHIR base", [](Draft& d) { d.path = "/tasks"; }, 404, "NO_RECORD_FOUND",
         "not-found"},
    Case{"SSP-05", "a proxied URL of an endpoint that is not registered",
         [](Draft& d) { d.path = "/https://elsewhere.invalid" + d.path; }, 404, "", "not-found"},
    Case{"ANS-04", "a resource type that is not offered", [](Draft& d) { d.below = "/Observation"; }, 501,
         "NOT_IMPLEMENTED", "not-supported"},
    Case{"ANS-06", "a body that is not the gzip it claims to be", [](Draft& d) { d.set("Content-Encoding", "gzip"); },
         400, kBad, ""},
    Case{"ANS-06", "a content coding that is not offered", [](Draft& d) { d.set("Content-Encoding", "br"); }, 415, kBad,
         "not-supported"},
    Case{"TASK-11", "a task without a type, in XML",
         [](Draft& d) {
           as_xml(d);
           d.edit("<reasonCodeableConcept>", "<!--");
           d.edit("</reasonCodeableConcept>", "-->");
         },
         422, kInvalid, ""},
    Case{"SSP-07", "a verb that is not supported", [](Draft& d) { d.method = "DELETE"; }, 405, kBad, "not-supported"},
    Case{"JWT-01", "no token", [](Draft& d) { d.authorization = "none"; }, 400, kBad, ""},
    Case{"JWT-01", "a token that is none", [](Draft& d) { d.authorization = "Bearer abc"; }, 400, kBad, ""},
    Case{"JWT-02", "no sub", [](Draft& d) { without_claim(d, "sub"); }, 400, kBad, ""},
    Case{"JWT-02", "no iss", [](Draft& d) { without_claim(d, "iss"); }, 400, kBad, ""},
    Case{"JWT-02", "another audience", [](Draft& d) { d.claim_edits.emplace_back("authorize.fhir.nhs.net", "x.test"); },
         400, kBad, ""},
    Case{"JWT-02", "another reason", [](Draft& d) { d.claim_edits.emplace_back("directcare", "secondaryuses"); }, 400,
         kBad, ""},
    Case{"JWT-02", "a token that has expired", [](Draft& d) { d.token.issued_at -= std::chrono::hours{1}; }, 400, kBad,
         ""},
    Case{"JWT-03", "an NHS number that fails its check digit",
         [](Draft& d) { d.token.patient = NhsNumber{"9990000017"}; }, 400, "INVALID_NHS_NUMBER", "value"},
    Case{"JWT-04", "a read scope for a task", [](Draft& d) { d.token.scope = "patient/*.read"; }, 400, kBad, ""},
    Case{"JWT-05", "no requesting_practitioner", [](Draft& d) { without_claim(d, "requesting_practitioner"); }, 400,
         kBad, ""},
    Case{"JWT-05", "no requesting_organization", [](Draft& d) { without_claim(d, "requesting_organization"); }, 400,
         kBad, ""},
};

std::string told(const Result<Answer>& answer) {
  if (!answer) return std::string{"no answer: "} + answer.error().detail;
  return std::to_string(answer->status) + ' ' + answer->body.substr(0, 600);
}

std::string head_of(const std::string& bytes) {
  return bytes.substr(0, bytes.find("\r\n"));
}

/// Whether the answer is an OperationOutcome with an issue of this code and type.
bool tells(const Answer& answer, std::string_view code, std::string_view type) {
  const auto document = fhir::read_json(answer.body);
  if (!document || document->root()->name != "OperationOutcome") return false;
  for (const auto* issue = document->root()->first_child; issue != nullptr; issue = issue->next) {
    if (issue->name != "issue") continue;
    const auto* const details = issue->child("details");
    const auto* const coding = details == nullptr ? nullptr : details->child("coding");
    const bool code_fits = code.empty() || (coding != nullptr && coding->child_value("code") == code);
    if (code_fits && (type.empty() || issue->child_value("code") == type)) return true;
  }
  return false;
}

std::optional<Wrong> demand(bool right, std::string sent, std::string expected, std::string came) {
  if (right) return std::nullopt;
  return Wrong{std::move(sent), std::move(expected), std::move(came)};
}

std::optional<Wrong> demand_status(const Draft& draft, int status) {
  const auto answer = draft.send();
  return demand(answer && answer->status == status, head_of(draft.bytes()), std::to_string(status), told(answer));
}

bool is_mailbox(const Scene& scene) {
  return scene.to.recipient == "mailbox";
}

std::optional<Wrong> created(const Scene& scene) {
  const Draft draft{scene};
  const auto answer = draft.send();
  const auto right = answer && answer->status == 201 && !header_value(answer->headers, "Location").empty() &&
                     !header_value(answer->headers, "ETag").empty() &&
                     !header_value(answer->headers, "Last-Modified").empty() && fhir::read_json(answer->body);
  return demand(right, head_of(draft.bytes()), "201, Location, ETag, Last-Modified and the stored Order", told(answer));
}

std::optional<Wrong> common_headers(const Scene& scene) {
  Draft draft{scene};
  draft.drop("Ssp-From");
  const auto answer = draft.send();
  const auto right = answer && header_value(answer->headers, "Cache-Control") == "no-store" &&
                     !header_value(answer->headers, "Strict-Transport-Security").empty();
  return demand(right, "a request without Ssp-From", "Cache-Control: no-store and Strict-Transport-Security",
                told(answer));
}

std::optional<Wrong> minimal(const Scene& scene) {
  Draft draft{scene};
  draft.set("Prefer", "return=minimal");
  const auto answer = draft.send();
  return demand(answer && answer->status == 201 && answer->body.empty(), "a task with Prefer: return=minimal",
                "201 without a body", told(answer));
}

std::optional<Wrong> later_form(const Scene& scene) {
  Draft draft{scene};
  draft.set("Ssp-InteractionID", "urn:nhs:names:services:gpconnect:fhir:rest:create:order-1");
  return demand_status(draft, 201);
}

std::optional<Wrong> in_xml(const Scene& scene) {
  Draft draft{scene};
  as_xml(draft);
  return demand_status(draft, 201);
}

/// The departures of the use case's sample message: no text.status, and a div without the XHTML namespace.
std::optional<Wrong> sample_departures(const Scene& scene) {
  Draft draft{scene};
  draft.edit(R"("status":"additional",)", "");
  draft.edit(R"( xmlns=\"http://www.w3.org/1999/xhtml\")", "");
  return demand_status(draft, 201);
}

std::optional<Wrong> outcome_form(const Scene& scene) {
  Draft draft{scene};
  draft.edit("gpconnect-task-type-1", "type-1");
  draft.edit("Task Narrative", "Narrative");
  const auto answer = draft.send();
  const auto document = answer ? fhir::read_json(answer->body) : fhir::read_json("");
  int issues = 0;
  bool complete = document && document->root()->name == "OperationOutcome" &&
                  answer->body.find("gpconnect-operationoutcome-1") != std::string::npos;
  for (const auto* child = complete ? document->root()->first_child : nullptr; child != nullptr; child = child->next) {
    if (child->name != "issue") continue;
    ++issues;
    for (const auto* const part : {"severity", "code", "details", "diagnostics", "location"}) {
      complete = complete && child->child(part) != nullptr;
    }
  }
  return demand(
      complete && issues >= 2, "a task with two faults",
      "an OperationOutcome of its profile with both, each with severity, code, details, diagnostics, location",
      told(answer));
}

std::optional<Wrong> old_tls(const Scene& scene) {
  Draft draft{scene};
  draft.newest_tls = kTls11;
  const auto answer = draft.send();
  // The last: this client could not offer it, so nothing was shown.
  const bool refused = !answer && answer.error().kind == FaultKind::kTls &&
                       answer.error().detail.find("no protocols available") == std::string::npos;
  return demand(refused, "a handshake of TLS 1.1 at most", "a handshake that the server refuses", told(answer));
}

/// How often the endpoint's log names the trace id; nothing where there is no log.
std::optional<int> times_received(const Draft& draft) {
  std::ifstream log{draft.scene.to.received_log};
  if (!log) return std::nullopt;
  const auto trace = header_value(draft.headers, "Ssp-TraceID");
  int times = 0;
  for (std::string line; std::getline(log, line);) times += line.find(trace) != std::string::npos ? 1 : 0;
  return times;
}

std::optional<Wrong> repeated(const Scene& scene) {
  const Draft draft{scene};
  const auto first = draft.send();
  const auto again = draft.send();
  const auto right = first && again && first->status == 201 && again->status == 201 &&
                     header_value(first->headers, "Location") == header_value(again->headers, "Location");
  if (const auto times = times_received(draft); right && times && *times != 1) {
    return Wrong{"one request twice", "one task in the received log", std::to_string(*times)};
  }
  return demand(right, "one request twice", "201 with the same Location", told(again));
}

std::optional<Wrong> changed(const Scene& scene) {
  Draft draft{scene};
  const auto first = draft.send();
  draft.edit("please read", "please ring");
  const auto again = draft.send();
  return demand(first && again && again->status == 409 && tells(*again, "CONFLICTING_VALUES", "duplicate"),
                "other content under the same trace id", "409 CONFLICTING_VALUES duplicate", told(again));
}

std::optional<Wrong> read_back(const Scene& scene) {
  const Draft draft{scene};
  const auto stored = draft.send();
  if (!stored || stored->status != 201) return Wrong{"a task", "201", told(stored)};
  const std::string location{header_value(stored->headers, "Location")};
  const auto below = location.find("/Order/");
  if (below == std::string::npos) return Wrong{"a task", "a Location with /Order/", location};
  Draft reading{scene};
  reading.read(location.substr(below), "read:order");
  const auto answer = reading.send();
  return demand(answer && answer->status == 200 && answer->body == stored->body, head_of(reading.bytes()),
                "200 with the Order as it was stored", told(answer));
}

std::optional<Wrong> metadata(const Scene& scene) {
  Draft draft{scene};
  draft.read("/metadata", "read:metadata", "organization/*.read");
  const auto answer = draft.send();
  const auto document = answer ? fhir::read_json(answer->body) : fhir::read_json("");
  const auto right = answer && answer->status == 200 && document && document->root()->name == "Conformance" &&
                     document->root()->child_value("fhirVersion") == "1.0.2";
  return demand(right, head_of(draft.bytes()), "200 with a Conformance of fhirVersion 1.0.2", told(answer));
}

std::optional<Wrong> found_patient(const Scene& scene) {
  Draft draft{scene};
  draft.read("/Patient?identifier=http://fhir.nhs.net/Id/nhs-number%7C" + scene.patient.nhs_number, "search:patient");
  const auto answer = draft.send();
  const auto right =
      answer && answer->status == 200 && answer->body.find(scene.patient.nhs_number) != std::string::npos;
  return demand(right, head_of(draft.bytes()), "200 with a Bundle that holds the patient", told(answer));
}

std::optional<Wrong> batch(const Scene& scene) {
  Draft draft{scene};
  const auto entry = [](const std::string& order) {
    return R"({"fullUrl":"urn:uuid:)" + random_uuid() + R"(","resource":)" + order +
           R"(,"request":{"method":"POST","url":"Order"}})";
  };
  const auto bad = replaced(draft.body, "gpconnect-task-type-1", "type-1");
  draft.body = R"({"resourceType":"Bundle","type":"batch","entry":[)" + entry(draft.body) + "," + entry(bad) + "]}";
  draft.below.clear();
  const auto answer = draft.send();
  const auto document = answer ? fhir::read_json(answer->body) : fhir::read_json("");
  std::string statuses;
  if (document) {
    for (const auto* child = document->root()->first_child; child != nullptr; child = child->next) {
      const auto* const response = child->name == "entry" ? child->child("response") : nullptr;
      if (response != nullptr) statuses += std::string{response->child_value("status").substr(0, 3)} + ' ';
    }
  }
  return demand(statuses == "201 422 ", "a batch of a right and a wrong task", "a batch-response with 201 and 422",
                told(answer));
}

std::optional<Wrong> without_certificate(const Scene& scene) {
  Draft draft{scene};
  draft.certificate = nullptr;
  const auto answer = draft.send();
  return demand(!answer || answer->status == 496, "a request without a client certificate",
                "496, or a connection that ends", told(answer));
}

std::optional<Wrong> bad_certificates(const Scene& scene) {
  for (const auto& [kind, files] : scene.topology.bad_certificates) {
    if (kind == "wrong_host") continue;  // trusted, but of another name: that is TLS-04
    Draft draft{scene};
    draft.certificate = &files;
    const auto answer = draft.send();
    if (answer && answer->status != 495)
      return Wrong{"a certificate that is " + kind, "495, or a connection that ends", told(answer)};
  }
  return std::nullopt;
}

std::optional<Wrong> in_plain(const Scene& scene) {
  Draft draft{scene};
  draft.tls = false;
  const auto answer = draft.send();
  return demand(!answer || answer->status == 497, "HTTP without TLS", "497, or a closed connection", told(answer));
}

std::optional<Wrong> not_shared(const Scene& scene) {
  Draft draft{scene};
  draft.set("Ssp-From", scene.stranger->asid);
  draft.certificate = &scene.stranger->certificate;
  const auto answer = draft.send();
  return demand(answer && answer->status == 403, "a task of an organisation that shares with nobody here", "403",
                told(answer));
}

std::optional<Wrong> bad_framing(const Scene& scene) {
  const Draft draft{scene};
  const auto good = draft.bytes();
  for (const std::string_view extra : {"Transfer-Encoding: chunked\r\n", "Content-Length: 3\r\n", "Host: b.test\r\n"}) {
    const auto bytes = replaced(good, "Connection: close", std::string{extra} + "Connection: close");
    const auto answer = draft.send(bytes);
    if (!answer || answer->status != 400) return Wrong{"a second framing or Host header", "400", told(answer)};
  }
  return std::nullopt;
}

constexpr std::array kChecks{
    Check{"TASK-01", "a task is created", created},
    Check{"TASK-01", "the interaction's later form is taken", later_form},
    Check{"TASK-10", "the sample message's departures are taken", sample_departures},
    Check{"TASK-11", "a task in XML is taken", in_xml},
    Check{"TASK-12", "a batch has an outcome for each task", batch},
    Check{"ANS-01", "201 with the stored Order and its version", created},
    Check{"ANS-02", "return=minimal gives no body", minimal},
    Check{"ANS-03", "every fault is told, in the outcome's profile", outcome_form},
    Check{"ANS-07", "refusals carry the common headers", common_headers},
    Check{"ANS-08", "ambiguous framing is refused", bad_framing},
    Check{"ANS-10", "metadata is a DSTU2 Conformance", metadata},
    Check{"ANS-11", "a patient is found by NHS number", found_patient, is_mailbox},
    Check{"OUT-03", "a repeat gets the same answer", repeated},
    Check{"OUT-03", "other content under a used trace id is a conflict", changed},
    Check{"OUT-07", "a stored task is read back", read_back, is_mailbox},
    Check{"SSP-04", "no sharing agreement", not_shared, [](const Scene& scene) { return scene.stranger != nullptr; }},
    Check{"TLS-01", "TLS 1.1 is refused", old_tls},
    Check{"TLS-02", "no client certificate", without_certificate},
    Check{"TLS-02", "bad client certificates", bad_certificates,
          [](const Scene& scene) { return !scene.topology.bad_certificates.empty(); }},
    Check{"TLS-05", "plain HTTP on the TLS port", in_plain},
};

}  // namespace

std::span<const Case> cases() {
  return kCases;
}

std::span<const Check> checks() {
  return kChecks;
}

std::optional<Wrong> run(const Case& wanted, const Scene& scene) {
  Draft draft{scene};
  wanted.spoil(draft);
  const auto answer = draft.send();
  const bool right = answer && answer->status == wanted.status && tells(*answer, wanted.code, wanted.issue);
  return demand(right, head_of(draft.bytes()),
                std::to_string(wanted.status) + ' ' + std::string{wanted.code} + ' ' + std::string{wanted.issue} +
                    " in an OperationOutcome",
                told(answer));
}

}  // namespace gw::conformance
