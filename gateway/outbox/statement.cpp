#include "outbox/statement.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <mutex>

namespace gw::outbox {

namespace {

constexpr int kBusyWaitMs = 250;  // one process owns the file: only an operator's tool can be in the way

// SQLITE_STATIC and SQLITE_TRANSIENT are old-style casts in the header.
sqlite3_destructor_type life_of(Statement::Keep keep) {
  return keep == Statement::Keep::kBorrow
             ? nullptr
             : reinterpret_cast<sqlite3_destructor_type>(std::intptr_t{-1});  // NOLINT(performance-no-int-to-ptr)
}

/// Settings of the whole library, before its first use; where something else used it first, its defaults stand.
/// By them each statement that a trigger can abort takes 64 KB for the pages it may have to put back, one of which is
/// used, and all memory is counted under one lock.
void configure_library() {
  static std::once_flag once;
  std::call_once(once, [] {
    constexpr int in_memory_by_the_page = -1;
    sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, in_memory_by_the_page);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  });
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const std::filesystem::path& path, Access access) {
  const int flags = (access == Access::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE;
  configure_library();
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  if (code != SQLITE_OK) {
    auto failed =
        fault(FaultKind::kStorage, fmt::format("{} cannot be opened: {}", path.string(), sqlite3_errstr(code)));
    sqlite3_close(handle);
    return failed;
  }
  sqlite3_busy_timeout(handle, kBusyWaitMs);
  return std::unique_ptr<Connection>(new Connection{handle});
}

Connection::~Connection() {
  sqlite3_close_v2(handle_);
}

Status Connection::status() const {
  if (fault_) return *fault_;
  return Done{};
}

void Connection::note_fault(std::string_view doing) {
  if (fault_) return;
  fault_ = fault(FaultKind::kStorage, fmt::format("{}: {} (SQLite code {})", doing, sqlite3_errmsg(handle_),
                                                  sqlite3_extended_errcode(handle_)));
}

void Connection::note_fault(Fault fault) {
  if (!fault_) fault_ = std::move(fault);
}

Status Connection::execute(const char* sql) {
  if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return Done{};
  return fault(FaultKind::kStorage, fmt::format("{}: {} (SQLite code {})", std::string_view{sql}.substr(0, 60),
                                                sqlite3_errmsg(handle_), sqlite3_extended_errcode(handle_)));
}

Result<std::string> Connection::value_of(const char* sql) {
  Statement statement{*this, sql};
  auto rows = statement.query();
  std::string value;
  if (rows.next()) value = rows.text(0);
  if (fault_) return *fault_;
  return value;
}

bool Connection::in_transaction() const {
  return sqlite3_get_autocommit(handle_) == 0;
}

Rows::~Rows() {
  statement_.reset();
}

bool Rows::next() {
  return statement_.step();
}

bool Rows::is_null(int column) const {
  return sqlite3_column_type(statement_.statement_, column) == SQLITE_NULL;
}

std::int64_t Rows::integer(int column) const {
  return sqlite3_column_int64(statement_.statement_, column);
}

std::string_view Rows::view(int column) const {
  const void* const bytes = sqlite3_column_blob(statement_.statement_, column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_.statement_, column))};
}

std::string Rows::text(int column) const {
  return std::string{view(column)};
}

std::optional<std::string> Rows::text_if(int column) const {
  if (is_null(column)) return std::nullopt;
  return text(column);
}

Statement::Statement(Connection& connection, std::string_view sql) : connection_(connection) {
  check(sqlite3_prepare_v3(connection_.handle(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                           &statement_, nullptr),
        "prepare");
}

Statement::~Statement() {
  sqlite3_finalize(statement_);
}

void Statement::check(int code, std::string_view doing) {
  if (code != SQLITE_OK) connection_.note_fault(doing);
}

void Statement::start() {
  reset();
}

void Statement::reset() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void Statement::bind(int at, std::int64_t value, Keep) {
  check(sqlite3_bind_int64(statement_, at, value), "bind");
}

void Statement::bind(int at, std::string_view value, Keep keep) {
  const char* const bytes = value.data() == nullptr ? "" : value.data();
  check(sqlite3_bind_text64(statement_, at, bytes, value.size(), life_of(keep), SQLITE_UTF8), "bind");
}

void Statement::bind(int at, Blob value, Keep keep) {
  if (value.empty()) {
    check(sqlite3_bind_zeroblob(statement_, at, 0), "bind");
    return;
  }
  check(sqlite3_bind_blob64(statement_, at, value.data(), value.size(), life_of(keep)), "bind");
}

void Statement::bind(int at, const std::optional<std::string>& value, Keep keep) {
  if (value) {
    bind(at, std::string_view{*value}, keep);
  } else {
    check(sqlite3_bind_null(statement_, at), "bind");
  }
}

void Statement::bind(int at, const std::optional<std::int64_t>& value, Keep keep) {
  if (value) {
    bind(at, *value, keep);
  } else {
    check(sqlite3_bind_null(statement_, at), "bind");
  }
}

bool Statement::step() {
  if (connection_.failed()) return false;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) connection_.note_fault("step");
  return false;
}

std::int64_t Statement::finish() {
  step();
  const auto changed = connection_.failed() ? 0 : sqlite3_changes64(connection_.handle());
  reset();
  return changed;
}

}  // namespace gw::outbox
