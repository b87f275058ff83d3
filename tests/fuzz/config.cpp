// The configuration file.
#include "app/config.hpp"

#include "fuzz/input_file.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const gw::fuzz::InputFile file{gw::fuzz::text_of(data, size)};
  gw::app::ConfigMistakes mistakes;
  (void)gw::app::load_config(file.path(), mistakes);
  return 0;
}
