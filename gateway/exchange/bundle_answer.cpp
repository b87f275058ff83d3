#include "exchange/bundle_answer.hpp"

#include <optional>
#include <utility>

#include "base/time.hpp"
#include "exchange/answer.hpp"
#include "exchange/media.hpp"
#include "exchange/resource_builder.hpp"
#include "fhir/read.hpp"
#include "rules/validator.hpp"

namespace gw::exchange {

namespace {

/// The answer's body as a resource, where it is one that may stand in ours.
std::optional<fhir::Document> resource_of(const Response& answer) {
  const auto format = format_of(header_value(answer.headers, "Content-Type"));
  if (answer.body.empty() || !format || header_count(answer.headers, "Content-Encoding") != 0) return std::nullopt;
  auto document = *format == fhir::Format::kJson ? fhir::read_json(answer.body) : fhir::read_xml(answer.body);
  if (!document) return std::nullopt;
  // The stored Order of a task claims its profile, whose waivers it needs; all else is held to its base type.
  const bool task = document->root()->name == "Order";
  if (rules::validate(*document, task ? rules::kTaskOrderProfile : std::string_view{}).refused()) return std::nullopt;
  return std::move(*document);
}

/// What the entry's resource is known by: the task's own address, or a name for an outcome that is kept nowhere.
std::string full_url(std::string_view location, const TraceId& trace) {
  return location.empty() ? "urn:uuid:" + trace.text() : std::string{location.substr(0, location.find("/_history/"))};
}

}  // namespace

Response put_together(const std::vector<EntryAnswer>& answers, bool transaction, fhir::Format format) {
  fhir::Document document{{}, format};
  const auto bundle = Node::resource_in(document, "Bundle");
  bundle.set("type", transaction ? "transaction-response" : "batch-response");
  std::vector<fhir::Document> resources;  // their elements are grafted into the Bundle
  resources.reserve(answers.size());
  for (const auto& [trace, told] : answers) {
    const auto entry = bundle.add_item("entry");
    const auto location = header_value(told.headers, "Location");
    auto resource = resource_of(told);
    if (resource) {
      auto& root = *resources.emplace_back(std::move(*resource)).root();
      entry.set("fullUrl", full_url(location, trace));
      entry.add_resource("resource", root.name).adopt_children_of(root);
    }
    const auto response = entry.add("response");
    response.set("status", std::to_string(told.status));
    response.set("location", location);
    response.set("etag", header_value(told.headers, "ETag"));
    if (const auto modified = parse_http_date(header_value(told.headers, "Last-Modified"))) {
      response.set("lastModified", to_iso8601(*modified));
    }
  }
  return answer(200, written(document, format), format);
}

}  // namespace gw::exchange
