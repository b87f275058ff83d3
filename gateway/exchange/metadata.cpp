#include "exchange/metadata.hpp"

#include <set>

#include "base/version.hpp"
#include "exchange/resource_builder.hpp"
#include "rules/validator.hpp"
#include "spine/interaction.hpp"

namespace gw::exchange {

namespace {

std::string_view interaction_code(spine::Operation operation) {
  switch (operation) {
    case spine::Operation::kCreateOrder:
      return "create";
    case spine::Operation::kReadOrder:
    case spine::Operation::kReadPatient:
    case spine::Operation::kReadOrganization:
      return "read";
    case spine::Operation::kSearchOrder:
    case spine::Operation::kSearchPatient:
    case spine::Operation::kSearchOrganization:
      return "search-type";
    case spine::Operation::kMetadata:
    case spine::Operation::kReadOutcome:
    case spine::Operation::kRelayed:
      break;
  }
  return {};
}

/// How deferred delivery is asked for (OUT-06). Not told as an operation: that would need a definition to read.
std::string documentation_of(spine::Operation operation) {
  if (operation != spine::Operation::kCreateOrder) return {};
  return "With Prefer: respond-async a task for an organisation that is not kept here is taken for deferred delivery: "
         "202, with a Content-Location that the sender's organisation can GET with Ssp-InteractionID " +
         std::string{spine::kReadOutcome} +
         " until it gives the final answer. Prefer: wait=N waits N seconds for it first; TTL: N is how many seconds "
         "the "
         "task may be on its way. It never outlives its day, nor its audit token where the recipient is not registered "
         "for that";
}

void add_resource(const Node& rest, std::string_view type) {
  const auto resource = rest.add_item("resource");
  resource.set("type", type);
  if (type == "Order") resource.add("profile").set("reference", rules::kTaskOrderProfile);
  for (const auto& interaction : spine::interactions()) {
    if (interaction.resource != type || interaction_code(interaction.operation).empty()) continue;
    const auto stated = resource.add_item("interaction");
    stated.set("code", interaction_code(interaction.operation));
    stated.set("documentation", documentation_of(interaction.operation));
  }
  if (type == "Order") {
    resource.add_item("interaction").set("code", "vread");
    resource.set("versioning", "versioned");
  }
}

}  // namespace

std::string conformance_statement(std::string_view base, fhir::Format format) {
  fhir::Document document{{}, fhir::Format::kJson};
  const auto root = Node::resource_in(document, "Conformance");
  root.set("version", kVersion);
  root.set("name", "GP Connect task gateway");
  root.set("status", "active");
  root.set("date", kReleaseDate);
  root.set("description", "Receives GP Connect tasks and delivers each once to the organisation it is for");
  root.set("kind", "instance");
  const auto software = root.add("software");
  software.set("name", "gpconnect-gateway");
  software.set("version", kVersion);
  const auto implementation = root.add("implementation");
  implementation.set("description", "GP Connect task gateway");
  implementation.set("url", base);
  root.set("fhirVersion", "1.0.2");
  root.set("acceptUnknown", "no");
  root.set_item("format", "application/json+fhir");
  root.set_item("format", "application/xml+fhir");
  for (const auto profile : {rules::kTaskOrderProfile, rules::kTaskBasicProfile}) {
    root.add_item("profile").set("reference", profile);
  }
  const auto rest = root.add_item("rest");
  rest.set("mode", "server");
  std::set<std::string_view> seen;
  for (const auto& interaction : spine::interactions()) {
    const bool listed =
        interaction.operation != spine::Operation::kMetadata && interaction.operation != spine::Operation::kRelayed;
    if (!listed || !seen.insert(interaction.resource).second) continue;
    add_resource(rest, interaction.resource);
  }
  rest.add_item("interaction").set("code", "transaction");
  rest.set("transactionMode", "both");  // and batch (TASK-12)
  return written(document, format);
}

}  // namespace gw::exchange
