#include "topology.hpp"

#include <rapidjson/document.h>
#include <rapidjson/istreamwrapper.h>

#include <fstream>

namespace gw::conformance {

namespace {

using Value = rapidjson::Value;

std::string text(const Value& object, const char* name) {
  const auto found = object.FindMember(name);
  return found != object.MemberEnd() && found->value.IsString() ? found->value.GetString() : std::string{};
}

const Value* member(const Value& object, const char* name) {
  const auto found = object.FindMember(name);
  return found == object.MemberEnd() ? nullptr : &found->value;
}

Certificate certificate_of(const Value& object) {
  return {text(object, "cert"), text(object, "key")};
}

Party party_of(const Value& object) {
  return {.ods = text(object, "ods"),
          .asid = text(object, "asid"),
          .name = text(object, "name"),
          .fqdn = text(object, "fqdn"),
          .kind = text(object, "kind"),
          .address = text(object, "address"),
          .base = text(object, "base"),
          .organization = text(object, "organization"),
          .recipient = text(object, "recipient"),
          .sharing_group = text(object, "sharing_group"),
          .received_log = text(object, "received_log"),
          .certificate = certificate_of(object)};
}

Patient patient_of(const Value& object) {
  Patient patient{text(object, "nhs_number"), text(object, "registered_at"), {}};
  if (const auto* const references = member(object, "references"); references != nullptr && references->IsObject()) {
    for (const auto& [ods, reference] : references->GetObject()) {
      if (reference.IsString()) patient.references[ods.GetString()] = reference.GetString();
    }
  }
  return patient;
}

}  // namespace

Result<Topology> read_topology(const std::filesystem::path& file) {
  std::ifstream in{file};
  if (!in) return fault(FaultKind::kIo, "cannot read " + file.string());
  rapidjson::IStreamWrapper stream{in};
  rapidjson::Document json;
  json.ParseStream<rapidjson::kParseIterativeFlag>(stream);
  if (json.HasParseError() || !json.IsObject()) return fault(FaultKind::kInvalid, file.string() + " is no JSON object");
  Topology topology{.ca = text(json, "ca"), .parties = {}, .bad_certificates = {}, .patients = {}};
  if (const auto* const parties = member(json, "parties"); parties != nullptr && parties->IsArray()) {
    for (const auto& party : parties->GetArray()) {
      if (party.IsObject()) topology.parties.push_back(party_of(party));
    }
  }
  if (const auto* const bad = member(json, "bad_certificates"); bad != nullptr && bad->IsObject()) {
    for (const auto& [kind, files] : bad->GetObject()) {
      if (files.IsObject()) topology.bad_certificates[kind.GetString()] = certificate_of(files);
    }
  }
  if (const auto* const patients = member(json, "patients"); patients != nullptr && patients->IsArray()) {
    for (const auto& patient : patients->GetArray()) {
      if (patient.IsObject()) topology.patients.push_back(patient_of(patient));
    }
  }
  if (topology.ca.empty() || topology.parties.size() < 2 || topology.patients.empty()) {
    return fault(FaultKind::kInvalid, file.string() + " needs a ca, at least two parties, and patients");
  }
  return topology;
}

}  // namespace gw::conformance
