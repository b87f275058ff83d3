// Validating a right task is on every task's way, so it takes nothing from the heap. Counts by replacing operator new
// for this binary.
#include <atomic>
#include <cstdlib>
#include <new>

#include "fhir/narrative.hpp"
#include "sample.hpp"

namespace {
std::atomic<std::size_t> allocations{0};
}  // namespace

void* operator new(std::size_t bytes) {
  ++allocations;
  if (void* const memory = std::malloc(bytes != 0 ? bytes : 1); memory != nullptr) return memory;
  throw std::bad_alloc{};
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(bytes != 0 ? bytes : 1);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

TEST_CASE("validator: a right task costs no allocation beyond those of its narrative", "[rules]") {
  using namespace gw::rules::test;
  const auto document = read(own_task());
  const auto div = document.root()->child("contained")->child("text")->child_value("div");
  static_cast<void>(gw::rules::check_task(document, kBase, noonish()));  // the time zone is loaded once

  const auto before_narrative = allocations.load();
  static_cast<void>(gw::fhir::check_narrative(div));
  const auto of_narrative = allocations.load() - before_narrative;

  const auto before = allocations.load();
  const auto verdict = gw::rules::check_task(document, kBase, noonish());
  const auto of_task = allocations.load() - before;
  CHECK(verdict.issues.empty());
  CHECK(of_task <= of_narrative + 2);  // the zone's name, looked up for today's date
}
