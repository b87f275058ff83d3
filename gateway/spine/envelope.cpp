#include "spine/envelope.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "spine/quote.hpp"

namespace gw::spine {

namespace {

using fhir::Issue;

constexpr std::string_view kTraceHeader = "Ssp-TraceID";
constexpr std::string_view kFromHeader = "Ssp-From";
constexpr std::string_view kToHeader = "Ssp-To";
constexpr std::string_view kInteractionHeader = "Ssp-InteractionID";

constexpr std::string_view kTraceCure =
    "every request needs a GUID of its own, such as 629ea9ba-a077-4d99-b289-7a9b19fd4e03";
constexpr std::string_view kFromCure = "it is the ASID of the sending system, 12 digits such as 200000000101";
constexpr std::string_view kToCure = "it is the ASID of the receiving system, 12 digits such as 200000000101";
constexpr std::string_view kInteractionCure =
    "it names what is asked; to send a task it is urn:nhs:names:services:gpconnect:fhir:rest:create:order";

constexpr std::size_t kAsidDigits = 12;
constexpr std::size_t kGuidLength = 36;

/// Gathers the faults of the four headers.
class Faults {
 public:
  void add(std::string_view header, std::string diagnostics, std::string_view rule) {
    issues_.push_back(Issue{.diagnostics = std::move(diagnostics), .location = std::string{header}, .rule = rule});
  }
  [[nodiscard]] bool none() const { return issues_.empty(); }
  [[nodiscard]] fhir::Refusal refusal() && { return {.status = 400, .issues = std::move(issues_), .headers = {}}; }

 private:
  std::vector<Issue> issues_;
};

/// The value of a header that must be there exactly once. `cure` ends the sentence about its absence.
std::optional<std::string_view> single(const Headers& headers, std::string_view name, std::string_view cure,
                                       Faults& faults) {
  const auto count = header_count(headers, name);
  const auto value = header_value(headers, name);
  if (count == 1 && !value.empty()) return value;
  std::string found = count == 0 ? " is missing" : " is empty";
  if (count > 1) found = " is there " + std::to_string(count) + " times, once is right";
  faults.add(name, std::string{name} + found + "; " + std::string{cure}, "SSP-01");
  return std::nullopt;
}

bool is_guid(std::string_view text) {
  if (text.size() != kGuidLength) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (hyphen ? c != '-' : !hex) return false;
  }
  return true;
}

TraceId read_trace(const Headers& headers, Faults& faults) {
  const auto text = single(headers, kTraceHeader, kTraceCure, faults);
  if (!text) return {};
  if (!is_guid(*text)) {
    faults.add(kTraceHeader,
               "Ssp-TraceID is " + quoted(*text) +
                   "; right is a GUID of 36 characters, such as 629ea9ba-a077-4d99-b289-7a9b19fd4e03",
               "SSP-01");
    return {};
  }
  std::string lower{*text};
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
  return TraceId{std::move(lower)};
}

Asid read_asid(const Headers& headers, std::string_view name, std::string_view cure, Faults& faults) {
  const auto text = single(headers, name, cure, faults);
  if (!text) return {};
  if (text->size() != kAsidDigits ||
      !std::all_of(text->begin(), text->end(), [](char c) { return c >= '0' && c <= '9'; })) {
    faults.add(name,
               std::string{name} + " is " + quoted(*text) + " (" + std::to_string(text->size()) +
                   " characters); an ASID is exactly 12 digits, such as 200000000101",
               "SSP-01");
    return {};
  }
  return Asid{std::string{*text}};
}

/// Whether verb and path are those of the interaction. A Bundle of Orders is posted at the base itself (TASK-12).
bool fits(const Interaction& interaction, std::string_view verb, std::string_view resource) {
  if (verb != interaction.verb) return false;
  return resource == interaction.resource || (resource.empty() && interaction.operation == Operation::kCreateOrder);
}

std::string unknown_interaction(std::string_view found) {
  std::string text = "Ssp-InteractionID " + quoted(found) + " is not known here";
  if (found.ends_with("-1")) found.remove_suffix(2);
  for (const auto& interaction : interactions()) {
    if (nearly(found, interaction.id)) {
      return text + "; did you mean " + std::string{interaction.id} + "? (exact, lower case)";
    }
  }
  return text + "; " + std::string{kInteractionCure};
}

const Interaction* read_interaction(const RequestHead& head, std::string_view resource, Faults& faults) {
  const auto id = single(head.headers, kInteractionHeader, kInteractionCure, faults);
  if (!id) return nullptr;
  const auto* const interaction = find_interaction(*id);
  if (interaction == nullptr) {
    faults.add(kInteractionHeader, unknown_interaction(*id), "SSP-02");
    return nullptr;
  }
  if (!fits(*interaction, head.method, resource)) {
    faults.add(kInteractionHeader,
               "Ssp-InteractionID " + quoted(*id) + " belongs to " + std::string{interaction->verb} + " on a path of " +
                   std::string{interaction->resource} + "; this request is " + quoted(head.method) + " on " +
                   (resource.empty() ? std::string{"the service's base"} : quoted(resource)),
               "SSP-02");
    return nullptr;
  }
  return interaction;
}

}  // namespace

fhir::Checked<Envelope> read_envelope(const RequestHead& head, std::string_view resource) {
  Faults faults;
  Envelope envelope{.trace = read_trace(head.headers, faults),
                    .from = read_asid(head.headers, kFromHeader, kFromCure, faults),
                    .to = read_asid(head.headers, kToHeader, kToCure, faults),
                    .interaction = read_interaction(head, resource, faults)};
  if (!faults.none()) return std::move(faults).refusal();
  return envelope;
}

}  // namespace gw::spine
