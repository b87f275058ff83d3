// The text of a task.
#include "fhir/narrative.hpp"
#include "fuzz/target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto report = gw::fhir::check_narrative(gw::fuzz::text_of(data, size));
  gw::fuzz::demand(report.text.size() <= 4 * size, "plain text does not grow out of a narrative");
  return 0;
}
