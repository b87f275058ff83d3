// What the task list was asked for, and the table that shows it. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "console/page.hpp"
#include "console/words.hpp"
#include "outbox/entry.hpp"

namespace gw::console {

/// The list's filter, order and page, as its address says them; what is not understood is left out.
struct ListRequest {
  std::string direction;  ///< "sent", "received" or empty: both
  std::optional<Word> word;
  std::string other;    ///< ODS code of the organisation at the other end; empty: any
  std::string patient;  ///< logical id; empty: any
  std::optional<Day> from, until;
  std::string sort = "time";  ///< a column's name
  bool ascending = false;
  std::size_t page = 1;
  std::string task;  ///< the chosen one

  static ListRequest from_query(const Fields& query, Instant now);
  /// The address that asks for this.
  [[nodiscard]] std::string address() const;
  /// What the outbox is asked for on behalf of `own`.
  [[nodiscard]] outbox::Query query_for(const OdsCode& own) const;
};

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
