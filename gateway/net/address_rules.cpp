#include "net/address_rules.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace gw::net {

namespace {

namespace ip = boost::asio::ip;
using ip::tcp;

/// ::ffff:a.b.c.d, ::a.b.c.d and 64:ff9b::a.b.c.d reach the IPv4 address in them.
ip::address plain(const ip::address& address) {
  if (!address.is_v6()) return address;
  const auto v6 = address.to_v6();
  if (v6.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, v6);
  const auto bytes = v6.to_bytes();
  const auto starts_with = [&bytes](std::initializer_list<unsigned char> head) {
    return std::equal(head.begin(), head.end(), bytes.begin());
  };
  const bool compatible =
      starts_with({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}) && !v6.is_loopback() && !v6.is_unspecified();
  const bool translated = starts_with({0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0});
  if (!compatible && !translated) return address;
  return ip::address_v4{{bytes[12], bytes[13], bytes[14], bytes[15]}};
}

/// Whether this machine has the address: then, and only then, a socket can be bound to it.
bool is_ours(const ip::address& address) {
  const tcp::endpoint any_port{address, 0};
  const int probe = ::socket(any_port.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return true;
  const bool bound = ::bind(probe, any_port.data(), static_cast<socklen_t>(any_port.size())) == 0;
  ::close(probe);
  return bound;
}

bool is_own_listener(const ip::address& address, std::uint16_t port, const AddressRules& rules) {
  return std::any_of(rules.own.begin(), rules.own.end(), [&](const tcp::endpoint& listener) {
    if (listener.port() != port) return false;
    return listener.address().is_unspecified() ? is_ours(address) : plain(listener.address()) == address;
  });
}

bool is_link_local(const ip::address& address) {
  if (address.is_v6()) return address.to_v6().is_link_local();
  const auto bytes = address.to_v4().to_bytes();
  return bytes[0] == 169 && bytes[1] == 254;
}

/// 0.0.0.0/8 is "this host", 240.0.0.0/4 is reserved and ends with the broadcast address.
bool is_no_host(const ip::address& address) {
  if (address.is_unspecified()) return true;
  if (address.is_v6()) return false;
  const auto first = address.to_v4().to_bytes()[0];
  return first == 0 || first >= 240;
}

}  // namespace

std::optional<std::string_view> refusal_of_address(const tcp::endpoint& endpoint, const AddressRules& rules,
                                                   bool named) {
  const auto address = plain(endpoint.address());
  if (is_own_listener(address, endpoint.port(), rules)) return "is a listener of this gateway itself";
  if (named) return std::nullopt;
  if (is_no_host(address)) return "is not that of a host";
  if (address.is_multicast()) return "is a multicast address";
  if (is_link_local(address)) return "is link-local";
  if (address.is_loopback() && !rules.allow_loopback) return "is this machine's loopback";
  return std::nullopt;
}

}  // namespace gw::net
