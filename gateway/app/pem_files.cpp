#include "app/pem_files.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <ctime>
#include <utility>

namespace gw::app {

namespace {

template <class Object, class Read>
std::vector<Object> read_all(const std::filesystem::path& file, Read read) {
  std::vector<Object> objects;
  const std::unique_ptr<BIO, decltype(&BIO_free)> in{BIO_new_file(file.c_str(), "r"), &BIO_free};
  while (in != nullptr) {
    Object object{read(in.get(), nullptr, nullptr, nullptr)};
    if (object == nullptr) break;
    objects.push_back(std::move(object));
  }
  ERR_clear_error();
  return objects;
}

}  // namespace

void FreeCertificate::operator()(X509* certificate) const {
  X509_free(certificate);
}
void FreeCrl::operator()(X509_CRL* crl) const {
  X509_CRL_free(crl);
}

std::vector<Certificate> certificates_in(const std::filesystem::path& file) {
  return read_all<Certificate>(file, PEM_read_bio_X509);
}

std::vector<Crl> crls_in(const std::filesystem::path& file) {
  return read_all<Crl>(file, PEM_read_bio_X509_CRL);
}

std::optional<Instant> instant_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return Instant{std::chrono::seconds{::timegm(&parts)}};
}

}  // namespace gw::app
