// gpconnect-gateway doctor: one report on an installation, from its files to its recipients (OPS-04). Changes nothing.
//
// Each part adds findings; what is at fault comes with its mend. The parts: doctor_files.cpp (certificates, keys,
// revocation lists, names), doctor_machine.cpp (clock, disk, outbox and audit, the running gateway), doctor_peers.cpp
// (recipients and directory service). None of them prints.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.hpp"
#include "directory/directory.hpp"

namespace gw::app {

enum class Grade : unsigned char {
  kGood,
  kWarning,  ///< works now; somebody should look
  kFault,
};

struct Finding {
  Grade grade = Grade::kGood;
  std::string about;  ///< "certificate", "recipient B20003"
  std::string what;   ///< what was found, a clause without full stop
  std::string mend;   ///< what to do; empty when good
};

class Report {
 public:
  void good(std::string about, std::string what) {
    findings_.push_back({Grade::kGood, std::move(about), std::move(what), {}});
  }
  void warn(std::string about, std::string what, std::string mend) {
    findings_.push_back({Grade::kWarning, std::move(about), std::move(what), std::move(mend)});
  }
  void fail(std::string about, std::string what, std::string mend) {
    findings_.push_back({Grade::kFault, std::move(about), std::move(what), std::move(mend)});
  }
  [[nodiscard]] const std::vector<Finding>& findings() const { return findings_; }
  [[nodiscard]] std::size_t count(Grade grade) const;

 private:
  std::vector<Finding> findings_;
};

/// A directory that holds nobody lets nobody send, or nothing be sent. `asks_service`: organisations come from
/// elsewhere.
void examine_size(const directory::Directory& directory, bool asks_service, Report& report);

/// Certificate, chain, dates, key, revocation lists, and the names that they must have. `now` judges dates.
void examine_files(const Config& config, const directory::Directory& directory, Instant now, Report& report);

/// Clock, disk, outbox, audit chain; and the admin listener of the gateway, if it runs.
void examine_machine(const Config& config, Report& report);

/// Told each time a recipient's turn has ended: how many were begun, of how many.
using PeerProgress = std::function<void(std::size_t, std::size_t)>;

/// Every recipient by connect and TLS, and by metadata where one of our own organisations may ask it; at most `within`
/// for all of them, many at once; with what their clocks say of ours; and the directory service, where there is one.
/// Blocks.
void examine_peers(const Config& config, const directory::Directory& directory, seconds within,
                   const PeerProgress& progress, Report& report);

/// The report as lines for people, and as one JSON object.
[[nodiscard]] std::string as_text(const Report& report);
[[nodiscard]] std::string as_json(const Report& report);

}  // namespace gw::app
