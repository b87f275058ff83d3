#include "directory/columns.hpp"

#include <algorithm>
#include <fstream>

#include "base/http.hpp"
#include "directory/csv_reader.hpp"

namespace gw::directory {

namespace {

constexpr std::size_t kLinesTold = 1000;
constexpr std::size_t kLogicalIdLength = 64;
constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

/// For each of `columns`, which field of a record it is. Empty when the heading cannot be used.
std::optional<std::vector<std::size_t>> read_heading(CsvReader& reader, std::string_view file,
                                                     std::span<const Column> columns, BadLines& bad) {
  std::vector<std::string> heading;
  std::string fault;
  const auto outcome = reader.next(heading, fault);
  if (outcome != CsvReader::Outcome::kRecord) {
    bad.add(file, 1,
            outcome == CsvReader::Outcome::kEnd ? "the file is empty; its first line must name the columns" : fault);
    return std::nullopt;
  }
  std::vector<std::size_t> places;
  bool usable = true;
  for (const auto& column : columns) {
    const auto named = [&](const std::string& name) { return iequals(name, column.name); };
    const auto found = std::find_if(heading.begin(), heading.end(), named);
    places.push_back(found == heading.end() ? kNowhere : static_cast<std::size_t>(found - heading.begin()));
    if (found == heading.end() && column.required) {
      bad.add(file, reader.line(),
              "there is no column \"" + std::string{column.name} + "\"; the first line must name it");
      usable = false;
    }
    if (std::count_if(heading.begin(), heading.end(), named) > 1) {
      bad.add(file, reader.line(), "column \"" + std::string{column.name} + "\" is there twice; take one out");
      usable = false;
    }
  }
  if (!usable) return std::nullopt;
  places.push_back(heading.size());
  return places;
}

}  // namespace

void BadLines::add(std::string_view file, std::size_t line, std::string_view text) {
  if (lines_.size() > kLinesTold) return;
  if (lines_.size() == kLinesTold) {
    lines_.emplace_back("there are more bad lines; mend these first");
    return;
  }
  lines_.push_back(std::string{file} + ':' + std::to_string(line) + ": " + std::string{text});
}

void read_rows(const std::filesystem::path& path, std::span<const Column> columns, BadLines& bad,
               const std::function<void(const Row&)>& each) {
  const auto file = path.filename().string();
  std::ifstream in{path, std::ios::binary};
  if (!in || std::filesystem::is_directory(path)) {
    bad.add(file, 0, "the file cannot be opened; check its path and who may read it");
    return;
  }
  CsvReader reader{in};
  const auto places = read_heading(reader, file, columns, bad);
  if (!places) return;
  const auto width = places->back();

  std::vector<std::string> fields;
  std::vector<std::string_view> values(columns.size());
  std::string fault;
  for (auto outcome = reader.next(fields, fault); outcome != CsvReader::Outcome::kEnd;
       outcome = reader.next(fields, fault)) {
    if (outcome == CsvReader::Outcome::kBadRecord) {
      bad.add(file, reader.line(), fault);
      continue;
    }
    if (fields.size() != width) {
      bad.add(file, reader.line(),
              "the line has " + std::to_string(fields.size()) + (fields.size() == 1 ? " field" : " fields") +
                  " and the heading " + std::to_string(width) +
                  "; a comma inside a field needs double quotes around that field");
      continue;
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto place = (*places)[i];
      values[i] = place == kNowhere ? std::string_view{} : std::string_view{fields[place]};
    }
    each(Row{.values = values, .line = reader.line()});
  }
}

std::optional<bool> yes_or_no(std::string_view text) {
  if (text.empty() || iequals(text, "no")) return false;
  if (iequals(text, "yes")) return true;
  return std::nullopt;
}

bool is_logical_id(std::string_view text) {
  return !text.empty() && text.size() <= kLogicalIdLength && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

}  // namespace gw::directory
