#include "directory/source.hpp"

#include <utility>

#include "directory/csv.hpp"

namespace gw::directory {

DirectorySource::DirectorySource(std::filesystem::path organisations, std::filesystem::path patients)
    : organisations_(std::move(organisations)), patients_(std::move(patients)) {}

Status DirectorySource::reload() {
  auto loaded = load_csv(organisations_, patients_);
  if (!loaded) return loaded.error();
  // The old directory is let go of outside the lock: freeing a large one takes its time.
  auto fresh = std::move(*loaded);
  {
    const std::lock_guard lock{mutex_};
    current_.swap(fresh);
  }
  return Done{};
}

std::shared_ptr<const Directory> DirectorySource::current() const {
  const std::lock_guard lock{mutex_};
  return current_;
}

}  // namespace gw::directory
