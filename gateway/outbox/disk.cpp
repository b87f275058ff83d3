#include "outbox/disk.hpp"

#include <fmt/format.h>
#include <sys/statvfs.h>

#include <utility>

namespace gw::outbox {

namespace {
constexpr std::chrono::milliseconds kBetweenLooks{50};
constexpr std::chrono::milliseconds kBetweenTrials{200};
constexpr std::int64_t kLogShare = 2;
}  // namespace

Disk::Disk(std::filesystem::path folder, std::int64_t min_free_bytes, std::function<std::int64_t()> reusable_bytes)
    : folder_(std::move(folder)), min_free_bytes_(min_free_bytes), reusable_bytes_(std::move(reusable_bytes)) {}

void Disk::look(bool force) {
  const auto now = std::chrono::steady_clock::now();
  if (!force && now - last_look_ < kBetweenLooks) return;
  last_look_ = now;
  struct statvfs found {};
  nearly_full_.reset();
  if (statvfs(folder_.c_str(), &found) != 0) return;
  const auto free_bytes = static_cast<std::int64_t>(found.f_bavail) * static_cast<std::int64_t>(found.f_frsize);
  if (free_bytes >= min_free_bytes_) return;
  if (free_bytes >= min_free_bytes_ / kLogShare && free_bytes + reusable_bytes_() >= min_free_bytes_) return;
  nearly_full_ = fault(FaultKind::kStorage, fmt::format("the disk is nearly full: {} bytes are free, {} are kept back",
                                                        free_bytes, min_free_bytes_));
}

void Disk::note_trouble(Fault cause) {
  trouble_ = std::move(cause);
}

bool Disk::trial_is_due() {
  const auto now = std::chrono::steady_clock::now();
  if (!trouble_ || now - last_trial_ < kBetweenTrials) return false;
  last_trial_ = now;
  return true;
}

Status Disk::may_admit() const {
  if (trouble_) return *trouble_;
  if (nearly_full_) return *nearly_full_;
  return Done{};
}

}  // namespace gw::outbox
