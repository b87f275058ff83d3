// TLS settings for both legs: certificates, trust, CRLs, protocol and ciphers (TLS-01 to TLS-07).
// Once one of them is loaded, the process ignores SIGPIPE.
// Both classes hold an SSL_CTX behind an atomic swap, so that reload() never drops a connection. Thread-safe.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/file_state.hpp"
#include "base/result.hpp"
#include "net/tls_sessions.hpp"

struct ssl_ctx_st;

namespace gw::net {

struct TlsFiles {
  std::filesystem::path certificate;  ///< PEM, leaf first, then intermediates; a client may have none
  std::filesystem::path key;          ///< PEM
  std::filesystem::path trust;        ///< PEM bundle of trust anchors
  std::filesystem::path crl;          ///< PEM bundle of CRLs; empty: no revocation check
  std::filesystem::path ocsp_staple;  ///< DER, of the server's certificate; empty: none is sent
};

/// A reference-counted SSL_CTX.
using TlsContextHandle = std::shared_ptr<ssl_ctx_st>;

/// Whether a server's clients show a certificate. One that is shown is checked in any case.
enum class ClientCertificate : unsigned char {
  kRequired,  ///< who shows none is told so (TLS-02)
  kWanted,    ///< asked for; who shows none is served as nobody
  kNone,      ///< not asked for, so that browsers do not bother people with it
};

class ServerTls {
 public:
  /// Faults: kInvalid, naming the file and what is wrong with it.
  static Result<std::unique_ptr<ServerTls>> load(const TlsFiles& files, const Resumption& resumption = {},
                                                 ClientCertificate client = ClientCertificate::kRequired);
  [[nodiscard]] ClientCertificate client_certificate() const { return client_; }
  /// Read the files again; on a fault the old context stays. Every session that could be resumed ends.
  Status reload();
  [[nodiscard]] TlsContextHandle context() const;
  /// Whether a file was replaced, written or changed in its owner, mode or links since it was read last, with whatever
  /// success. Looks at the disk: not for io threads.
  [[nodiscard]] bool files_changed() const;
  /// What the files loaded last lack or what is wrong with them, though they can be used: a sentence each.
  [[nodiscard]] std::vector<std::string> warnings() const;

 private:
  ServerTls(TlsFiles files, const Resumption& resumption, ClientCertificate client)
      : files_(std::move(files)), resumption_(resumption), client_(client) {}
  TlsFiles files_;
  Resumption resumption_;
  ClientCertificate client_;
  mutable std::mutex mutex_;
  TlsContextHandle context_;
  std::vector<std::string> warnings_;
  std::vector<FileState> read_;  ///< the files when they were read last
};

class ClientTls {
 public:
  static Result<std::unique_ptr<ClientTls>> load(const TlsFiles& files);
  Status reload();
  [[nodiscard]] TlsContextHandle context() const;

 private:
  explicit ClientTls(TlsFiles files) : files_(std::move(files)) {}
  TlsFiles files_;
  mutable std::mutex mutex_;
  TlsContextHandle context_;
};

}  // namespace gw::net
