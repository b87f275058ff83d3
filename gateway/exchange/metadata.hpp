// The Conformance statement (ANS-10), made from the tables that the code runs on, so that it cannot drift.
#pragma once

#include <string>
#include <string_view>

#include "fhir/element.hpp"

namespace gw::exchange {

/// A DSTU2 Conformance resource. `base` is the FHIR base it speaks for.
[[nodiscard]] std::string conformance_statement(std::string_view base, fhir::Format format);

}  // namespace gw::exchange
