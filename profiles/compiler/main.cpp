// gw_profile_compiler OUT.cpp IN.json...: turns the profiles into the tables that the validator walks.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <vector>

#include "model.hpp"

namespace gw::profiles {

void fail(std::string_view file, std::string_view path, std::string_view what) {
  std::fprintf(stderr, "%.*s: %.*s: %.*s\n", static_cast<int>(file.size()), file.data(), static_cast<int>(path.size()),
               path.data(), static_cast<int>(what.size()), what.data());
  std::exit(1);
}

}  // namespace gw::profiles

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: gw_profile_compiler OUT.cpp IN.json...\n", stderr);
    return 2;
  }
  std::vector<std::filesystem::path> files(argv + 2, argv + argc);
  std::sort(files.begin(), files.end());
  const auto source = gw::profiles::read_source(files);
  const auto text = gw::profiles::emit(source, gw::profiles::build(source));
  std::ofstream out(argv[1], std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (!out) gw::profiles::fail(argv[1], "output", "cannot be written");
  return 0;
}
