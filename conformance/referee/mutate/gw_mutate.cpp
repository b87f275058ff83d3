// gw_mutate SEED COUNT FOLDER: writes COUNT mutated tasks as FOLDER/000001.json and .xml, and FOLDER/index.tsv with
// number, whether both forms say the same, and what was done.
#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "mutate.hpp"

namespace {

std::uint64_t number_of(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string on_one_line(std::string text) {
  for (auto& c : text) {
    if (c == '\t' || c == '\n') c = ' ';
  }
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    fmt::print(stderr, "usage: gw_mutate SEED COUNT FOLDER\n");
    return 2;
  }
  const auto seed = number_of(argv[1]);
  const auto count = number_of(argv[2]);
  const std::filesystem::path folder = argv[3];
  std::filesystem::create_directories(folder);
  std::ofstream index{folder / "index.tsv"};
  for (std::uint64_t number = 1; number <= count; ++number) {
    const auto made = gw::referee::mutated(seed, number);
    const auto name = fmt::format("{:06}", number);
    if (made.json) std::ofstream{folder / (name + ".json")} << *made.json;
    if (made.xml) std::ofstream{folder / (name + ".xml")} << *made.xml;
    index << name << '\t' << (made.same ? "same" : "other") << '\t' << on_one_line(made.label) << '\n';
  }
  index.flush();
  return index ? 0 : 1;
}
