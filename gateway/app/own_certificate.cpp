#include "app/own_certificate.hpp"

#include <openssl/x509.h>

#include <algorithm>
#include <optional>

#include "app/pem_files.hpp"

namespace gw::app {

Result<CertificateDates> dates_of_certificate(const std::filesystem::path& file) {
  const auto bad = [&file](const char* why) {
    return fault(FaultKind::kInvalid, "the certificate file " + file.string() + " " + why);
  };
  std::optional<CertificateDates> dates;
  for (const auto& certificate : certificates_in(file)) {
    const auto from = instant_of(X509_get0_notBefore(certificate.get()));
    const auto until = instant_of(X509_get0_notAfter(certificate.get()));
    if (!from || !until) return bad("has a certificate whose dates cannot be read");
    if (!dates) dates = CertificateDates{*from, *until};
    dates = CertificateDates{std::max(dates->from, *from), std::min(dates->until, *until)};
  }
  if (!dates) return bad("holds no PEM certificate");
  return *dates;
}

Instant first_crl_end(const std::filesystem::path& file) {
  auto first = Instant::max();
  for (const auto& crl : crls_in(file)) {
    if (const auto end = instant_of(X509_CRL_get0_nextUpdate(crl.get()))) first = std::min(first, *end);
  }
  return first;
}

}  // namespace gw::app
