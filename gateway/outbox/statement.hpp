// A thin owner of an SQLite connection and its prepared statements. Must not know tasks.
//
// Errors stick: the first failing step marks the connection, and every later step on it does nothing and finds no row,
// until clear_fault(). So a sequence of steps is written plainly and checked once, before it is committed; commit()
// itself refuses on a marked connection.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace gw::outbox {

/// Bytes bound as a BLOB.
using Blob = std::span<const std::uint8_t>;

[[nodiscard]] inline Blob as_blob(std::string_view bytes) {
  return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

/// One connection, for one thread at a time.
class Connection {
 public:
  enum class Access : unsigned char { kReadWrite, kReadOnly };

  /// Errors: kStorage.
  static Result<std::unique_ptr<Connection>> open(const std::filesystem::path& path, Access access);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  [[nodiscard]] sqlite3* handle() const { return handle_; }
  [[nodiscard]] bool failed() const { return fault_.has_value(); }
  /// Success, or the first fault since clear_fault.
  [[nodiscard]] Status status() const;
  void clear_fault() { fault_.reset(); }
  /// Mark the connection with SQLite's last error, unless it is marked already.
  void note_fault(std::string_view doing);
  void note_fault(Fault fault);

  /// Run statements that give no rows.
  Status execute(const char* sql);
  /// The single value of `sql` as text, e.g. of a pragma; empty when there is none.
  Result<std::string> value_of(const char* sql);
  [[nodiscard]] bool in_transaction() const;

 private:
  explicit Connection(sqlite3* handle) : handle_(handle) {}

  sqlite3* handle_;
  std::optional<Fault> fault_;
};

class Statement;

/// The rows of one run of a statement; ends that run when it goes.
class Rows {
 public:
  explicit Rows(Statement& statement) : statement_(statement) {}
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  ~Rows();

  /// Step to the next row; false at the end, or when the connection is marked.
  bool next();
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string text(int column) const;                    ///< of TEXT or BLOB
  [[nodiscard]] std::optional<std::string> text_if(int column) const;  ///< nothing for NULL
  [[nodiscard]] std::string_view view(int column) const;               ///< valid until the next step

 private:
  Statement& statement_;
};

/// A prepared statement. Its connection must outlive it.
class Statement {
 public:
  Statement(Connection& connection, std::string_view sql);
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  /// Bind `values` to ?1, ?2 and so on, run to the end, give the number of rows changed. The values need only live
  /// during the call.
  template <class... Values>
  std::int64_t run(const Values&... values) {
    start();
    int at = 0;
    (bind(++at, values, Keep::kBorrow), ...);
    return finish();
  }

  /// Bind copies of `values`; the rows are read from what this gives.
  template <class... Values>
  [[nodiscard]] Rows query(const Values&... values) {
    start();
    int at = 0;
    (bind(++at, values, Keep::kCopy), ...);
    return Rows{*this};
  }

  /// For statements whose number of values is known only at run time: start, bind each, then rows.
  void start();
  enum class Keep : unsigned char { kBorrow, kCopy };
  void bind(int at, std::int64_t value, Keep keep = Keep::kCopy);
  void bind(int at, std::string_view value, Keep keep = Keep::kCopy);
  void bind(int at, Blob value, Keep keep = Keep::kCopy);
  void bind(int at, const std::optional<std::string>& value, Keep keep = Keep::kCopy);
  void bind(int at, const std::optional<std::int64_t>& value, Keep keep = Keep::kCopy);
  [[nodiscard]] Rows rows() { return Rows{*this}; }

 private:
  friend class Rows;
  bool step();
  std::int64_t finish();
  void reset();
  void check(int code, std::string_view doing);

  Connection& connection_;
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace gw::outbox
