// PEM files as lists of OpenSSL's objects. Must not know what they are for.
#pragma once

#include <openssl/types.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "base/time.hpp"

namespace gw::app {

struct FreeCertificate {
  void operator()(X509* certificate) const;
};
struct FreeCrl {
  void operator()(X509_CRL* crl) const;
};
using Certificate = std::unique_ptr<X509, FreeCertificate>;
using Crl = std::unique_ptr<X509_CRL, FreeCrl>;

/// All of them, in order, up to the first that cannot be read; none where there is no such file. Blocks on the disk.
[[nodiscard]] std::vector<Certificate> certificates_in(const std::filesystem::path& file);
[[nodiscard]] std::vector<Crl> crls_in(const std::filesystem::path& file);

/// Nothing for a null, and for what is no time.
[[nodiscard]] std::optional<Instant> instant_of(const ASN1_TIME* time);

}  // namespace gw::app
