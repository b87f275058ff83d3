#include "net/ocsp_staple.hpp"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "net/openssl_error.hpp"

namespace gw::net {

namespace {

/// How far the responder's clock may be from ours.
constexpr long kClockLeeway = 300;

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(OCSP_RESPONSE* response) const { OCSP_RESPONSE_free(response); }
  void operator()(OCSP_BASICRESP* response) const { OCSP_BASICRESP_free(response); }
  void operator()(OCSP_CERTID* id) const { OCSP_CERTID_free(id); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_STORE_CTX* store) const { X509_STORE_CTX_free(store); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

/// What a context keeps.
struct Staple {
  std::vector<unsigned char> response;
  std::time_t usable_until = 0;
  std::atomic<bool> told{false};
};

int staple_slot() {
  static const int slot = SSL_CTX_get_ex_new_index(
      0, nullptr, nullptr, nullptr,
      [](void*, void* staple, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<Staple*>(staple); });
  return slot;
}

int give_staple(SSL* ssl, void* given) {
  auto& staple = *static_cast<Staple*>(given);
  if (std::time(nullptr) >= staple.usable_until) {
    if (!staple.told.exchange(true)) log::warn("ocsp_staple_is_stale", {{"effect", "it is sent no more"}});
    return SSL_TLSEXT_ERR_NOACK;
  }
  auto* copy = OPENSSL_memdup(staple.response.data(), staple.response.size());
  if (copy == nullptr) return SSL_TLSEXT_ERR_NOACK;
  SSL_set_tlsext_status_ocsp_resp(ssl, copy, static_cast<long>(staple.response.size()));
  return SSL_TLSEXT_ERR_OK;
}

Owned<X509> issuer_of(SSL_CTX* context, X509* leaf) {
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get0_chain_certs(context, &chain);
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    auto* candidate = sk_X509_value(chain, i);
    if (X509_check_issued(candidate, leaf) == X509_V_OK && X509_up_ref(candidate) == 1) return Owned<X509>{candidate};
  }
  const Owned<X509_STORE_CTX> store{X509_STORE_CTX_new()};
  X509* issuer = nullptr;
  if (store && X509_STORE_CTX_init(store.get(), SSL_CTX_get_cert_store(context), leaf, nullptr) == 1) {
    X509_STORE_CTX_get1_issuer(&issuer, store.get(), leaf);
  }
  return Owned<X509>{issuer};
}

/// The part of the response that is about `leaf`; ids are compared by the digest that the responder chose.
OCSP_SINGLERESP* find_single(OCSP_BASICRESP* response, X509* leaf, X509* issuer) {
  for (int i = 0; i < OCSP_resp_count(response); ++i) {
    auto* single = OCSP_resp_get0(response, i);
    // OpenSSL takes the id without const, and only reads it.
    auto* theirs = const_cast<OCSP_CERTID*>(OCSP_SINGLERESP_get0_id(single));
    ASN1_OBJECT* digest = nullptr;
    OCSP_id_get0_info(nullptr, &digest, nullptr, nullptr, theirs);
    const auto* algorithm = EVP_get_digestbyobj(digest);
    if (algorithm == nullptr) continue;
    const Owned<OCSP_CERTID> ours{OCSP_cert_to_id(algorithm, leaf, issuer)};
    if (ours && OCSP_id_cmp(ours.get(), theirs) == 0) return single;
  }
  return nullptr;
}

std::time_t seconds_of(const ASN1_GENERALIZEDTIME* time) {
  std::tm parts{};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? ::timegm(&parts) : 0;
}

/// Until when `response` says that the context's certificate is good, or why it does not.
Result<std::time_t> judge(SSL_CTX* context, OCSP_RESPONSE* response) {
  if (OCSP_response_status(response) != OCSP_RESPONSE_STATUS_SUCCESSFUL) {
    return fault(FaultKind::kInvalid, "the responder gave an error instead of a status");
  }
  const Owned<OCSP_BASICRESP> basic{OCSP_response_get1_basic(response)};
  auto* leaf = SSL_CTX_get0_certificate(context);
  const auto issuer = issuer_of(context, leaf);
  if (!basic || !issuer) return fault(FaultKind::kInvalid, "the server certificate's issuer is not known");
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get0_chain_certs(context, &chain);
  if (OCSP_basic_verify(basic.get(), chain, SSL_CTX_get_cert_store(context), 0) != 1) {
    return fault(FaultKind::kInvalid,
                 "its signature is not that of a trusted responder (" + take_openssl_error() + ")");
  }
  auto* single = find_single(basic.get(), leaf, issuer.get());
  if (single == nullptr) return fault(FaultKind::kInvalid, "it is about another certificate");
  int reason = 0;
  ASN1_GENERALIZEDTIME* from = nullptr;
  ASN1_GENERALIZEDTIME* until = nullptr;
  const int status = OCSP_single_get0_status(single, &reason, nullptr, &from, &until);
  if (status != V_OCSP_CERTSTATUS_GOOD) {
    return fault(FaultKind::kInvalid,
                 std::string{"it says that the server certificate is "} + OCSP_cert_status_str(status));
  }
  if (until == nullptr) return fault(FaultKind::kInvalid, "it does not say until when it holds (no nextUpdate)");
  if (OCSP_check_validity(from, until, kClockLeeway, -1) != 1 || seconds_of(until) <= std::time(nullptr)) {
    ERR_clear_error();
    return fault(FaultKind::kInvalid, "it is stale, or not valid yet");
  }
  return seconds_of(until);
}

}  // namespace

Status use_staple(SSL_CTX* context, const std::filesystem::path& file) {
  const auto refused = [&file](const std::string& why) {
    return fault(FaultKind::kInvalid, "the OCSP response in " + file.string() + " is not sent: " + why);
  };
  ERR_clear_error();
  const Owned<BIO> bio{BIO_new_file(file.c_str(), "r")};
  if (!bio) return refused("the file cannot be read (" + take_openssl_error() + ")");
  const Owned<OCSP_RESPONSE> response{d2i_OCSP_RESPONSE_bio(bio.get(), nullptr)};
  if (!response) return refused("the file holds no OCSP response in DER (" + take_openssl_error() + ")");
  const auto until = judge(context, response.get());
  if (!until) return refused(until.error().detail);
  auto staple = std::make_unique<Staple>();
  staple->usable_until = *until;
  staple->response.resize(static_cast<std::size_t>(i2d_OCSP_RESPONSE(response.get(), nullptr)));
  auto* out = staple->response.data();
  i2d_OCSP_RESPONSE(response.get(), &out);
  if (SSL_CTX_set_ex_data(context, staple_slot(), staple.get()) != 1) return refused("there is no memory for it");
  auto* kept = staple.release();  // the context's now
  SSL_CTX_callback_ctrl(context, SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB, reinterpret_cast<void (*)()>(give_staple));
  SSL_CTX_ctrl(context, SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB_ARG, 0, kept);
  return Done{};
}

}  // namespace gw::net
