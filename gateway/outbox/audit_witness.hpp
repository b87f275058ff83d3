// The audit's head, kept in a file outside the database, so that an older copy of the database, or one whose last
// records were cut off, is known for what it is (RELIABILITY's crash point 16). Must not know records.
//
// The file is as large at its end as at its beginning: eight lines of 512 bytes, of which the oldest is written over.
// Each line is a disk sector of its own, so that a power cut in the middle of a write spoils only the line that nobody
// was told of yet. A line is the head as text and a checksum; `cat` shows it. It is no secret, and needs none: it is
// worth as much as the place that it is kept in. Put it on another disk, or another machine, than the database.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/result.hpp"
#include "outbox/audit_head.hpp"

namespace gw::outbox {

/// For one thread at a time.
class AuditWitness {
 public:
  /// Open the file, or make it, its owner's alone. Errors: kStorage (cannot be made or locked; another gateway's).
  static Result<std::unique_ptr<AuditWitness>> open(const std::filesystem::path& path);
  AuditWitness(const AuditWitness&) = delete;
  AuditWitness& operator=(const AuditWitness&) = delete;
  ~AuditWitness();

  /// The latest head that was kept. Nothing in a new file; `is_damaged` where a line should be and none can be read.
  [[nodiscard]] const std::optional<AuditHead>& seen() const { return seen_; }
  [[nodiscard]] bool is_damaged() const { return damaged_; }

  /// Keep `head`, on disk on return. Nothing is done for the one that was kept last. Errors: kStorage.
  Status keep(const AuditHead& head);
  /// Keep `head` in the file, whatever may end this process; a power cut may lose it until sync(). Errors: kStorage.
  Status note(const AuditHead& head);
  /// What was noted is on disk on return. Errors: kStorage.
  Status sync();
  /// Forget what was seen, and keep `head`: an operator accepted it. Errors: kStorage.
  Status start_anew(const AuditHead& head);

 private:
  explicit AuditWitness(int descriptor) : descriptor_(descriptor) {}
  Status write_line(std::size_t line, const AuditHead& head);

  int descriptor_;
  std::optional<AuditHead> seen_;
  bool damaged_ = false;
  bool unsynced_ = false;
  std::size_t next_line_ = 0;
};

/// The head in a witness file that another process writes. Errors: kStorage, kInvalid (no line can be read).
Result<AuditHead> read_witness(const std::filesystem::path& path);

}  // namespace gw::outbox
