// Loads the directory and the patient index from files in the published CSV forms (SSP-09, SSP-10).
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "directory/directory.hpp"

namespace gw::directory {

/// Organisations: columns "ODS Code", "ASID", "Organisation Type", "Organisation Name", "Data Sharing Group",
/// "FHIR Endpoint", in any order, found by header name; and of ours, optional: "FQDN", "Party Key", "Logical ID",
/// "Interactions" (space-separated), and its policy (SSP-12): "If-None-Exist" (yes/no), "Token Leeway" (seconds or
/// "unlimited"), "Duplicates" (refuse/off), "Rate Limit" (requests a second), "Token Signature" (required), "Deferred
/// Limit" (seconds), "Identifier Systems" ([their URI]=nhs-number or ods-organization-code or sds-user-id,
/// space-separated), "Charset" (any), "Strictness" (lenient), "Policy Reason". A logical id is one organisation's for
/// good: stored tasks refer to it. An endpoint that is empty or "mailbox" means: its mailbox is here (OUT-07).
/// Patients: columns as published (NHS_NUMBER, DATE_OF_BIRTH dd/mm/yyyy, ..., PRIMARY_CARE_CODE); optional LOGICAL_ID,
/// CONSENT_WITHHELD. Without a logical id one is derived: the ODS code; a name-based UUID of the NHS number. The
/// published columns that are used must be there (only DATE_OF_DEATH and TITLE may be absent), unknown ones are
/// skipped. Who is treated otherwise than the rest needs a Policy Reason. A FQDN that is empty is the endpoint's host.
/// An empty `patients` path means: no patient index. Blocks on file I/O. Errors: every bad line, with file, line, cause
/// and cure, in one Fault (kInvalid), one per text line, without any patient's data.
[[nodiscard]] Result<std::shared_ptr<const Directory>> load_csv(const std::filesystem::path& organisations,
                                                                const std::filesystem::path& patients);

}  // namespace gw::directory
