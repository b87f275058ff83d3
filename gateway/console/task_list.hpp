// The table of tasks, and the form that filters it. Pure.
#pragma once

#include <string>
#include <vector>

#include "console/list_request.hpp"
#include "console/page.hpp"
#include "outbox/entry.hpp"

namespace gw::console {

/// A task as its row shows it.
struct Row {
  const outbox::StoredTask* stored = nullptr;
  Side side = Side::kRecipient;                 ///< of this organisation
  std::string other;                            ///< the other organisation's name
  const directory::Patient* patient = nullptr;  ///< null: not in the index here
};

[[nodiscard]] Row row_of(const outbox::StoredTask& stored, const OdsCode& own, const directory::Directory& directory);
/// The patient of a reference such as "Patient/1"; null where the index has none.
[[nodiscard]] const directory::Patient* patient_of(std::string_view reference, const directory::Directory& directory);
/// Which side of a task `own` is; of one to itself the sender's.
[[nodiscard]] Side side_of(const outbox::StoredTask& stored, const OdsCode& own);

void sort_rows(std::vector<Row>& rows, const ListRequest& request);

[[nodiscard]] Html filter_form(const ListRequest& request, const Visit& visit);
/// The rows of the page asked for. `more`: older ones match too.
[[nodiscard]] Html task_table(const std::vector<Row>& rows, const ListRequest& request, bool more);
[[nodiscard]] Html state_tag(const outbox::StoredTask& stored, Side side);
/// The id of a task's row, to which an address can lead.
[[nodiscard]] std::string row_id(TaskId id);

}  // namespace gw::console
