// gw_compare OURS REFEREE INDEX DIFFERENCES: sets the two verdicts on each file side by side and prints the table of
// agreement. A difference is explained when every error of the side that refuses matches a row of DIFFERENCES for that
// side. Exit code 0: no difference is unexplained, and both forms of each task got the same issues from us; 1: else.
#include <fmt/format.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct Verdict {
  bool accept = false;
  std::vector<std::string> errors;
};
using Verdicts = std::map<std::string, Verdict>;

/// A row of differences.csv: side,rule,pattern,reason. Only the reason may hold commas.
struct Row {
  std::string side;
  std::string rule;
  std::string pattern;
  std::string reason;
  std::regex matcher;
  std::size_t files = 0;
};

Verdicts read_verdicts(const char* path) {
  Verdicts verdicts;
  std::ifstream in{path};
  for (std::string line; std::getline(in, line);) {
    rapidjson::Document document;
    if (document.Parse(line).HasParseError() || !document.IsObject()) {
      fmt::print(stderr, "{}: a line is not JSON\n", path);
      std::exit(2);
    }
    auto& verdict = verdicts[document["file"].GetString()];
    verdict.accept = document["accept"].GetBool();
    for (const auto& error : document["errors"].GetArray()) {
      verdict.errors.emplace_back(error.GetString(), error.GetStringLength());
    }
  }
  return verdicts;
}

std::vector<Row> read_rows(const char* path) {
  std::vector<Row> rows;
  std::ifstream in{path};
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    const auto one = line.find(',');
    const auto two = line.find(',', one + 1);
    const auto three = line.find(',', two + 1);
    Row row{line.substr(0, one),
            line.substr(one + 1, two - one - 1),
            line.substr(two + 1, three - two - 1),
            line.substr(three + 1),
            {}};
    row.matcher = std::regex{row.pattern, std::regex::optimize};
    rows.push_back(std::move(row));
  }
  return rows;
}

/// The row that explains `error`, or null.
Row* explain(std::vector<Row>& rows, std::string_view side, const std::string& error) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const Row& row) {
    return row.side == side && std::regex_search(error, row.matcher);
  });
  return found == rows.end() ? nullptr : &*found;
}

std::string without_indexes(const std::string& text) {
  static const std::regex kIndex{"\\[[0-9]+\\]"};
  return std::regex_replace(text, kIndex, "");
}

std::vector<std::string> comparable(const Verdict& verdict) {
  std::vector<std::string> errors;
  for (const auto& error : verdict.errors) errors.push_back(without_indexes(error));
  std::sort(errors.begin(), errors.end());
  return errors;
}

/// Tasks whose two forms we did not judge alike.
std::size_t unlike_forms(const Verdicts& ours, const char* index, std::size_t& pairs) {
  std::size_t unlike = 0;
  std::ifstream in{index};
  for (std::string line; std::getline(in, line);) {
    const auto number = line.substr(0, line.find('\t'));
    const auto json = ours.find(number + ".json");
    const auto xml = ours.find(number + ".xml");
    if (json == ours.end() || xml == ours.end()) continue;
    ++pairs;
    const bool same_words =
        line.find("\tsame\t") == std::string::npos || comparable(json->second) == comparable(xml->second);
    if (json->second.accept == xml->second.accept && same_words) continue;
    ++unlike;
    fmt::print("UNLIKE FORMS  {}\n", line);
  }
  return unlike;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    fmt::print(stderr, "usage: gw_compare OURS REFEREE INDEX DIFFERENCES\n");
    return 2;
  }
  const auto ours = read_verdicts(argv[1]);
  const auto referee = read_verdicts(argv[2]);
  auto rows = read_rows(argv[4]);
  std::size_t both_accept = 0;
  std::size_t both_refuse = 0;
  std::size_t explained = 0;
  std::size_t unexplained = 0;
  for (const auto& [file, verdict] : ours) {
    const auto other = referee.find(file);
    if (other == referee.end()) {
      ++unexplained;
      fmt::print("UNEXPLAINED  {}  the referee says nothing\n", file);
      continue;
    }
    if (verdict.accept == other->second.accept) {
      ++(verdict.accept ? both_accept : both_refuse);
      continue;
    }
    const std::string_view side = verdict.accept ? "referee" : "gateway";
    std::vector<Row*> because;
    bool known = true;
    for (const auto& error : verdict.accept ? other->second.errors : verdict.errors) {
      auto* const row = explain(rows, side, error);
      if (row == nullptr) {
        known = false;
        fmt::print("UNEXPLAINED  {}  only the {} refuses: {}\n", file, side, error);
      } else if (std::find(because.begin(), because.end(), row) == because.end()) {
        because.push_back(row);
      }
    }
    ++(known ? explained : unexplained);
    for (auto* const row : because) ++row->files;
  }
  std::size_t pairs = 0;
  const auto unlike = unlike_forms(ours, argv[3], pairs);
  fmt::print("\n{:>7}  files compared\n{:>7}  both accept\n{:>7}  both refuse\n", ours.size(), both_accept,
             both_refuse);
  fmt::print("{:>7}  differ, explained\n{:>7}  differ, unexplained\n", explained, unexplained);
  fmt::print("{:>7}  tasks in both forms, {} of them not judged alike by the gateway\n\n", pairs, unlike);
  for (const auto& row : rows)
    fmt::print("{:>7}  only the {} refuses ({}): {}\n", row.files, row.side, row.rule, row.reason);
  return unexplained == 0 && unlike == 0 && !ours.empty() ? 0 : 1;
}
