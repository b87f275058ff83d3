// The books of a world of real processes, read from their files while they run. Must not know how anybody died.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "app/demo_world.hpp"
#include "fault/ledgers.hpp"

namespace gw::test {

[[nodiscard]] std::string contents_of(const std::filesystem::path& file);

/// Reads on where it stopped the time before: books of many kills are never read twice.
class KillBooks {
 public:
  /// `world` must outlive it.
  explicit KillBooks(const app::DemoWorld& world) : world_(world) {}

  /// Read what is new: entries and audit of `gateway`, and what arrived at `recipient`. Throws when a file cannot be
  /// read.
  void read(const std::string& gateway, const std::string& recipient);
  /// All that was read.
  [[nodiscard]] const Books& books() const { return books_; }

 private:
  struct Marks {
    std::int64_t entry = 0, audit = 0;
    std::streamoff received = 0;
  };
  void read_received(const std::string& party);
  void read_entries(const std::string& party);
  void read_audit(const std::string& party);

  const app::DemoWorld& world_;
  std::map<std::string, Marks> marks_;
  Books books_;
};

}  // namespace gw::test
