// The directory's two files; in the input a line of "---" stands between them.
#include "directory/csv.hpp"
#include "fuzz/input_file.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = gw::fuzz::text_of(data, size);
  constexpr std::string_view between = "---\n";
  const auto at = text.find(between);
  const gw::fuzz::InputFile organisations{text.substr(0, at)};
  const gw::fuzz::InputFile patients{at == std::string_view::npos ? std::string_view{}
                                                                  : text.substr(at + between.size())};
  const auto loaded = gw::directory::load_csv(organisations.path(), patients.path());
  if (!loaded) gw::fuzz::demand(!loaded.error().detail.empty(), "a refused directory says why");
  return 0;
}
