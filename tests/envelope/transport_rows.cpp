// Who is let in at all: TLS versions, certificates, and whose name is in them.
#include "envelope/rows.hpp"

namespace gw::test {

namespace {

Change up_to(int version) {
  return [version](Request& request, World&) { request.max_tls = version; };
}

/// The certificate of `party`, and the ASID that ends in `asid`.
Change as(std::string party, int asid) {
  return [party = std::move(party), asid](Request& request, World&) {
    request.party = party;
    request.send_as(asid);
  };
}

}  // namespace

Rows transport_rows() {
  Rows rows{
      {"TLS-01", "TLS 1.3", up_to(TLS1_3_VERSION), "201"},
      {"TLS-01", "TLS 1.2", up_to(TLS1_2_VERSION), "201"},
      {"TLS-01", "a recipient that shows another's certificate",
       [](Request& request, World&) { request.send_to("P14141", 14); }, "502 INTERNAL_SERVER_ERROR transient",
       "No trusted connection"},
      {"TLS-02", "no certificate", certificate("none"), "496 ACCESS_DENIED security", "no certificate"},
      {"TLS-04", "the FQDN as common name, without a SAN", certificate("common-name"), "201"},
      {"TLS-04", "the FQDN as the second SAN", certificate("two-names"), "201"},
      {"TLS-04", "the certificate of another system", certificate("other"), "403 ASID_CHECK_FAILED forbidden",
       "other.example.test"},
      {"TLS-04", "that other system's own ASID", as("other", 7), "201"},
      {"TLS-04", "another system's ASID", as("sender", 7), "403 ASID_CHECK_FAILED forbidden", "sender.example.test"},
      {"TLS-04", "a listed proxy's certificate", certificate("proxy"), "201"},
      {"SSP-04", "a listed proxy, for an unknown ASID", as("proxy", 99), "403 ASID_CHECK_FAILED forbidden"},
      {"TLS-05", "plain HTTP", certificate("plain"), "497 ACCESS_DENIED security", "https"},
  };
  const std::vector<std::pair<std::string, std::string>> bad{{"self-signed", "self"},
                                                             {"untrusted", ""},
                                                             {"expired", "expired"},
                                                             {"future", "not valid yet"},
                                                             {"server-only", "not for client authentication"},
                                                             {"revoked", "revoked"}};
  for (const auto& [party, says] : bad) {
    rows.push_back(
        {"TLS-02", "a certificate that is " + party, certificate(party), "495 ACCESS_DENIED security", says});
  }
  return rows;
}

}  // namespace gw::test
