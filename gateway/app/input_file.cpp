#include "app/input_file.hpp"

#include <cerrno>
#include <memory>
#include <system_error>

namespace gw::app {

namespace {

struct Closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Closer>;

Fault unreadable(int error) {
  return fault(FaultKind::kIo, "cannot be read: " + std::generic_category().message(error));
}

Result<std::string> read_open(std::FILE* file, std::size_t limit_bytes) {
  constexpr std::size_t piece = 16'384;
  std::string text;
  while (text.size() <= limit_bytes) {
    const auto had = text.size();
    text.resize(had + piece);
    const auto got = std::fread(text.data() + had, 1, piece, file);
    text.resize(had + got);
    if (got < piece) break;
  }
  if (std::ferror(file) != 0) return unreadable(errno);
  return text;
}

}  // namespace

Result<std::string> read_input(const std::string& name, std::FILE* standard_input, std::size_t limit_bytes) {
  if (name == kStandardInput) return read_open(standard_input, limit_bytes);
  const File file{std::fopen(name.c_str(), "rb")};
  if (file == nullptr) return unreadable(errno);
  return read_open(file.get(), limit_bytes);
}

}  // namespace gw::app
