#include "outbox/audit_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "fhir/escape.hpp"

namespace gw::outbox {

namespace {

constexpr std::string_view kCut = "...";

bool is_plain(char c) {
  return c >= ' ' && c <= '~';
}

/// Of a whole UTF-8 character: a terminal would act on it, or show the rest of the line otherwise than it is.
bool is_harmful(std::string_view character) {
  const auto byte = [character](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  if (character.size() == 1) return byte(0) < 0x20 || byte(0) == 0x7F;
  if (character.size() == 2) return byte(0) == 0xC2 && byte(1) < 0xA0;
  if (character.size() != 3) return false;
  if (byte(0) == 0xEF) return byte(1) == 0xBF && byte(2) >= 0xBE;
  if (byte(0) != 0xE2) return false;
  const bool separators_and_overrides = byte(1) == 0x80 && byte(2) >= 0xA8 && byte(2) <= 0xAE;
  const bool isolates = byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9;
  return separators_and_overrides || isolates;
}

}  // namespace

std::string_view audit_text(std::string_view text, std::string& room) {
  if (text.size() <= kAuditTextBytes && std::all_of(text.begin(), text.end(), is_plain)) return text;
  room.clear();
  std::string piece;
  std::size_t cut_at = 0;  // the longest whole beginning that leaves room for kCut
  while (!text.empty()) {
    const auto length = fhir::utf8_length(text);
    const auto character = text.substr(0, length == 0 ? 1 : length);
    text.remove_prefix(character.size());
    piece.clear();
    if (length == 0 || is_harmful(character)) {
      for (const char c : character) {
        fmt::format_to(std::back_inserter(piece), "\\x{:02X}", static_cast<unsigned char>(c));
      }
    } else {
      piece = character;
    }
    if (room.size() + piece.size() > kAuditTextBytes) {
      room.resize(cut_at);
      room += kCut;
      break;
    }
    room += piece;
    if (room.size() + kCut.size() <= kAuditTextBytes) cut_at = room.size();
  }
  return room;
}

}  // namespace gw::outbox
