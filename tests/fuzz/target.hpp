// What the fuzz targets share: how a broken promise ends a run, and the moment that all of them take for now.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace gw::fuzz {

inline const Instant kNow{std::chrono::sys_days{std::chrono::year{2026} / 6 / 15} + std::chrono::hours{9}};

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// A promise that every input keeps; the fuzzer saves the input that breaks it.
inline void demand(bool kept, const char* promise) {
  if (kept) return;
  std::fprintf(stderr, "broken: %s\n", promise);
  std::abort();
}

}  // namespace gw::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
