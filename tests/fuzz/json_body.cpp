// The JSON body of a task: read, validated, written.
#include "fuzz/body_promises.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (const auto document = gw::fhir::read_json(std::string{gw::fuzz::text_of(data, size)})) {
    gw::fuzz::keep_promises(*document);
  }
  return 0;
}
