// A certificate authority made in memory, so that tests need no files from outside and no openssl program.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace gw::test {

/// What to put into a certificate.
struct CertificateWish {
  std::string common_name = "party.example";
  std::vector<std::string> dns_names;  ///< these and ip_addresses empty: no subjectAltName
  std::vector<std::string> ip_addresses;
  int valid_from_days = -1;            ///< from now
  int valid_to_days = 30;              ///< from now
  int valid_to_seconds = 0;            ///< beyond valid_to_days
  std::string usage = "serverAuth,clientAuth";
};

/// A certificate with its key, both PEM.
struct Identity {
  std::string certificate;
  std::string key;
};

class TestCa {
 public:
  explicit TestCa(const std::string& name);
  TestCa(const TestCa&) = delete;
  TestCa& operator=(const TestCa&) = delete;
  ~TestCa();

  [[nodiscard]] const std::string& certificate() const;
  [[nodiscard]] Identity issue(const CertificateWish& wish);
  void revoke(const Identity& identity);
  /// What an OCSP responder of this authority says of `identity`, DER; valid from an hour ago for `seconds` from now.
  [[nodiscard]] std::string ocsp_response(const Identity& identity, bool good, long seconds) const;
  /// The revocation list as of now, PEM.
  [[nodiscard]] std::string revocation_list() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A certificate that nobody but itself vouches for.
[[nodiscard]] Identity self_signed(const CertificateWish& wish);

/// A folder that is removed with this object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Write `text` to `name` in the folder, replacing what was there.
  std::filesystem::path write(const std::string& name, const std::string& text) const;

 private:
  std::filesystem::path path_;
};

}  // namespace gw::test
