// Where a task goes: an endpoint URL taken apart, with the directory's or the config's own addresses for it. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/client.hpp"

namespace gw::delivery {

struct Route {
  net::Target target;
  std::string base_path;  ///< "/B82001/DSTU2/1", no trailing slash
};

/// "host:port" to "ip:port", from the config; for names that DNS does not know.
using Hosts = std::map<std::string, std::string, std::less<>>;

/// Take an endpoint URL apart; the host comes out in lower case. Faults (kInvalid): not https, userinfo, query,
/// fragment, dot or empty segments, encoded slashes, dots, controls or percent signs, an IP literal as host, an empty
/// host, a bad port, `localhost` without an address in `hosts`. What a name resolves to is net's to check. (SSP-05)
[[nodiscard]] Result<Route> route_to(std::string_view endpoint, const Hosts& hosts);

}  // namespace gw::delivery
