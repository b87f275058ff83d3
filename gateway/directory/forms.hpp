// The forms that an organisation's particulars must have, wherever they come from: a file or a directory service. Pure.
#pragma once

#include <string>
#include <string_view>

namespace gw::directory {

/// 1 to 20 capital letters and digits.
[[nodiscard]] bool is_ods_code(std::string_view text);
/// 12 digits.
[[nodiscard]] bool is_asid(std::string_view text);
/// Whether a resolver would take it for an IPv4 address in any of its forms: they all end in a number.
[[nodiscard]] bool is_ip_address(std::string_view text);
/// Lower-case labels of letters, digits and inner hyphens, with full stops between; labels of at most 63 characters,
/// 253 in all; no IP address.
[[nodiscard]] bool is_host_name(std::string_view text);
[[nodiscard]] std::string lower_case(std::string_view text);
/// What is wrong with the URL of an endpoint, as the end of a sentence about it; empty when it can be used.
[[nodiscard]] std::string_view fault_of_endpoint(std::string_view url);
/// The host of an endpoint without fault, in lower case, without its port.
[[nodiscard]] std::string host_of_endpoint(std::string_view url);

}  // namespace gw::directory
