#include "directory/csv_reader.hpp"

#include <catch2/catch.hpp>
#include <sstream>

using gw::directory::CsvReader;
using Fields = std::vector<std::string>;

namespace {

/// All records of a text; a bad one is a single field that begins with "!".
std::vector<Fields> records_of(const std::string& text) {
  std::istringstream in{text};
  CsvReader reader{in};
  std::vector<Fields> records;
  Fields fields;
  std::string fault;
  for (auto outcome = reader.next(fields, fault); outcome != CsvReader::Outcome::kEnd;
       outcome = reader.next(fields, fault)) {
    records.push_back(outcome == CsvReader::Outcome::kRecord ? fields : Fields{"!" + fault});
  }
  return records;
}

}  // namespace

TEST_CASE("csv: records end with LF or CR LF, and the last one with nothing (SSP-09)", "[directory]") {
  CHECK(records_of("a,b\nc,d\r\ne,f") == std::vector<Fields>{{"a", "b"}, {"c", "d"}, {"e", "f"}});
}

TEST_CASE("csv: quoted fields hold commas, quotes and line breaks (SSP-09)", "[directory]") {
  CHECK(records_of("\"a,b\",\"say \"\"x\"\"\",\"two\nlines\"\nnext,,\n") ==
        std::vector<Fields>{{"a,b", "say \"x\"", "two\nlines"}, {"next", "", ""}});
}

TEST_CASE("csv: a byte order mark and blank lines are skipped, spaces round a field are dropped", "[directory]") {
  CHECK(records_of("\xEF\xBB\xBF\"a\", b \n\r\n\nc,d\n") == std::vector<Fields>{{"a", "b"}, {"c", "d"}});
  CHECK(records_of("\xEF\xBB").size() == 1);
  CHECK(records_of("\xEF\xBB\xBF").empty());
  CHECK(records_of("").empty());
}

TEST_CASE("csv: a bad record is told and the next one is read", "[directory]") {
  const std::string bad = GENERATE(as<std::string>{}, "a\"b,c", "\"a\"b,c", "a\rb", "caf\xE9,x",
                                   "x,a\x01"
                                   "b",
                                   "\xED\xA0\x80", "\xC0\xAF");
  const auto records = records_of(bad + "\ngood,one\n");
  REQUIRE(records.size() == 2);
  CHECK(records[0][0].front() == '!');
  CHECK(records[1] == Fields{"good", "one"});
}

TEST_CASE("csv: a quote that is never closed is a fault", "[directory]") {
  const auto records = records_of("\"abc\ndef\n");
  REQUIRE(records.size() == 1);
  CHECK(records[0][0].find("never closed") != std::string::npos);
}

TEST_CASE("csv: no record is read beyond its limit", "[directory]") {
  const std::string lead = GENERATE(as<std::string>{}, "", "\"");
  const auto records = records_of(lead + std::string(4 * CsvReader::kRecordBytes, 'x') + "\ngood,one\n");
  REQUIRE(records.size() == 2);
  CHECK(records[0][0].find("longer than") != std::string::npos);
  CHECK(records[1] == Fields{"good", "one"});
}

TEST_CASE("csv: the line number is that of the record's first line", "[directory]") {
  std::istringstream in{"a\n\n\"b\nb\"\nc\n"};
  CsvReader reader{in};
  Fields fields;
  std::string fault;
  std::vector<std::size_t> lines;
  while (reader.next(fields, fault) == CsvReader::Outcome::kRecord) lines.push_back(reader.line());
  CHECK(lines == std::vector<std::size_t>{1, 3, 5});
}
