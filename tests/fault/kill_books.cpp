#include "fault/kill_books.hpp"

#include <sqlite3.h>

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "outbox/view.hpp"

namespace gw::test {

namespace {

/// The text of `name` in a line of the received log.
std::string field(std::string_view line, std::string_view name) {
  const auto start = "\"" + std::string{name} + "\":\"";
  const auto at = line.find(start);
  if (at == std::string_view::npos) return {};
  const auto rest = line.substr(at + start.size());
  return std::string{rest.substr(0, rest.find('"'))};
}

}  // namespace

std::string contents_of(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void KillBooks::read(const std::string& gateway, const std::string& recipient) {
  read_received(recipient);
  read_entries(gateway);
  read_audit(gateway);
}

void KillBooks::read_received(const std::string& party) {
  std::ifstream in{world_.home(world_.party(party)) / "received.jsonl"};
  auto& mark = marks_[party].received;
  in.seekg(mark);
  for (std::string line; std::getline(in, line) && !in.eof();) {
    mark = in.tellg();
    ++books_.recipients[field(line, "trace_id")];
  }
}

void KillBooks::read_entries(const std::string& party) {
  auto view = outbox::View::open(world_.home(world_.party(party)) / "outbox.db");
  if (!view) throw std::runtime_error(view.error().detail);
  auto& mark = marks_[party].entry;
  outbox::Query query;
  query.count = outbox::kMaxPage;
  for (bool more = true; more;) {
    query.after = TaskId{mark};
    const auto page = (*view)->search(query);
    if (!page) throw std::runtime_error(page.error().detail);
    for (const auto& entry : page->tasks) {
      books_.outbox[entry.task.trace.text()].push_back(entry.state);
      mark = entry.task.id.number;
    }
    more = page->more;
  }
}

void KillBooks::read_audit(const std::string& party) {
  const auto path = world_.home(world_.party(party)) / "outbox.db";
  sqlite3* handle = nullptr;
  sqlite3_stmt* rows = nullptr;
  const bool opened = sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK &&
                      sqlite3_prepare_v2(handle, "SELECT seq, trace, status FROM audit WHERE seq > ?1 ORDER BY seq", -1,
                                         &rows, nullptr) == SQLITE_OK;
  auto& mark = marks_[party].audit;
  sqlite3_bind_int64(rows, 1, mark);
  while (opened && sqlite3_step(rows) == SQLITE_ROW) {
    mark = sqlite3_column_int64(rows, 0);
    const auto* const trace = reinterpret_cast<const char*>(sqlite3_column_text(rows, 1));
    books_.audit[trace == nullptr ? std::string{} : std::string{trace}].insert(sqlite3_column_int(rows, 2));
  }
  sqlite3_finalize(rows);
  sqlite3_close(handle);
  if (!opened) throw std::runtime_error("the audit of " + party + " cannot be read");
}

}  // namespace gw::test
