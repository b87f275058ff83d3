#include "exchange/key_source.hpp"

#include <fstream>
#include <string>
#include <utility>

namespace gw::exchange {

namespace {

/// A set of a thousand keys is far below it.
constexpr std::size_t kLargestFile = std::size_t{1} << 20U;

}  // namespace

Status KeySource::reload() {
  if (path_.empty()) return Done{};
  const auto about = "the token keys' file " + path_.string() + ": ";
  std::ifstream in{path_, std::ios::binary};
  std::string text(kLargestFile + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in.is_open() || in.bad()) return fault(FaultKind::kNotFound, about + "it cannot be read");
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kLargestFile)
    return fault(FaultKind::kInvalid, about + "it has more than " + std::to_string(kLargestFile) + " bytes");
  auto keys = spine::TokenKeys::from_jwks(std::move(text));
  if (!keys) return fault(keys.error().kind, about + keys.error().detail);
  auto fresh = std::move(*keys);
  const std::lock_guard lock{mutex_};
  current_.swap(fresh);
  return Done{};
}

std::shared_ptr<const spine::TokenKeys> KeySource::current() const {
  const std::lock_guard lock{mutex_};
  return current_;
}

}  // namespace gw::exchange
