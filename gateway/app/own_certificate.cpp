#include "app/own_certificate.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <optional>

namespace gw::app {

namespace {

std::optional<Instant> instant_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return Instant{std::chrono::seconds{::timegm(&parts)}};
}

}  // namespace

Result<CertificateDates> dates_of_certificate(const std::filesystem::path& file) {
  const auto bad = [&file](const char* why) {
    return fault(FaultKind::kInvalid, "the certificate file " + file.string() + " " + why);
  };
  const std::unique_ptr<BIO, decltype(&BIO_free)> in{BIO_new_file(file.c_str(), "r"), &BIO_free};
  std::optional<CertificateDates> dates;
  while (in != nullptr) {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate{
        PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), &X509_free};
    if (certificate == nullptr) break;
    const auto from = instant_of(X509_get0_notBefore(certificate.get()));
    const auto until = instant_of(X509_get0_notAfter(certificate.get()));
    if (!from || !until) return bad("has a certificate whose dates cannot be read");
    if (!dates) dates = CertificateDates{*from, *until};
    dates = CertificateDates{std::max(dates->from, *from), std::min(dates->until, *until)};
  }
  ERR_clear_error();
  if (!dates) return bad("holds no PEM certificate");
  return *dates;
}

Instant first_crl_end(const std::filesystem::path& file) {
  auto first = Instant::max();
  const std::unique_ptr<BIO, decltype(&BIO_free)> in{BIO_new_file(file.c_str(), "r"), &BIO_free};
  while (in != nullptr) {
    const std::unique_ptr<X509_CRL, decltype(&X509_CRL_free)> crl{
        PEM_read_bio_X509_CRL(in.get(), nullptr, nullptr, nullptr), &X509_CRL_free};
    if (crl == nullptr) break;
    const auto* const next = X509_CRL_get0_nextUpdate(crl.get());
    if (const auto end = next == nullptr ? std::nullopt : instant_of(next)) first = std::min(first, *end);
  }
  ERR_clear_error();
  return first;
}

}  // namespace gw::app
