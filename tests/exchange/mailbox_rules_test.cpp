#include "exchange/mailbox_rules.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "exchange/exchange_world.hpp"

using namespace gw;
using namespace gw::exchange;
using namespace gw::exchange::test;

namespace {

/// A task from Organization/1 to Organization/2 (the mailbox) about Patient/10, who is registered there.
rules::TaskFacts good_facts() {
  rules::TaskFacts facts;
  facts.subject = "Patient/10";
  facts.source = "Organization/1";
  facts.target = "Organization/2";
  facts.type = "2";
  return facts;
}

Caller caller_in(const std::shared_ptr<const directory::Directory>& directory) {
  Caller caller;
  caller.directory = directory;
  caller.sender = directory->by_ods("A11111");
  caller.recipient = directory->by_ods("B82001");
  caller.token.patient = NhsNumber{std::string{kPatientOfMailbox}};
  return caller;
}

/// "422 REFERENCE_NOT_FOUND Order.subject.reference; ..." of every issue, or the patient's logical id.
std::string told(const rules::TaskFacts& facts, const Caller& caller) {
  const auto patient = check_mailbox_rules(facts, caller);
  if (patient) return (*patient)->logical_id;
  const auto refusal = patient.error();
  std::string text = std::to_string(refusal.status);
  for (const auto& issue : refusal.issues) {
    CHECK_FALSE(issue.diagnostics.empty());
    text += ' ' + std::string{fhir::code_of(issue.code)} + ' ' + std::string{fhir::code_of(issue.type)} + ' ' +
            issue.location + ' ' + std::string{issue.rule} + ';';
  }
  return text;
}

std::string told(const rules::TaskFacts& facts) {
  return told(facts, caller_in(make_directory()));
}

/// Told of the good task, were its patient another.
std::string told_with(const directory::Patient& patient) {
  auto caller = caller_in(make_directory(organisations(), {patient}));
  return told(good_facts(), caller);
}

}  // namespace

TEST_CASE("mailbox rules: a task about a registered patient passes and gives the patient (OUT-08)", "[exchange]") {
  CHECK(told(good_facts()) == "10");
}

TEST_CASE("mailbox rules: a subject that does not resolve is 422 REFERENCE_NOT_FOUND (OUT-08)", "[exchange]") {
  for (const auto* const subject : {"Patient/99", "Patient/", "Patient", "", "Organization/2", "Practitioner/10",
                                    "patient/10", "Patient/10/_history/1", "https://other.example.test/Patient/10"}) {
    INFO(subject);
    auto facts = good_facts();
    facts.subject = subject;
    CHECK(told(facts) == "422 REFERENCE_NOT_FOUND invalid Order.subject.reference OUT-08;");
  }
}

TEST_CASE(
    "mailbox rules: a source organisation that does not resolve is 422, a practitioner is taken as given (OUT-08)",
    "[exchange]") {
  auto facts = good_facts();
  facts.source = "Organization/99";
  CHECK(told(facts) == "422 REFERENCE_NOT_FOUND invalid Order.source.reference OUT-08;");
  facts.source = "Practitioner/99";
  CHECK(told(facts) == "10");
}

TEST_CASE("mailbox rules: a target that does not resolve is 422 REFERENCE_NOT_FOUND (OUT-08)", "[exchange]") {
  for (const auto* const target : {"Organization/99", "Organization/", "Patient/10", "Organization/B82001"}) {
    INFO(target);
    auto facts = good_facts();
    facts.target = target;
    CHECK(told(facts) == "422 REFERENCE_NOT_FOUND invalid Order.target.reference OUT-08;");
  }
}

TEST_CASE("mailbox rules: a target other than the URL's organisation is 422 INVALID_RESOURCE (OUT-08)", "[exchange]") {
  auto facts = good_facts();
  facts.target = "Organization/3";
  CHECK(told(facts) == "422 INVALID_RESOURCE business-rule Order.target.reference OUT-08;");
}

TEST_CASE("mailbox rules: all references that do not resolve are told together (OUT-08, ANS-03)", "[exchange]") {
  auto facts = good_facts();
  facts.subject = "Patient/99";
  facts.source = "Organization/99";
  facts.target = "Organization/98";
  CHECK(told(facts) ==
        "422 REFERENCE_NOT_FOUND invalid Order.subject.reference OUT-08;"
        " REFERENCE_NOT_FOUND invalid Order.source.reference OUT-08;"
        " REFERENCE_NOT_FOUND invalid Order.target.reference OUT-08;");
  facts.target = "Organization/3";
  CHECK(told(facts).ends_with(" INVALID_RESOURCE business-rule Order.target.reference OUT-08;"));
}

TEST_CASE("mailbox rules: a token about another patient is 400 REQUEST_UNMATCHED (JWT-03)", "[exchange]") {
  auto caller = caller_in(make_directory());
  caller.token.patient = NhsNumber{std::string{kPatientElsewhere}};
  CHECK(told(good_facts(), caller) == "400 REQUEST_UNMATCHED value Order.subject.reference JWT-03;");
}

TEST_CASE(
    "mailbox rules: references come before the token's patient, that before consent and relationship (JWT-03, OUT-08)",
    "[exchange]") {
  auto caller = caller_in(make_directory());
  caller.token.patient = NhsNumber{std::string{kPatientElsewhere}};
  auto facts = good_facts();
  facts.target = "Organization/99";
  CHECK(told(facts, caller).starts_with("422"));

  auto dissenting = patient(kPatientOfMailbox, "10", "D44444");
  dissenting.consent_withheld = true;
  auto strict = caller_in(make_directory(organisations(), {dissenting}));
  strict.token.patient = NhsNumber{std::string{kPatientElsewhere}};
  CHECK(told(good_facts(), strict).starts_with("400 REQUEST_UNMATCHED"));
}

TEST_CASE("mailbox rules: a patient who dissents is 403 NO_PATIENT_CONSENT (OUT-08)", "[exchange]") {
  auto dissenting = patient(kPatientOfMailbox, "10", "B82001");
  dissenting.consent_withheld = true;
  CHECK(told_with(dissenting) == "403 NO_PATIENT_CONSENT forbidden Order.subject.reference OUT-08;");
}

TEST_CASE("mailbox rules: no care relationship is 403 NO_RELATIONSHIP (OUT-08)", "[exchange]") {
  const std::string refused = "403 NO_RELATIONSHIP forbidden Order.subject.reference OUT-08;";
  CHECK(told_with(patient(kPatientOfMailbox, "10", "D44444")) == refused);
  CHECK(told_with(patient(kPatientOfMailbox, "10", "Z00000")) == refused);
  CHECK(told_with(patient(kPatientOfMailbox, "10", "")) == refused);
}

TEST_CASE("mailbox rules: a practice that shares with the recipient gives it a care relationship (OUT-08)",
          "[exchange]") {
  CHECK(told_with(patient(kPatientOfMailbox, "10", "C33333")) == "10");
}

TEST_CASE("mailbox rules: the registered practice needs no sharing group (OUT-08)", "[exchange]") {
  auto orgs = organisations();
  for (auto& organisation : orgs) organisation.sharing_group.clear();
  CHECK(told(good_facts(), caller_in(make_directory(orgs))) == "10");
}

TEST_CASE("mailbox rules: what is told holds no NHS number (ANS-03)", "[exchange]") {
  auto caller = caller_in(make_directory());
  caller.token.patient = NhsNumber{std::string{kPatientElsewhere}};
  const auto refused = check_mailbox_rules(good_facts(), caller);
  REQUIRE_FALSE(refused.has_value());
  const auto said = refused.error().issues.at(0).diagnostics;
  CHECK(said.find(kPatientElsewhere) == std::string::npos);
  CHECK(said.find(kPatientOfMailbox) == std::string::npos);
}
