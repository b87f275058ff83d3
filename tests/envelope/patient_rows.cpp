// Whose task it is: NHS numbers, the token's patient against the task's, and what the recipient may hold of whom.
#include "envelope/rows.hpp"

namespace gw::test {

namespace {

/// A task and a token for this patient.
Change patient(std::string logical_id, std::string nhs_number) {
  return [=](Request& request, World&) {
    request.order.set("/subject/reference", "\"Patient/" + logical_id + '"');
    request.token.set("/requested_record/identifier/0/value", '"' + nhs_number + '"');
  };
}

Change number(std::string nhs_number) {
  return claim("/requested_record/identifier/0/value", '"' + std::move(nhs_number) + '"');
}

Change look_up(std::string query) {
  return get("/Patient?identifier=" + std::move(query), "search:patient");
}

const std::string kNhs = "http://fhir.nhs.net/Id/nhs-number|";

Rows number_rows() {
  const std::string invalid = "400 INVALID_NHS_NUMBER value";
  const std::string invalid_value = "400 INVALID_IDENTIFIER_VALUE value";
  return {
      {"JWT-03", "a wrong check digit", number("9990002755"), invalid, "check digit"},
      {"JWT-03", "nine digits", number("999000275"), invalid, "9 characters"},
      {"JWT-03", "eleven digits", number("99900027540"), invalid, "11 characters"},
      {"JWT-03", "digits in groups", number("999 000 2754"), invalid, "without spaces"},
      {"JWT-03", "letters", number("99900027S4"), invalid},
      {"SSP-10", "a number that the index has", look_up(kNhs + "9990002754"), "200"},
      {"ANS-11", "a number of a wrong check digit in a look-up", look_up(kNhs + "9990002755"), invalid_value},
      {"ANS-11", "a look-up without a number", look_up(kNhs), invalid_value},
      {"ANS-11", "a number in groups in a look-up", look_up(kNhs + "999%20000%202754"), invalid_value},
      {"ANS-11", "another identifier's system in a look-up",
       look_up("http://fhir.nhs.net/Id/ods-organization-code|B82001"), "400 INVALID_IDENTIFIER_SYSTEM value"},
      {"ANS-11", "a look-up without a system", look_up("9990002754"), "400 INVALID_IDENTIFIER_SYSTEM value"},
      {"ANS-11", "a look-up without an identifier", get("/Patient", "search:patient"), "422 INVALID_PARAMETER value"},
      {"ANS-11", "an unknown patient's id", get("/Patient/nobody", "read:patient"), "404 PATIENT_NOT_FOUND not-found"},
      {"ANS-11", "an unknown organisation's id", get("/Organization/nobody", "read:organization"),
       "404 ORGANISATION_NOT_FOUND not-found"},
  };
}

Rows task_rows() {
  const std::string unresolved = "422 REFERENCE_NOT_FOUND invalid";
  const std::string unmatched = "400 REQUEST_UNMATCHED value";
  const auto relayed = [](Request& request, World&) {
    request.send_to("C33333", 3);
    request.order.set("/subject/reference", R"("Patient/known-there")");
    request.token.set("/requested_record/identifier/0/value", R"("9990000018")");
  };
  const auto organisation_scope = [](Request& request, World&) {
    request.order.set("/subject/reference", R"("Patient/elsewhere")");
    request.token.set("/requested_scope", R"("organization/*.write")");
    request.token.set("/requested_record",
                      R"({"resourceType":"Organization","identifier":[
                          {"system":"http://fhir.nhs.net/Id/ods-organization-code","value":"B82001"}]})");
  };
  return {
      {"JWT-03", "another patient in the token than in the task", number("9990004129"), unmatched, "requested_record"},
      {"JWT-03", "another patient in the task than in the token", order("/subject/reference", R"("Patient/shared")"),
       unmatched},
      {"JWT-03", "a relayed task's patient, which the recipient checks", relayed, "201"},
      {"OUT-08", "the patient of a practice that shares with the recipient", patient("shared", "9990004129"), "201"},
      {"OUT-08", "the patient of a practice that does not", patient("elsewhere", "9990000018"),
       "403 NO_RELATIONSHIP forbidden", "B82001"},
      {"OUT-08", "such a patient, in an organisation's name", organisation_scope, "403 NO_RELATIONSHIP forbidden"},
      {"OUT-08", "a patient who withholds consent", patient("dissenting", "9990001383"),
       "403 NO_PATIENT_CONSENT forbidden", "consent"},
      {"OUT-08", "an unknown subject", order("/subject/reference", R"("Patient/nobody")"), unresolved, "Order.subject"},
      {"OUT-08", "an unknown source", order("/source/reference", R"("Organization/nobody")"), unresolved,
       "Order.source"},
      {"OUT-08", "an unknown target", order("/target/reference", R"("Organization/nobody")"), unresolved,
       "Order.target"},
      {"OUT-08", "a target that is not the URL's organisation", order("/target/reference", R"("Organization/1")"),
       "422 INVALID_RESOURCE business-rule", "B82001"},
  };
}

}  // namespace

Rows patient_rows() {
  return joined(number_rows(), task_rows());
}

}  // namespace gw::test
