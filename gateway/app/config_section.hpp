// One table of a TOML file, read key by key: each value checked as it is taken, and what nobody asked for told as
// unknown (OPS-01). Must not know what the keys mean.
#pragma once

#define TOML_EXCEPTIONS 0
#include <fmt/format.h>
#include <toml++/toml.h>

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.hpp"
#include "base/time.hpp"

namespace gw::app {

/// Borrows the table, the file's name and the mistakes. A key that is not there leaves its value as it was; a value
/// that is not right is a mistake at its line, and leaves it too.
class Section {
 public:
  /// `table` may be null: then it is as if empty.
  Section(const toml::table* table, std::string name, const std::filesystem::path& file, ConfigMistakes& mistakes)
      : table_(table), name_(std::move(name)), file_(file), mistakes_(mistakes) {}

  void text(std::string_view key, std::string& out);
  /// Relative to the file's own folder.
  void path(std::string_view key, std::filesystem::path& out);
  /// The same where "" stands for none.
  void path_or_none(std::string_view key, std::filesystem::path& out);
  void paths(std::string_view key, std::vector<std::filesystem::path>& out);
  /// A path to a file that must exist.
  void existing(std::string_view key, std::filesystem::path& out, bool required);
  void flag(std::string_view key, bool& out);
  template <class Number>
  void number(std::string_view key, Number& out, std::int64_t least, std::int64_t most) {
    const auto* const node = find(key);
    if (node == nullptr) return;
    const auto value = node->value_exact<std::int64_t>();
    if (!value || *value < least || *value > most) {
      complain(*node, key, fmt::format("must be a whole number from {} to {}", least, most));
      return;
    }
    out = static_cast<Number>(*value);
  }
  /// From 1 ms to a day.
  void duration(std::string_view key, milliseconds& out);
  /// From 0 s to a year.
  void duration(std::string_view key, seconds& out);
  void choice(std::string_view key, std::string& out, std::initializer_list<std::string_view> allowed);
  void texts(std::string_view key, std::vector<std::string>& out);
  /// Every key, for tables whose keys are data.
  void all_texts(std::map<std::string, std::string, std::less<>>& out);
  Section sub(std::string_view key);
  /// Calls `each` with the key and the Section of every table in this one, for tables whose keys are data.
  template <class Each>
  void each_table(Each each) {
    if (table_ == nullptr) return;
    for (const auto& [key, node] : *table_) each(key.str(), sub(key.str()));
  }

  [[nodiscard]] bool there() const { return table_ != nullptr; }
  /// The line that the table begins on; 0 where it is not there.
  [[nodiscard]] std::uint32_t begin() const { return table_ == nullptr ? 0 : line_of(*table_); }
  /// The line that `key` stands on; 0 where it does not.
  [[nodiscard]] std::uint32_t line(std::string_view key) const;

  /// Call last: what was never asked for is unknown.
  void finish() const;
  /// `line` 0: nowhere in particular.
  void mistake(const std::string& what, std::uint32_t line) const;

 private:
  static std::uint32_t line_of(const toml::node& node) { return node.source().begin.line; }
  const toml::node* find(std::string_view key);
  void note_place(std::string_view key, const toml::node& node) const;
  void complain(const toml::node& node, std::string_view key, const std::string& what) const;

  const toml::table* table_;
  std::string name_;
  const std::filesystem::path& file_;
  ConfigMistakes& mistakes_;
  std::set<std::string> known_;
};

}  // namespace gw::app
