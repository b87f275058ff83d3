// Who is who: organisations, their systems (ASID, FQDN), endpoints, sharing groups, policies; and patients.
// A Directory is an immutable snapshot: a reload makes a new one and swaps it in (directory/source.hpp). It must not
// know tasks, HTTP or the outbox.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "spine/identifier_systems.hpp"

namespace gw::directory {

/// What becomes of a sender's task that was delivered to the word minutes ago under another trace id (OUT-11).
enum class Duplicates : unsigned char {
  kAnswered,   ///< told as the first one
  kRefused,    ///< 409
  kDelivered,  ///< taken for a second task
};

/// What differs between partners, by name, with a reason (SSP-12). Absent values mean the gateway's default.
struct Policy {
  std::string reason;
  std::optional<seconds> token_future_leeway;
  bool token_future_unlimited = false;
  bool honours_if_none_exist = false;  ///< OUT-04
  Duplicates duplicates = Duplicates::kAnswered;
  std::optional<std::uint32_t> requests_per_second;  ///< as a sender (SSP-07)
  bool signs_tokens = false;                         ///< its tokens must be signed (JWT-06)
  /// Its own names of identifier systems, in tokens and in look-ups (JWT-03, JWT-05, ANS-11).
  std::vector<spine::SystemAlias> identifier_systems;
  /// Its Content-Type may name any charset: bodies are read as the UTF-8 that they must be all the same (ANS-05).
  bool charset_overlooked = false;
  bool lenient = false;  ///< resources in its tokens need not keep to DSTU2's structure (JWT-05)
  /// As a recipient: for how long tasks to it may be deferred although the sender's token ends before, under tokens of
  /// the gateway's own that name the user (OUT-06).
  std::optional<seconds> deferred_limit;

  /// Whether it says anything beside the reason.
  [[nodiscard]] bool is_special() const;
};

/// An organisation as the directory knows it.
struct Organisation {
  OdsCode ods;
  Asid asid;         ///< empty: it has no accredited system, so it neither sends nor receives
  std::string type;  ///< "GP Practice"
  std::string name;
  std::string sharing_group;  ///< empty: shares with nobody
  std::string endpoint;       ///< base URL without trailing slash; empty when its mailbox is here
  std::string fqdn;           ///< registered FQDN of its system, lower case
  std::string party_key;
  std::string logical_id;                 ///< FHIR id: "Organization/<this>"
  std::vector<std::string> interactions;  ///< accredited interaction ids; empty means all that the gateway knows
  bool from_service = false;              ///< its system comes from a Spine Directory Service, not from the file
  Policy policy;
  /// Whether its mailbox is here: the operator's file alone can say so.
  [[nodiscard]] bool has_mailbox() const { return !from_service && endpoint.empty() && !asid.empty(); }
};

struct Patient {
  NhsNumber nhs_number;
  std::string logical_id;  ///< FHIR id: "Patient/<this>"
  std::string family_name, given_name, title;
  std::optional<Day> born, died;
  OdsCode registered_at;
  bool sensitive = false;
  bool consent_withheld = false;
};

/// Where records came from, so that errors can name file and line. Lines count from 1, one a record.
struct Origins {
  std::string organisations = "organisations";
  std::vector<std::size_t> organisation_lines;
  std::string patients = "patients";
  std::vector<std::size_t> patient_lines;
};

/// An immutable snapshot, which may lie over another one. Thread-safe to read.
class Directory {
 public:
  Directory() = default;
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() = default;

  /// Takes the records as they are: forms were checked where they came in. Errors are added as lines for people:
  /// "organisations.csv:4: ...". Duplicate keys are errors (the first record keeps the key); empty keys are not
  /// indexed. So is a partner's name of an identifier system that stands for another system elsewhere. Never null.
  static std::shared_ptr<const Directory> make(std::vector<Organisation> organisations, std::vector<Patient> patients,
                                               std::vector<std::string>& errors, const Origins& origins = {});

  /// `below` with the few `organisations` found for one request over it: by ODS code and logical id they hide its
  /// records; by ASID and endpoint its records come first, so that nobody can take the place of what stands there. Of
  /// several organisations with one key the first has it. Never null.
  static std::shared_ptr<const Directory> over(std::shared_ptr<const Directory> below,
                                               std::vector<Organisation> organisations);

  [[nodiscard]] const Organisation* by_ods(std::string_view ods) const;
  [[nodiscard]] const Organisation* by_asid(const Asid& asid) const;
  [[nodiscard]] const Organisation* by_logical_id(std::string_view id) const;
  /// The organisation whose endpoint is exactly `base` (proxied URLs, SSP-05).
  [[nodiscard]] const Organisation* by_endpoint(std::string_view base) const;
  [[nodiscard]] const Patient* patient_by_nhs_number(const NhsNumber& number) const;
  [[nodiscard]] const Patient* patient_by_logical_id(std::string_view id) const;
  /// The names of identifier systems that any partner has for its own; each stands for one system.
  [[nodiscard]] const std::vector<spine::SystemAlias>& identifier_systems() const { return identifier_systems_; }
  /// Both in one sharing group, or the same organisation (SSP-04).
  [[nodiscard]] bool share(const Organisation& a, const Organisation& b) const;

  /// Its own records, without those of the snapshot below.
  [[nodiscard]] const std::vector<Organisation>& organisations() const { return organisations_; }
  [[nodiscard]] const std::vector<Patient>& patients() const { return patients_; }
  /// Where one of its own records came from: "organisations.csv:4".
  [[nodiscard]] std::string place_of(const Organisation& own) const;
  [[nodiscard]] std::string place_of(const Patient& own) const;

 private:
  // The indexes' keys are views into the records, which therefore never move.
  std::vector<Organisation> organisations_;
  std::vector<Patient> patients_;
  std::vector<spine::SystemAlias> identifier_systems_;
  Origins origins_;
  std::shared_ptr<const Directory> below_;  ///< may be null
  std::unordered_map<std::string_view, std::size_t> ods_, asid_, organisation_id_, endpoint_, nhs_number_, patient_id_;
};

}  // namespace gw::directory
