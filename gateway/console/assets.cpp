#include "console/assets.hpp"

#include <algorithm>
#include <array>

#include "base/digest.hpp"
#include "console_bytes.hpp"

namespace gw::console {

namespace {

constexpr std::array<Asset, 3> kAssets = {{
    {"console.css", "text/css; charset=utf-8", bytes::kConsoleCss},
    {"console.js", "text/javascript; charset=utf-8", bytes::kConsoleJs},
    {"icon.svg", "image/svg+xml", bytes::kIconSvg},
}};

std::string version_of(const Asset& asset) {
  constexpr std::size_t digits = 8;
  return to_hex(sha256(asset.bytes)).substr(0, digits);
}

}  // namespace

const Asset* find_asset(std::string_view name) {
  const auto* const found =
      std::find_if(kAssets.begin(), kAssets.end(), [&](const Asset& asset) { return asset.name == name; });
  return found == kAssets.end() ? nullptr : found;
}

std::string asset_path(std::string_view name) {
  static const auto paths = [] {
    std::array<std::string, kAssets.size()> made;
    for (std::size_t i = 0; i < kAssets.size(); ++i) {
      made.at(i) = "/assets/" + std::string{kAssets.at(i).name} + "?v=" + version_of(kAssets.at(i));
    }
    return made;
  }();
  const auto* const asset = find_asset(name);
  return asset == nullptr ? std::string{} : paths.at(static_cast<std::size_t>(asset - kAssets.data()));
}

}  // namespace gw::console
