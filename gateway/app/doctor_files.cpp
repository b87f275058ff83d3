// The doctor's look at the files of [tls]: would our chain hold at a peer that trusts what we trust, and for how long?
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "app/doctor.hpp"
#include "app/own_certificate.hpp"
#include "app/pem_files.hpp"

namespace gw::app {

namespace {

namespace fs = std::filesystem;
using std::chrono::days;

template <class T, void (*release)(T*)>
struct Release {
  void operator()(T* object) const { release(object); }
};
template <class T, void (*release)(T*)>
using Owned = std::unique_ptr<T, Release<T, release>>;

void free_bio(BIO* bio) {
  BIO_free(bio);
}
void free_stack(STACK_OF(X509) * stack) {
  sk_X509_free(stack);
}

std::string name_of(const X509_NAME* name) {
  const Owned<BIO, free_bio> out{BIO_new(BIO_s_mem())};
  X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253);
  const char* text = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &text);
  return std::string{text, static_cast<std::size_t>(size)};
}

long long days_between(Instant now, Instant then) {
  return std::chrono::floor<days>(then - now).count();
}

/// OpenSSL's verdict on our own chain for one purpose, as a peer with our trust file and CRLs would judge it; empty: it
/// holds.
std::string flaw_of_chain(const Config& config, const std::vector<Certificate>& chain, int purpose) {
  const Owned<X509_STORE, X509_STORE_free> store{X509_STORE_new()};
  for (const auto& anchor : certificates_in(config.tls.trust)) X509_STORE_add_cert(store.get(), anchor.get());
  const auto crls = crls_in(config.tls.crl);
  for (const auto& crl : crls) X509_STORE_add_crl(store.get(), crl.get());
  unsigned long flags = X509_V_FLAG_X509_STRICT;
  if (!config.tls.crl.empty()) flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
  X509_STORE_set_flags(store.get(), flags);
  const Owned<STACK_OF(X509), free_stack> between{sk_X509_new_null()};
  for (std::size_t i = 1; i < chain.size(); ++i) sk_X509_push(between.get(), chain[i].get());
  const Owned<X509_STORE_CTX, X509_STORE_CTX_free> check{X509_STORE_CTX_new()};
  X509_STORE_CTX_init(check.get(), store.get(), chain.front().get(), between.get());
  X509_STORE_CTX_set_purpose(check.get(), purpose);
  const bool holds = X509_verify_cert(check.get()) == 1;
  ERR_clear_error();
  return holds ? std::string{} : X509_verify_cert_error_string(X509_STORE_CTX_get_error(check.get()));
}

void examine_chain(const Config& config, const std::vector<Certificate>& chain, Report& report) {
  constexpr std::array<std::pair<int, const char*>, 2> purposes{
      {{X509_PURPOSE_SSL_SERVER, "server"}, {X509_PURPOSE_SSL_CLIENT, "client"}}};
  for (const auto& [purpose, as] : purposes) {
    const auto flaw = flaw_of_chain(config, chain, purpose);
    if (flaw.empty()) {
      report.good("chain", fmt::format("our chain of {} holds as a {}'s against our own trust file", chain.size(), as));
    } else {
      report.fail("chain", fmt::format("as a {}'s, against our own trust file and CRLs: {}", as, flaw),
                  "put the leaf first and its issuing CAs behind it into [tls] certificate; it must be for both "
                  "serverAuth and clientAuth, by a CA below [tls] trust");
    }
  }
}

void examine_dates(const Config& config, Instant now, Report& report) {
  constexpr long long soon = 30;
  const auto dates = dates_of_certificate(config.tls.certificate);
  if (!dates) return;
  const auto left = days_between(now, dates->until);
  const auto what = fmt::format("the chain is good until {}, {} days", to_iso8601(dates->until), left);
  if (left >= soon) {
    report.good("certificate", what);
  } else if (now < dates->until) {
    report.warn("certificate", what, "have it renewed now; replace certificate and key together, then send SIGHUP");
  }
}

void examine_crls(const Config& config, Instant now, Report& report) {
  if (config.tls.crl.empty()) {
    report.warn("revocation", "no [tls] crl is set, so a revoked certificate is taken for good",
                "set it to a PEM file with the CRLs of every CA in the chains of your partners");
    return;
  }
  for (const auto& crl : crls_in(config.tls.crl)) {
    const auto issuer = name_of(X509_CRL_get_issuer(crl.get()));
    const auto next = instant_of(X509_CRL_get0_nextUpdate(crl.get()));
    const auto what = next ? fmt::format("the CRL of {} holds until {}", issuer, to_iso8601(*next))
                           : fmt::format("the CRL of {} does not say until when it holds", issuer);
    if (next && *next <= now) {
      report.fail("revocation", what + ": every peer below that CA is refused",
                  "fetch the CA's current CRL, at least daily, and replace the file in one step");
    } else if (!next || *next - now < days{1}) {
      report.warn("revocation", what, "see to it that the CA's next CRL is fetched in time");
    } else {
      report.good("revocation", what);
    }
  }
}

void examine_key(const Config& config, Report& report) {
  struct stat facts {};
  if (::stat(config.tls.key.c_str(), &facts) != 0) return;
  const auto mode = facts.st_mode & 07777U;
  const auto name = config.tls.key.lexically_normal().string();
  const auto what = fmt::format("{} has mode {:04o}", name, mode);
  if ((mode & 0027U) != 0) {
    report.fail("key", what + ": others than its owner can read or change it",
                fmt::format("chmod 0400 {} (or 0440 with the gateway's own group)", name));
  } else {
    report.good("key", what);
  }
}

std::string host_of(std::string_view url) {
  constexpr std::string_view scheme = "https://";
  if (url.starts_with(scheme)) url.remove_prefix(scheme.size());
  return std::string{url.substr(0, url.find_first_of(":/"))};
}

void examine_names(const Config& config, const directory::Directory& directory, X509* leaf, Report& report) {
  const auto host = host_of(config.exchange.caller.public_url);
  const auto is_ours = [leaf](const std::string& name) {
    return X509_check_host(leaf, name.c_str(), name.size(), 0, nullptr) == 1;
  };
  if (is_ours(host)) {
    report.good("name", fmt::format("the certificate is for {}, the host of [spine] public_url", host));
  } else {
    report.fail("name",
                fmt::format("the certificate is not for {}, the host of [spine] public_url: senders refuse it", host),
                "have a certificate issued for that name, or put the certificate's own name into public_url");
  }
  std::vector<std::string> ours;
  for (const auto& organisation : directory.organisations()) {
    if (!organisation.fqdn.empty() && is_ours(organisation.fqdn)) ours.push_back(organisation.ods.text());
    if (organisation.has_mailbox() && !organisation.fqdn.empty() && !is_ours(organisation.fqdn)) {
      report.warn("name",
                  fmt::format("{} has its mailbox here, and its FQDN {} is not among the certificate's names",
                              organisation.ods.text(), organisation.fqdn),
                  "tasks come in, but none can be sent in its name with this certificate");
    }
  }
  if (!ours.empty()) {
    report.good("name", fmt::format("the certificate may speak for {}", fmt::join(ours, ", ")));
  }
}

}  // namespace

void examine_files(const Config& config, const directory::Directory& directory, Instant now, Report& report) {
  ConfigMistakes mistakes;
  check_certificates(config, now, mistakes);
  for (const auto& line : mistakes.lines) {
    report.fail("certificate", line, "see the guide certificates.md: what a real certificate needs");
  }
  examine_key(config, report);
  const auto chain = certificates_in(config.tls.certificate);
  if (chain.empty()) return;
  examine_dates(config, now, report);
  examine_chain(config, chain, report);
  examine_crls(config, now, report);
  examine_names(config, directory, chain.front().get(), report);
}

}  // namespace gw::app
