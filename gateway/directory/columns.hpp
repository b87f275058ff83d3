// Columns found by their names, and the bad lines of a file gathered with file, line, cause and cure. Shared by the
// loaders of organisations and patients.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gw::directory {

/// A column of a published form.
struct Column {
  std::string_view name;
  bool required = false;
};

/// Gathers "file:line: ..." lines; after a thousand only counts on. Never put a patient's data into a text.
class BadLines {
 public:
  explicit BadLines(std::vector<std::string>& lines) : lines_(lines) {}
  void add(std::string_view file, std::size_t line, std::string_view text);

 private:
  std::vector<std::string>& lines_;
};

/// One record, its fields in the order of the columns that were asked for; absent ones are empty.
struct Row {
  std::span<const std::string_view> values;
  std::size_t line = 0;
};

/// Read the file at `path`: find `columns` by name (case ignored, any order, others skipped), then call `each` for
/// every well-formed record. Whatever is wrong with the file, its heading or a record goes into `bad`.
void read_rows(const std::filesystem::path& path, std::span<const Column> columns, BadLines& bad,
               const std::function<void(const Row&)>& each);

/// "yes" or "no" in any case; empty is no. Absent for anything else.
[[nodiscard]] std::optional<bool> yes_or_no(std::string_view text);
/// Whether `text` can be a FHIR logical id: 1 to 64 of A-Z a-z 0-9 - and full stop.
[[nodiscard]] bool is_logical_id(std::string_view text);

}  // namespace gw::directory
