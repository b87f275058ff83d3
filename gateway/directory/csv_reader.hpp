// Reads records of comma-separated values (RFC 4180) from a stream, one at a time: CRLF or LF, a UTF-8 byte order mark
// tolerated, blank lines skipped. Knows nothing of what the columns mean.
#pragma once

#include <cstddef>
#include <istream>
#include <string>
#include <vector>

namespace gw::directory {

/// Not thread-safe. `in` must outlive the reader.
class CsvReader {
 public:
  static constexpr std::size_t kRecordBytes = std::size_t{64} * 1024;  ///< the longest record that is read
  enum class Outcome : unsigned char { kRecord, kBadRecord, kEnd };

  explicit CsvReader(std::istream& in) : in_(*in.rdbuf()) {}

  /// Read the next record into `fields`, each without surrounding spaces. On kBadRecord, `fault` says what is wrong and
  /// how to mend it, and reading goes on at the next line.
  Outcome next(std::vector<std::string>& fields, std::string& fault);
  /// The line that the last record began on, from 1.
  [[nodiscard]] std::size_t line() const { return record_line_; }

 private:
  enum class Ended : unsigned char { kField, kRecord, kBad };
  int take();
  void skip_line();
  bool skip_byte_order_mark();
  Ended read_quoted(std::string& field, std::string& fault);
  Ended read_plain(std::string& field, std::string& fault);
  Ended end_of_field(int c, std::string& fault);
  bool too_long(std::string& fault);

  std::streambuf& in_;
  std::size_t line_ = 1;
  std::size_t record_line_ = 0;
  std::size_t record_bytes_ = 0;
  bool started_ = false;
};

}  // namespace gw::directory
