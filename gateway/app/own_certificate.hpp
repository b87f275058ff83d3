// When this gateway's own certificate is good, and its revocation lists. Must not know TLS connections.
#pragma once

#include <filesystem>

#include "base/result.hpp"
#include "base/time.hpp"

namespace gw::app {

/// From when until when a whole chain is good: until the first of its certificates ends.
struct CertificateDates {
  Instant from, until;
};

/// Of all certificates in a PEM file. Fault (kInvalid): there is none, or one has dates that are none; names the file.
[[nodiscard]] Result<CertificateDates> dates_of_certificate(const std::filesystem::path& file);

/// When the first of the revocation lists in a PEM file is out of date: from then on every peer below its CA is
/// refused. Instant::max() where none says so, or there is no file.
[[nodiscard]] Instant first_crl_end(const std::filesystem::path& file);

}  // namespace gw::app
