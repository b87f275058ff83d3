#include "net/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <csignal>
#include <fstream>
#include <utility>

#include "net/ocsp_staple.hpp"
#include "net/openssl_error.hpp"
#include "net/tls_verify.hpp"

namespace gw::net {

namespace {

/// TLS-01, in its order; the exclusions take out what these groups admit beside AES-GCM and AES-256.
constexpr const char* kCiphers = "AESGCM+EECDH:AESGCM+EDH:AES256+EECDH:AES256+EDH:!aNULL:!DSS:!AESCCM8:@SECLEVEL=2";
constexpr const char* kSuites13 = "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256";
constexpr const char* kGroups = "X25519:P-256:P-384";
constexpr int kChainDepth = 4;
/// Of a peer's whole chain, in bytes.
constexpr long kMostChainBytes = 32L * 1024;

struct CloseBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, CloseBio>;

Fault bad_file(std::string_view what, const std::filesystem::path& file, std::string_view why) {
  return fault(FaultKind::kInvalid,
               std::string{"the "} + std::string{what} + " file " + file.string() + " " + std::string{why});
}

Fault bad_file_by_openssl(std::string_view what, const std::filesystem::path& file, std::string_view why) {
  return bad_file(what, file, std::string{why} + " (" + take_openssl_error() + ")");
}

Status check_readable(std::string_view what, const std::filesystem::path& file) {
  if (file.empty()) return fault(FaultKind::kInvalid, "no " + std::string{what} + " file is named");
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) return bad_file(what, file, "is a directory");
  if (!std::filesystem::exists(file, error)) return bad_file(what, file, "does not exist");
  if (!std::ifstream{file}) return bad_file(what, file, "cannot be read by this user");
  return Done{};
}

/// A key with a pass phrase is refused rather than asked for on a terminal.
int refuse_pass_phrase(char*, int, int, void*) {
  return 0;
}

Status use_identity(SSL_CTX* context, const TlsFiles& files) {
  if (files.certificate.empty() && SSL_CTX_get_ssl_method(context) == TLS_client_method()) return Done{};
  if (auto readable = check_readable("certificate", files.certificate); !readable) return readable;
  if (auto readable = check_readable("key", files.key); !readable) return readable;
  SSL_CTX_set_default_passwd_cb(context, refuse_pass_phrase);
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) {
    return bad_file_by_openssl("certificate", files.certificate, "holds no usable PEM certificate chain, leaf first");
  }
  // A mismatch is found by check_private_key too, but already here it would be reported as an unreadable key.
  const Bio bio{BIO_new_file(files.key.c_str(), "r")};
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{
      bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, refuse_pass_phrase, nullptr) : nullptr, &EVP_PKEY_free};
  if (!key) return bad_file_by_openssl("key", files.key, "holds no usable PEM private key without a pass phrase");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return bad_file_by_openssl("key", files.key, "does not match the certificate in " + files.certificate.string());
  }
  return Done{};
}

Status use_trust(SSL_CTX* context, const std::filesystem::path& file) {
  if (auto readable = check_readable("trust", file); !readable) return readable;
  if (SSL_CTX_load_verify_file(context, file.c_str()) != 1) {
    return bad_file_by_openssl("trust", file, "holds no usable PEM trust anchor");
  }
  return Done{};
}

/// PEM_read ends a file with "no start line"; any other error is a damaged entry.
bool at_end_of_pem() {
  const auto error = ERR_peek_last_error();
  const bool end = ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  if (end) ERR_clear_error();
  return end;
}

Status use_revocation_lists(SSL_CTX* context, const std::filesystem::path& file) {
  auto* store = SSL_CTX_get_cert_store(context);
  if (file.empty()) return Done{};
  if (auto readable = check_readable("CRL", file); !readable) return readable;
  const Bio bio{BIO_new_file(file.c_str(), "r")};
  if (!bio) return bad_file_by_openssl("CRL", file, "cannot be opened");
  std::size_t count = 0;
  while (X509_CRL* list = PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr)) {
    const int added = X509_STORE_add_crl(store, list);
    X509_CRL_free(list);
    if (added != 1) return bad_file_by_openssl("CRL", file, "holds a revocation list that cannot be used");
    ++count;
  }
  if (!at_end_of_pem()) return bad_file_by_openssl("CRL", file, "holds a damaged PEM entry");
  if (count == 0) return bad_file("CRL", file, "holds no PEM revocation list");
  X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
  return Done{};
}

/// What both legs share: versions, ciphers, options, identity, trust.
Status configure(SSL_CTX* context, const TlsFiles& files) {
  if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) != 1 || SSL_CTX_set_cipher_list(context, kCiphers) != 1 ||
      SSL_CTX_set_ciphersuites(context, kSuites13) != 1 || SSL_CTX_set1_groups_list(context, kGroups) != 1 ||
      SSL_CTX_set_dh_auto(context, 1) != 1) {
    return fault(FaultKind::kInternal, "OpenSSL refused the TLS settings (" + take_openssl_error() + ")");
  }
  SSL_CTX_set_options(
      context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // A record comes in one read, not two: its header is not asked for alone.
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_verify_depth(context, kChainDepth);
  SSL_CTX_set_max_cert_list(context, kMostChainBytes);
  X509_STORE_set_depth(SSL_CTX_get_cert_store(context), kChainDepth);
  X509_STORE_set_flags(SSL_CTX_get_cert_store(context), X509_V_FLAG_X509_STRICT);
  if (auto done = use_identity(context, files); !done) return done;
  if (auto done = use_trust(context, files.trust); !done) return done;
  return use_revocation_lists(context, files.crl);
}

Result<TlsContextHandle> make_context(const SSL_METHOD* method, const TlsFiles& files) {
  // OpenSSL writes with write(2), so a peer that went away would otherwise end the process.
  std::signal(SIGPIPE, SIG_IGN);
  ERR_clear_error();
  TlsContextHandle context{SSL_CTX_new(method), [](SSL_CTX* raw) { SSL_CTX_free(raw); }};
  if (!context) return fault(FaultKind::kInternal, "OpenSSL made no context (" + take_openssl_error() + ")");
  if (auto done = configure(context.get(), files); !done) return done.error();
  return context;
}

Result<TlsContextHandle> make_server_context(const TlsFiles& files, const Resumption& resumption,
                                             ClientCertificate client) {
  auto context = make_context(TLS_server_method(), files);
  if (!context) return context;
  use_sessions(context->get(), resumption);
  if (client == ClientCertificate::kNone) return context;
  // Recorded, not fatal: the peer is told by HTTP 495 or 496 (TLS-02), which needs a finished handshake.
  SSL_CTX_set_verify(context->get(), SSL_VERIFY_PEER, record_verify_error);
  if (auto* names = SSL_load_client_CA_file(files.trust.c_str())) SSL_CTX_set_client_CA_list(context->get(), names);
  ERR_clear_error();
  return context;
}

Result<TlsContextHandle> make_client_context(const TlsFiles& files) {
  auto context = make_context(TLS_client_method(), files);
  if (context) SSL_CTX_set_verify(context->get(), SSL_VERIFY_PEER, nullptr);
  return context;
}

std::vector<FileState> states_of(const TlsFiles& files) {
  std::vector<FileState> states;
  for (const auto* const file : {&files.certificate, &files.key, &files.trust, &files.crl, &files.ocsp_staple}) {
    states.push_back(file_state(*file));
  }
  return states;
}

}  // namespace

Result<std::unique_ptr<ServerTls>> ServerTls::load(const TlsFiles& files, const Resumption& resumption,
                                                   ClientCertificate client) {
  std::unique_ptr<ServerTls> tls{new ServerTls{files, resumption, client}};
  if (auto loaded = tls->reload(); !loaded) return loaded.error();
  return tls;
}

Status ServerTls::reload() {
  {
    const std::lock_guard lock(mutex_);
    read_ = states_of(files_);  // before they are read: what is written meanwhile is seen as changed
  }
  auto fresh = make_server_context(files_, resumption_, client_);
  if (!fresh) return fresh.error();
  std::vector<std::string> warnings;
  if (files_.crl.empty()) {
    warnings.emplace_back("no crl is configured: certificates that were revoked are accepted, on both legs");
  }
  if (!files_.ocsp_staple.empty()) {
    if (const auto used = use_staple(fresh->get(), files_.ocsp_staple); !used) warnings.push_back(used.error().detail);
  }
  const std::lock_guard lock(mutex_);
  context_ = std::move(*fresh);
  warnings_ = std::move(warnings);
  return Done{};
}

bool ServerTls::files_changed() const {
  const auto now = states_of(files_);
  const std::lock_guard lock(mutex_);
  return now != read_;
}

std::vector<std::string> ServerTls::warnings() const {
  const std::lock_guard lock(mutex_);
  return warnings_;
}

TlsContextHandle ServerTls::context() const {
  const std::lock_guard lock(mutex_);
  return context_;
}

Result<std::unique_ptr<ClientTls>> ClientTls::load(const TlsFiles& files) {
  std::unique_ptr<ClientTls> tls{new ClientTls{files}};
  if (auto loaded = tls->reload(); !loaded) return loaded.error();
  return tls;
}

Status ClientTls::reload() {
  auto fresh = make_client_context(files_);
  if (!fresh) return fresh.error();
  const std::lock_guard lock(mutex_);
  context_ = std::move(*fresh);
  return Done{};
}

TlsContextHandle ClientTls::context() const {
  const std::lock_guard lock(mutex_);
  return context_;
}

}  // namespace gw::net
