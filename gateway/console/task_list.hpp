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
  bool sent = false;                            ///< else received
  std::string other;                            ///< the other organisation's name
  const directory::Patient* patient = nullptr;  ///< null: not in the index here
};

[[nodiscard]] Row row_of(const outbox::StoredTask& stored, const OdsCode& own, const directory::Directory& directory);
/// The patient of a reference such as "Patient/1"; null where the index has none.
[[nodiscard]] const directory::Patient* patient_of(std::string_view reference, const directory::Directory& directory);
[[nodiscard]] std::string name_of_organisation(const OdsCode& ods, const directory::Directory& directory);

void sort_rows(std::vector<Row>& rows, const ListRequest& request);

[[nodiscard]] Html filter_form(const ListRequest& request, const Visit& visit);
/// The rows of the page asked for. `more`: older ones match too.
[[nodiscard]] Html task_table(const std::vector<Row>& rows, const ListRequest& request, bool more);
[[nodiscard]] Html state_tag(outbox::State state);

}  // namespace gw::console
