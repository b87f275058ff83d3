#include "support/test_pki.hpp"

#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <fstream>
#include <stdexcept>

namespace gw::test {

namespace {

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_CRL* list) const { X509_CRL_free(list); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(OCSP_RESPONSE* response) const { OCSP_RESPONSE_free(response); }
  void operator()(OCSP_BASICRESP* response) const { OCSP_BASICRESP_free(response); }
  void operator()(OCSP_CERTID* id) const { OCSP_CERTID_free(id); }
  void operator()(ASN1_TIME* time) const { ASN1_TIME_free(time); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;

void require(bool done, const char* what) {
  if (!done) throw std::runtime_error(what);
}

Key make_key() {
  Key key{EVP_EC_gen("P-256")};
  require(key != nullptr, "no key was made");
  return key;
}

template <class Write>
std::string pem_of(Write write) {
  const std::unique_ptr<BIO, Free> bio{BIO_new(BIO_s_mem())};
  require(bio && write(bio.get()) == 1, "no PEM was written");
  char* text = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* certificate) {
  return pem_of([certificate](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

std::string pem_of(EVP_PKEY* key) {
  return pem_of([key](BIO* bio) { return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr); });
}

Certificate certificate_in(const std::string& pem) {
  const std::unique_ptr<BIO, Free> bio{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  Certificate certificate{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)};
  require(certificate != nullptr, "no certificate in the PEM");
  return certificate;
}

void extend(X509* certificate, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Free> extension{X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str())};
  require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "an extension was refused");
}

Certificate blank(EVP_PKEY* key, long serial, const CertificateWish& wish) {
  constexpr long kDay = 24L * 3600;
  Certificate certificate{X509_new()};
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), wish.valid_from_days * kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), wish.valid_to_days * kDay + wish.valid_to_seconds);
  std::vector<unsigned char> name(wish.common_name.begin(), wish.common_name.end());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC, name.data(),
                             static_cast<int>(name.size()), -1, 0);
  X509_set_pubkey(certificate.get(), key);
  return certificate;
}

/// Fill in the extensions of an end certificate and sign it; `issuer` may be the certificate itself.
void finish(X509* certificate, X509* issuer, EVP_PKEY* issuer_key, const CertificateWish& wish) {
  X509_set_issuer_name(certificate, X509_get_subject_name(issuer));
  extend(certificate, issuer, NID_subject_key_identifier, "hash");
  extend(certificate, issuer, NID_authority_key_identifier, "keyid:always");
  extend(certificate, issuer, NID_key_usage, "critical,digitalSignature");
  extend(certificate, issuer, NID_ext_key_usage, wish.usage);
  std::string names;
  for (const auto& name : wish.dns_names) names += (names.empty() ? "DNS:" : ",DNS:") + name;
  for (const auto& address : wish.ip_addresses) names += (names.empty() ? "IP:" : ",IP:") + address;
  if (!names.empty()) extend(certificate, issuer, NID_subject_alt_name, names);
  require(X509_sign(certificate, issuer_key, EVP_sha256()) > 0, "the certificate was not signed");
}

}  // namespace

struct TestCa::State {
  Key key;
  Certificate certificate;
  std::string pem;
  std::vector<Certificate> revoked;
  long next_serial = 2;
};

TestCa::TestCa(const std::string& name) : state_(std::make_unique<State>()) {
  state_->key = make_key();
  CertificateWish wish;
  wish.common_name = name;
  state_->certificate = blank(state_->key.get(), 1, wish);
  auto* certificate = state_->certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  extend(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  extend(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  extend(certificate, certificate, NID_subject_key_identifier, "hash");
  require(X509_sign(certificate, state_->key.get(), EVP_sha256()) > 0, "the authority was not signed");
  state_->pem = pem_of(certificate);
}

TestCa::~TestCa() = default;

const std::string& TestCa::certificate() const {
  return state_->pem;
}

Identity TestCa::issue(const CertificateWish& wish) {
  const auto key = make_key();
  const auto certificate = blank(key.get(), state_->next_serial++, wish);
  finish(certificate.get(), state_->certificate.get(), state_->key.get(), wish);
  return {pem_of(certificate.get()), pem_of(key.get())};
}

void TestCa::revoke(const Identity& identity) {
  state_->revoked.push_back(certificate_in(identity.certificate));
}

std::string TestCa::ocsp_response(const Identity& identity, bool good, long seconds) const {
  constexpr long kHour = 3600;
  const auto certificate = certificate_in(identity.certificate);
  auto* issuer = state_->certificate.get();
  const std::unique_ptr<OCSP_BASICRESP, Free> basic{OCSP_BASICRESP_new()};
  const std::unique_ptr<OCSP_CERTID, Free> id{OCSP_cert_to_id(EVP_sha256(), certificate.get(), issuer)};
  const std::unique_ptr<ASN1_TIME, Free> from{X509_gmtime_adj(nullptr, -kHour)};
  const std::unique_ptr<ASN1_TIME, Free> until{X509_gmtime_adj(nullptr, seconds)};
  const int status = good ? V_OCSP_CERTSTATUS_GOOD : V_OCSP_CERTSTATUS_REVOKED;
  require(OCSP_basic_add1_status(basic.get(), id.get(), status, OCSP_REVOKED_STATUS_UNSPECIFIED,
                                 good ? nullptr : from.get(), from.get(), until.get()) != nullptr,
          "no OCSP status was made");
  require(OCSP_basic_sign(basic.get(), issuer, state_->key.get(), EVP_sha256(), nullptr, 0) == 1,
          "the OCSP response was not signed");
  const std::unique_ptr<OCSP_RESPONSE, Free> response{
      OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic.get())};
  std::string der(static_cast<std::size_t>(i2d_OCSP_RESPONSE(response.get(), nullptr)), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_OCSP_RESPONSE(response.get(), &out);
  return der;
}

std::string TestCa::revocation_list() const {
  constexpr long kDay = 24L * 3600;
  const std::unique_ptr<X509_CRL, Free> list{X509_CRL_new()};
  X509_CRL_set_version(list.get(), X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(state_->certificate.get()));
  ASN1_TIME* time = ASN1_TIME_new();
  X509_gmtime_adj(time, -kDay);
  X509_CRL_set1_lastUpdate(list.get(), time);
  for (const auto& certificate : state_->revoked) {
    X509_REVOKED* entry = X509_REVOKED_new();
    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(certificate.get()));
    X509_REVOKED_set_revocationDate(entry, time);
    X509_CRL_add0_revoked(list.get(), entry);
  }
  X509_gmtime_adj(time, kDay);
  X509_CRL_set1_nextUpdate(list.get(), time);
  ASN1_TIME_free(time);
  X509V3_CTX context;
  X509V3_set_ctx(&context, state_->certificate.get(), nullptr, nullptr, list.get(), 0);
  const std::unique_ptr<X509_EXTENSION, Free> issuer_key{
      X509V3_EXT_conf_nid(nullptr, &context, NID_authority_key_identifier, "keyid:always")};
  require(issuer_key && X509_CRL_add_ext(list.get(), issuer_key.get(), -1) == 1, "a CRL extension was refused");
  ASN1_INTEGER* number = ASN1_INTEGER_new();
  ASN1_INTEGER_set(number, 1);
  require(X509_CRL_add1_ext_i2d(list.get(), NID_crl_number, number, 0, 0) == 1, "a CRL number was refused");
  ASN1_INTEGER_free(number);
  X509_CRL_sort(list.get());
  require(X509_CRL_sign(list.get(), state_->key.get(), EVP_sha256()) > 0, "the CRL was not signed");
  return pem_of([&list](BIO* bio) { return PEM_write_bio_X509_CRL(bio, list.get()); });
}

Identity self_signed(const CertificateWish& wish) {
  const auto key = make_key();
  const auto certificate = blank(key.get(), 1, wish);
  finish(certificate.get(), certificate.get(), key.get(), wish);
  return {pem_of(certificate.get()), pem_of(key.get())};
}

TemporaryFolder::TemporaryFolder() {
  auto pattern = (std::filesystem::temp_directory_path() / "gw-test-XXXXXX").string();
  require(::mkdtemp(pattern.data()) != nullptr, "no temporary folder");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path TemporaryFolder::write(const std::string& name, const std::string& text) const {
  const auto file = path_ / name;
  std::ofstream{file} << text;
  return file;
}

}  // namespace gw::test
