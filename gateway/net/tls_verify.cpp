#include "net/tls_verify.hpp"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "base/digest.hpp"

namespace gw::net {

namespace {

/// A subject goes to logs and the audit, also that of a certificate which nobody vouches for.
constexpr std::size_t kMostSubject = 512;
/// As @SECLEVEL=2 asks for in a handshake.
constexpr int kAuthLevel = 2;

int verify_error_slot() {
  static const int slot = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return slot;
}

/// Lower-case text of an ASN.1 string; empty when it holds a NUL or is not ASCII-printable, which no DNS name is.
std::string dns_text(const ASN1_STRING* text) {
  const auto* bytes = ASN1_STRING_get0_data(text);
  std::string out;
  for (const auto byte : std::span{bytes, static_cast<std::size_t>(ASN1_STRING_length(text))}) {
    if (byte <= 0x20 || byte >= 0x7F) return {};
    out += byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : static_cast<char>(byte);
  }
  return out;
}

void free_names(GENERAL_NAMES* names) {
  GENERAL_NAMES_free(names);
}

std::vector<std::string> fqdns_of(const X509* certificate) {
  std::vector<std::string> out;
  const std::unique_ptr<GENERAL_NAMES, decltype(&free_names)> names{
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)), &free_names};
  bool named = false;
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const auto* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS) continue;
    named = true;
    if (auto text = dns_text(name->d.dNSName); !text.empty()) out.push_back(std::move(text));
  }
  // RFC 6125: a SAN, even one that is no name, leaves the CN without a say; of several CNs none is the one.
  if (named) return out;
  const auto* subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0) return out;
  if (auto text = dns_text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))); !text.empty()) {
    out.push_back(std::move(text));
  }
  return out;
}

std::string subject_of(const X509* certificate) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio{BIO_new(BIO_s_mem()), &BIO_free};
  if (!bio || X509_NAME_print_ex(bio.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253) < 0) return {};
  char* text = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &text);
  return size > 0 ? std::string{text, std::min(static_cast<std::size_t>(size), kMostSubject)} : std::string{};
}

std::string fingerprint_of(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int size = 0;
  if (X509_digest(certificate, EVP_sha256(), bytes.data(), &size) != 1) return {};
  return to_hex(std::span<const std::uint8_t>{bytes.data(), size});
}

}  // namespace

int record_verify_error(int preverified, X509_STORE_CTX* store) {
  if (preverified == 1) return 1;
  auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  if (ssl == nullptr) return 0;
  if (first_verify_error(ssl) != X509_V_OK) return 1;
  // The number itself is kept, not a pointer to one, which could outlive what it points to.
  const auto error = static_cast<std::intptr_t>(X509_STORE_CTX_get_error(store));
  return SSL_set_ex_data(ssl, verify_error_slot(), reinterpret_cast<void*>(error));
}

int first_verify_error(const SSL* ssl) {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(SSL_get_ex_data(ssl, verify_error_slot())));
}

int verify_again(SSL* ssl, SSL_CTX* context) {
  X509* leaf = SSL_get0_peer_certificate(ssl);
  if (leaf == nullptr) return X509_V_ERR_UNSPECIFIED;
  const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> store{X509_STORE_CTX_new(),
                                                                              &X509_STORE_CTX_free};
  if (!store ||
      X509_STORE_CTX_init(store.get(), SSL_CTX_get_cert_store(context), leaf, SSL_get_peer_cert_chain(ssl)) != 1 ||
      X509_STORE_CTX_set_default(store.get(), SSL_is_server(ssl) == 1 ? "ssl_client" : "ssl_server") != 1) {
    return X509_V_ERR_OUT_OF_MEM;
  }
  X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(store.get()), kAuthLevel);
  if (X509_verify_cert(store.get()) == 1) return X509_V_OK;
  const int error = X509_STORE_CTX_get_error(store.get());
  return error == X509_V_OK ? X509_V_ERR_UNSPECIFIED : error;
}

std::string_view words_for_verify_error(int error) {
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "has expired, or a certificate of its chain has";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "is not valid yet";
    case X509_V_ERR_CERT_REVOKED:
      return "is revoked, or a certificate of its chain is";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return "is self-signed; it must be issued by a trusted authority";
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_UNTRUSTED:
      return "was not issued by a trusted authority, or the intermediate certificates were not sent with it";
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return "bears a signature that its issuer did not make";
    case X509_V_ERR_INVALID_PURPOSE:
      return "is not for client authentication (its extended key usage does not allow it)";
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_CRL_NOT_YET_VALID:
      return "cannot be checked: this server has no current revocation list of its issuer";
    case X509_V_ERR_CERT_CHAIN_TOO_LONG:
      return "has a chain that is too long";
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
      return "has a key that is too weak, or its issuer has";
    case X509_V_ERR_CA_MD_TOO_WEAK:
      return "is signed with a digest that is too weak";
    default:
      return X509_verify_cert_error_string(error);
  }
}

bool read_peer_certificate(const SSL* ssl, Peer& peer) {
  const X509* certificate = SSL_get0_peer_certificate(ssl);
  if (certificate == nullptr) return false;
  peer.fqdns = fqdns_of(certificate);
  peer.fingerprint = fingerprint_of(certificate);
  peer.subject = subject_of(certificate);
  return true;
}

}  // namespace gw::net
