// gw_verdict FOLDER: the gateway's verdict on each .json and .xml of a folder, a JSON line each, in the form of the
// referee's: {"file", "accept", "errors": ["rule location: text", ...]}.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fhir/escape.hpp"
#include "verdict.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: gw_verdict FOLDER\n");
    return 2;
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator{argv[1]}) {
    const auto extension = entry.path().extension();
    if (extension == ".json" || extension == ".xml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    std::ifstream in{file, std::ios::binary};
    const auto issues = gw::referee::issues_of({std::istreambuf_iterator<char>{in}, {}}, file.extension() == ".xml");
    std::string line = "{\"file\":\"" + file.filename().string() + "\",\"accept\":";
    line += gw::referee::refuses(issues) ? "false,\"errors\":[" : "true,\"errors\":[";
    for (const auto& issue : issues) {
      if (issue.severity != gw::fhir::Severity::kError && issue.severity != gw::fhir::Severity::kFatal) continue;
      if (line.back() != '[') line += ',';
      gw::fhir::append_json_string(line, std::string(issue.rule) + " " + issue.location + ": " + issue.diagnostics);
    }
    fmt::print("{}]}}\n", line);
  }
  return 0;
}
