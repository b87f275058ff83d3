#include "outbox/audit_key.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <utility>

namespace gw::outbox {

namespace {

constexpr std::size_t kLeastDigits = 64;
constexpr std::size_t kMostDigits = 1024;
constexpr std::size_t kIdBytes = 8;
constexpr std::string_view kNamed = "the name of a key of the audit";

Fault unfit(const std::filesystem::path& file, std::string_view what) {
  return fault(FaultKind::kInvalid,
               fmt::format("the audit key file {} {}; it holds at least {} hexadecimal digits, and its owner alone may "
                           "read it: (umask 277; openssl rand -hex 32 > FILE)",
                           file.string(), what, kLeastDigits));
}

}  // namespace

AuditKey::AuditKey(std::string bytes) : bytes_(std::move(bytes)) {
  const auto hash = hmac().of(kNamed);
  id_ = to_hex(std::span{hash}.first(kIdBytes));
}

Result<AuditKey> AuditKey::read(const std::filesystem::path& file) {
  struct stat found {};
  if (::stat(file.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) return unfit(file, "cannot be read");
  constexpr mode_t others = 077;
  if ((found.st_mode & others) != 0) {
    return unfit(file, fmt::format("may be read or written by others (its mode is {:04o})", found.st_mode & 07777U));
  }
  std::ifstream in{file, std::ios::binary};
  std::string digits(kMostDigits + 2, '\0');
  in.read(digits.data(), static_cast<std::streamsize>(digits.size()));
  if (!in.is_open() || in.bad()) return unfit(file, "cannot be read");
  digits.resize(static_cast<std::size_t>(in.gcount()));
  while (!digits.empty() && (digits.back() == '\n' || digits.back() == '\r')) digits.pop_back();
  if (digits.size() < kLeastDigits) return unfit(file, "is too short");
  if (digits.size() > kMostDigits || digits.size() % 2 != 0) return unfit(file, "is not of a key's form");
  std::string bytes(digits.size() / 2, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto* const from = digits.data() + 2 * i;
    unsigned char byte = 0;
    const auto read = std::from_chars(from, from + 2, byte, 16);
    if (read.ec != std::errc{} || read.ptr != from + 2) return unfit(file, "is not of a key's form");
    bytes[i] = static_cast<char>(byte);
  }
  return AuditKey{std::move(bytes)};
}

const AuditKey* AuditKeys::find(std::string_view id) const {
  if (current && current->id() == id) return &*current;
  const auto found = std::find_if(old.begin(), old.end(), [id](const AuditKey& key) { return key.id() == id; });
  return found == old.end() ? nullptr : &*found;
}

Result<AuditKeys> read_audit_keys(const std::filesystem::path& current, const std::vector<std::filesystem::path>& old) {
  AuditKeys keys;
  if (current.empty() && !old.empty()) {
    return fault(FaultKind::kInvalid,
                 "[audit] old_key_files are named, but no key_file; the key that is in use now belongs there");
  }
  if (!current.empty()) {
    auto key = AuditKey::read(current);
    if (!key) return key.error();
    keys.current = std::move(*key);
  }
  for (const auto& file : old) {
    auto key = AuditKey::read(file);
    if (!key) return key.error();
    keys.old.push_back(std::move(*key));
  }
  return keys;
}

}  // namespace gw::outbox
