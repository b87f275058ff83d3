// Where the endpoints are and who may speak to them: the file that says what to test. Knows no gateway.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace gw::conformance {

/// PEM files.
struct Certificate {
  std::string cert, key;
};

struct Party {
  std::string ods, asid, name, fqdn, kind;
  std::string address;       ///< "127.0.0.1:8443"
  std::string base;          ///< "https://FQDN:PORT/ODS/DSTU2/1"
  std::string organization;  ///< "Organization/1"
  std::string recipient;     ///< "mailbox" or "endpoint"
  std::string sharing_group;
  std::string received_log;  ///< a JSON line for each task it holds; may be empty
  Certificate certificate;
};

struct Patient {
  std::string nhs_number, registered_at;
  std::map<std::string, std::string> references;  ///< by ODS code: "Patient/1"
};

struct Topology {
  std::string ca;
  std::vector<Party> parties;
  std::map<std::string, Certificate> bad_certificates;  ///< "expired", "revoked", ...
  std::vector<Patient> patients;
};

/// Errors: kIo, kInvalid with what is missing.
[[nodiscard]] Result<Topology> read_topology(const std::filesystem::path& file);

}  // namespace gw::conformance
