// DSTU2's own rules for JSON: twins, nulls, empty values, comments, contained resources.
#include <catch2/catch.hpp>
#include <string>

#include "fhir/read.hpp"

using namespace gw::fhir;

namespace {

std::string patient(const std::string& members) {
  return R"({"resourceType":"Patient",)" + members + "}";
}

/// The one fault's location and words, or what was there instead.
std::string fault_of(const std::string& json) {
  const auto read = read_json(json);
  if (read.has_value()) return "accepted";
  const Refusal refusal = read.error();
  if (refusal.issues.size() != 1) return std::to_string(refusal.issues.size()) + " issues";
  return refusal.issues.front().location + ": " + refusal.issues.front().diagnostics;
}

bool accepted(const std::string& json) {
  return read_json(json).has_value();
}

}  // namespace

TEST_CASE("fhir json: a primitive and its twin are one element, whichever comes first", "[fhir]") {
  for (const std::string json : {R"("birthDate":"1970-03-30","_birthDate":{"id":"a","extension":[{"url":"u"}]})",
                                 R"("_birthDate":{"id":"a","extension":[{"url":"u"}]},"birthDate":"1970-03-30")"}) {
    const auto read = read_json(patient(json));
    REQUIRE(read.has_value());
    const Element* date = read->root()->first_child;
    CHECK(date->next == nullptr);
    CHECK((date->name == "birthDate" && date->value == "1970-03-30" && date->kind == ValueKind::kString));
    CHECK(date->index == 0);
    CHECK(date->child_value("id") == "a");
    CHECK(date->child("extension")->parent == date);
    CHECK(path_of(*date->child("extension")) == "Patient.birthDate.extension[0]");
  }
}

TEST_CASE("fhir json: arrays of values and of twins are joined item by item", "[fhir]") {
  const auto read =
      read_json(patient(R"("given":["Ann",null,"Bea"],"_given":[null,{"id":"x"},null],"gender":"female")"));
  REQUIRE(read.has_value());
  const Element* first = read->root()->first_child;
  const Element* second = first->next;
  const Element* third = second->next;
  CHECK((first->value == "Ann" && first->first_child == nullptr && first->index == 0));
  CHECK((second->kind == ValueKind::kNone && second->child_value("id") == "x" && second->index == 1));
  CHECK((third->value == "Bea" && third->index == 2));
  CHECK((third->next->name == "gender" && third->next->next == nullptr));
}

TEST_CASE("fhir json: a twin without a value is an element with children only", "[fhir]") {
  const auto read = read_json(patient(R"("_birthDate":{"extension":[{"url":"u","valueString":"unknown"}]})"));
  REQUIRE(read.has_value());
  const Element* date = read->root()->child("birthDate");
  REQUIRE(date != nullptr);
  CHECK_FALSE(date->has_value());
  CHECK(date->child("extension")->child_value("valueString") == "unknown");
}

TEST_CASE("fhir json: twins that do not fit their values are refused", "[fhir]") {
  const auto refused = [](const std::string& json) { return !accepted(patient(json)); };
  CHECK(refused(R"("given":["a","b"],"_given":[{"id":"x"}])"));
  CHECK(refused(R"("given":["a"],"_given":[null,{"id":"x"}])"));
  CHECK(refused(R"("given":["a"],"_given":{"id":"x"})"));
  CHECK(refused(R"("birthDate":"1970","_birthDate":[{"id":"x"}])"));
  CHECK(refused(R"("birthDate":"1970","_birthDate":null)"));
  CHECK(refused(R"("birthDate":"1970","_birthDate":"x")"));
  CHECK(refused(R"("birthDate":"1970","_birthDate":{})"));
  CHECK(refused(R"("name":{"family":["x"]},"_name":{"id":"x"})"));
  CHECK(refused(R"("given":[null,"a"],"_given":[null,{"id":"x"}])"));
  CHECK(refused(R"("_given":[null,{"id":"x"}])"));
  CHECK(refused(R"("given":["a",null])"));
  CHECK(fault_of(patient(R"("given":["a",null])")) ==
        "Patient.given[1]: A null in an array is allowed only where the array '_given' has an object at the same "
        "place.");
}

TEST_CASE("fhir json: empty values and nulls are refused with the path to each", "[fhir]") {
  CHECK(fault_of(patient(R"("gender":null)")) ==
        "Patient.gender: The value is null; leave the property out where there is no value.");
  CHECK(fault_of(patient(R"("gender":"")")).starts_with("Patient.gender: The value is an empty string"));
  CHECK(fault_of(patient(R"("name":[{}])")).starts_with("Patient.name[0]: The element is empty"));
  CHECK(fault_of(patient(R"("name":[])")).starts_with("Patient: The value of 'name' is an empty array"));
  CHECK(fault_of(patient(R"("a b":"c")")).find("not the name of an element") != std::string::npos);
  CHECK(fault_of(patient(R"("gender":"a\u0007b")")).find("control character") != std::string::npos);
  CHECK(accepted(patient(R"("gender":"a\tb\nc\rd")")));
}

TEST_CASE("fhir json: all faults of form are told at once, in document order (ANS-03)", "[fhir]") {
  const auto read = read_json("{\"gender\":\"\",\n\"birthDate\":null,\n\"name\":[{}]}");
  REQUIRE(read.has_error());
  const Refusal refusal = read.error();
  REQUIRE(refusal.issues.size() == 4);
  CHECK(refusal.issues[0].diagnostics.starts_with("The body has no 'resourceType'"));
  CHECK(refusal.issues[1].line == 1);
  CHECK(refusal.issues[2].line == 2);
  CHECK(refusal.issues[3].line == 3);
  CHECK(refusal.issues[3].column == 9);
  for (const Issue& issue : refusal.issues) CHECK(issue.type == IssueType::kStructure);
}

TEST_CASE("fhir json: a body of nothing but faults gives a bounded number of issues", "[fhir]") {
  std::string json = R"({"resourceType":"Patient","name":[{})";
  for (int i = 0; i < 5000; ++i) json += ",{}";
  CHECK(read_json(json + "]}").error().issues.size() == 100);
}

TEST_CASE("fhir json: resourceType must be there, be a string, and stand only in resources", "[fhir]") {
  CHECK(fault_of("{}").find("empty object") != std::string::npos);
  CHECK(fault_of(R"({"gender":"male"})").find("no 'resourceType'") != std::string::npos);
  CHECK(fault_of(R"({"resourceType":1,"id":"a"})").find("must be a string") != std::string::npos);
  CHECK(fault_of(R"({"resourceType":"","id":"a"})").find("must be a string") != std::string::npos);
  CHECK(fault_of(R"({"resourceType":{"a":"b"},"id":"a"})").find("must be a string") != std::string::npos);
  CHECK_FALSE(accepted(R"({"resourceType":["Order"],"id":"a"})"));
  CHECK(fault_of(patient(R"("maritalStatus":{"resourceType":"Basic","text":"x"})")).find("only in a resource") !=
        std::string::npos);
  CHECK(fault_of(patient(R"("contained":[{"id":"a"}])")).starts_with("Patient.contained[0]: A contained resource"));
}

TEST_CASE("fhir json: a contained resource keeps its name and tells its type", "[fhir]") {
  const auto read = read_json(
      R"({"contained":[{"code":{"text":"x"},"resourceType":"Basic"}],"resourceType":"Order","detail":[{"reference":"#a"}]})");
  REQUIRE(read.has_value());
  const Element* root = read->root();
  CHECK((root->name == "Order" && root->resource_type == "Order"));
  CHECK(root->child("resourceType") == nullptr);
  const Element* basic = root->child("contained");
  CHECK((basic->resource && basic->resource_type == "Basic" && basic->child("resourceType") == nullptr));
  CHECK(path_of(*basic->child("code")) == "Order.contained[0].code");
}

TEST_CASE("fhir json: fhir_comments are accepted and dropped", "[fhir]") {
  const auto read = read_json(
      R"({"fhir_comments":["a","b"],"resourceType":"Patient","gender":"male","_gender":{"fhir_comments":["c"]}})");
  REQUIRE(read.has_value());
  const Element* gender = read->root()->first_child;
  CHECK((gender->name == "gender" && gender->value == "male" && gender->first_child == nullptr));
  CHECK(gender->next == nullptr);
  CHECK_FALSE(accepted(patient(R"("fhir_comments":"a")")));
  CHECK_FALSE(accepted(patient(R"("fhir_comments":[1])")));
  CHECK_FALSE(accepted(patient(R"("fhir_comments":{"a":"b"})")));
}

TEST_CASE("fhir json: property order is free", "[fhir]") {
  const auto read = read_json(R"({"gender":"male","active":true,"id":"1","resourceType":"Patient"})");
  REQUIRE(read.has_value());
  CHECK(read->root()->first_child->name == "gender");
  CHECK(path_of(*read->root()->child("id")) == "Patient.id");
}
