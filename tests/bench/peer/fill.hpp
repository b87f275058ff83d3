// Fills an outbox with entries of the past, through the store itself, so that growth can be measured.
#pragma once

#include <cstdint>
#include <filesystem>

namespace gw::bench {

struct FillPlan {
  std::filesystem::path path;  ///< made anew; must not exist
  std::uint64_t entries = 0;
  bool unfinished = false;       ///< else all are delivered
  std::size_t body_bytes = 256;  ///< of each entry: small, so that ten million fit on the disk
};

/// One entry a second of the past, the last just now, with their keys and audit records. Throws when it fails.
void fill_outbox(const FillPlan& plan);

}  // namespace gw::bench
