#include "directory/csv_reader.hpp"

#include <cstdio>
#include <string_view>

namespace gw::directory {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// The length of the well-formed UTF-8 sequence that `text` begins with (RFC 3629); 0 when it is none.
std::size_t utf8_length(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto lead = at(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xC0U) != 0x80U) return 0;
  }
  const auto second = at(1);
  const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  const bool beyond = (lead == 0xED && second > 0x9F) || (lead == 0xF4 && second > 0x8F);
  return overlong || beyond ? 0 : length;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool has_control(std::string_view text) {
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) < 0x20U && c != '\t' && c != '\n' && c != '\r') || c == 0x7F) return true;
  }
  return false;
}

void trim(std::string& text) {
  constexpr std::string_view kSpaces = " \t";
  text.erase(text.find_last_not_of(kSpaces) + 1);
  text.erase(0, text.find_first_not_of(kSpaces));
}

}  // namespace

int CsvReader::take() {
  const int c = in_.sbumpc();
  if (c == '\n') ++line_;
  if (c != EOF) ++record_bytes_;
  return c;
}

void CsvReader::skip_line() {
  for (int c = in_.sbumpc(); c != EOF; c = in_.sbumpc()) {
    if (c != '\n') continue;
    ++line_;
    return;
  }
}

/// False when the file begins with a part of the mark only, and so is not UTF-8.
bool CsvReader::skip_byte_order_mark() {
  started_ = true;
  if (in_.sgetc() != static_cast<unsigned char>(kByteOrderMark.front())) return true;
  for (const char c : kByteOrderMark) {
    if (in_.sbumpc() != static_cast<unsigned char>(c)) return false;
  }
  return true;
}

bool CsvReader::too_long(std::string& fault) {
  if (record_bytes_ <= kRecordBytes) return false;
  fault = "the record is longer than " + std::to_string(kRecordBytes) +
          " bytes; look for a double quote that is opened and never closed";
  return true;
}

/// What `c`, the character after a field, means.
CsvReader::Ended CsvReader::end_of_field(int c, std::string& fault) {
  if (c == ',') return Ended::kField;
  if (c == '\n' || c == EOF) return Ended::kRecord;
  if (c == '\r' && (in_.sgetc() == '\n' || in_.sgetc() == EOF)) {
    take();
    return Ended::kRecord;
  }
  fault = c == '\r' ? "a carriage return stands inside the line; lines end with LF or CR LF"
                    : "there is text after a closing double quote; inside quotes a double quote is written twice";
  return Ended::kBad;
}

CsvReader::Ended CsvReader::read_quoted(std::string& field, std::string& fault) {
  take();
  while (!too_long(fault)) {
    const int c = take();
    if (c == EOF) {
      fault = "a double quote is opened and never closed";
      return Ended::kBad;
    }
    if (c == '"') {
      if (in_.sgetc() != '"') return end_of_field(take(), fault);
      take();
    }
    field += static_cast<char>(c);
  }
  return Ended::kBad;
}

CsvReader::Ended CsvReader::read_plain(std::string& field, std::string& fault) {
  while (!too_long(fault)) {
    const int c = take();
    if (c == ',' || c == '\n' || c == '\r' || c == EOF) return end_of_field(c, fault);
    if (c == '"') {
      fault =
          "a double quote stands inside a field that does not begin with one; quote the whole field and write the "
          "inner quote twice";
      return Ended::kBad;
    }
    field += static_cast<char>(c);
  }
  return Ended::kBad;
}

CsvReader::Outcome CsvReader::next(std::vector<std::string>& fields, std::string& fault) {
  if (!started_ && !skip_byte_order_mark()) {
    record_line_ = line_;
    fault = "the file is not UTF-8 text; save it as CSV with UTF-8 encoding";
    skip_line();
    return Outcome::kBadRecord;
  }
  while (in_.sgetc() == '\n' || in_.sgetc() == '\r') take();
  if (in_.sgetc() == EOF) return Outcome::kEnd;

  fields.clear();
  record_line_ = line_;
  record_bytes_ = 0;
  auto ended = Ended::kField;
  while (ended == Ended::kField) {
    auto& field = fields.emplace_back();
    ended = in_.sgetc() == '"' ? read_quoted(field, fault) : read_plain(field, fault);
    trim(field);
    if (ended == Ended::kBad || (is_utf8(field) && !has_control(field))) continue;
    fault = "field " + std::to_string(fields.size()) +
            " is not clean UTF-8 text; save the file as CSV with UTF-8 encoding and without control characters";
    if (ended == Ended::kField) skip_line();
    return Outcome::kBadRecord;
  }
  if (ended == Ended::kRecord) return Outcome::kRecord;
  skip_line();
  return Outcome::kBadRecord;
}

}  // namespace gw::directory
