#include "outbox/audit_witness.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

namespace gw::outbox {

namespace {

constexpr std::size_t kLineBytes = 512;
constexpr std::size_t kLines = 8;
constexpr std::size_t kSumDigits = 16;
constexpr std::string_view kLead = "audit-head ";

std::string sum_of(std::string_view text) {
  return to_hex(sha256(text)).substr(0, kSumDigits);
}

std::string line_of(const AuditHead& head) {
  auto line = std::string{kLead} + to_text(head);
  line += ' ' + sum_of(line);
  line.resize(kLineBytes - 1, ' ');
  return line + '\n';
}

std::optional<AuditHead> head_in(std::string_view line) {
  if (!line.starts_with(kLead)) return std::nullopt;
  const auto end = line.find(' ', kLead.size());
  if (end == std::string_view::npos || line.substr(end + 1, kSumDigits) != sum_of(line.substr(0, end))) {
    return std::nullopt;
  }
  return audit_head_from(line.substr(kLead.size(), end - kLead.size()));
}

/// The latest head of a file's text, and the line after it.
struct Found {
  std::optional<AuditHead> head;
  std::size_t next_line = 0;
};

Found latest_in(std::string_view text) {
  Found found;
  for (std::size_t i = 0; i < kLines && (i + 1) * kLineBytes <= text.size(); ++i) {
    const auto head = head_in(text.substr(i * kLineBytes, kLineBytes));
    if (!head || (found.head && head->number < found.head->number)) continue;
    found = {head, (i + 1) % kLines};
  }
  return found;
}

Fault system_fault(std::string_view what) {
  return fault(FaultKind::kStorage,
               fmt::format("the audit's witness cannot be {}: {}", what, std::generic_category().message(errno)));
}

bool write_at(int descriptor, std::string_view bytes, std::size_t offset) {
  return pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset)) ==
         static_cast<ssize_t>(bytes.size());
}

bool sync_folder(const std::filesystem::path& path) {
  const auto folder = std::filesystem::absolute(path).parent_path();
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool synced = fsync(descriptor) == 0;
  ::close(descriptor);
  return synced;
}

// The whole length at once: later writes need no space on the disk.
bool make_blank(int descriptor) {
  std::string blank(kLineBytes - 1, ' ');
  blank += '\n';
  std::string all;
  for (std::size_t i = 0; i < kLines; ++i) all += blank;
  return write_at(descriptor, all, 0) && fsync(descriptor) == 0;
}

Result<std::string> text_of(int descriptor) {
  std::string text(kLineBytes * kLines, '\0');
  const auto count = pread(descriptor, text.data(), text.size(), 0);
  if (count < 0) return system_fault("read");
  text.resize(static_cast<std::size_t>(count));
  return text;
}

}  // namespace

Result<std::unique_ptr<AuditWitness>> AuditWitness::open(const std::filesystem::path& path) {
  constexpr mode_t owner_only = 0600;
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, owner_only);
  if (descriptor < 0) return system_fault("opened at " + path.string());
  std::unique_ptr<AuditWitness> witness{new AuditWitness{descriptor}};
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return system_fault("locked at " + path.string());
    return fault(FaultKind::kStorage, "another gateway keeps its audit's head in " + path.string());
  }
  auto text = text_of(descriptor);
  if (!text) return text.error();
  const bool fresh = text->find_first_not_of(" \n") == std::string::npos;
  if (fresh && (!make_blank(descriptor) || !sync_folder(path))) return system_fault("made at " + path.string());
  const auto [head, next_line] = latest_in(*text);
  witness->seen_ = head;
  witness->next_line_ = next_line;
  witness->damaged_ = !fresh && !head;
  return witness;
}

AuditWitness::~AuditWitness() {
  (void)sync();  // an older head is as good a witness of what came before it
  ::close(descriptor_);
}

Status AuditWitness::write_line(std::size_t line, const AuditHead& head) {
  if (!write_at(descriptor_, line_of(head), line * kLineBytes)) return system_fault("written");
  unsynced_ = true;
  return Done{};
}

Status AuditWitness::sync() {
  if (!unsynced_) return Done{};
  if (fdatasync(descriptor_) != 0) return system_fault("written");
  unsynced_ = false;
  return Done{};
}

Status AuditWitness::keep(const AuditHead& head) {
  if (auto noted = note(head); !noted) return noted;
  return sync();
}

Status AuditWitness::note(const AuditHead& head) {
  if (seen_ == head) return Done{};
  if (auto written = write_line(next_line_, head); !written) return written;
  next_line_ = (next_line_ + 1) % kLines;
  seen_ = head;
  return Done{};
}

Status AuditWitness::start_anew(const AuditHead& head) {
  if (!make_blank(descriptor_)) return system_fault("written");
  seen_.reset();
  damaged_ = false;
  next_line_ = 0;
  return keep(head);
}

Result<AuditHead> read_witness(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return system_fault("opened at " + path.string());
  auto text = text_of(descriptor);
  ::close(descriptor);
  if (!text) return text.error();
  const auto found = latest_in(*text);
  if (!found.head) return fault(FaultKind::kInvalid, "the audit's witness holds no head: " + path.string());
  return *found.head;
}

}  // namespace gw::outbox
