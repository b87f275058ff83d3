#include "app/config_section.hpp"

#include <algorithm>
#include <system_error>

namespace gw::app {

namespace fs = std::filesystem;

void Section::text(std::string_view key, std::string& out) {
  if (const auto* const node = find(key)) {
    if (const auto value = node->value_exact<std::string>()) {
      out = *value;
    } else {
      complain(*node, key, "must be a text in quotes");
    }
  }
}

void Section::path(std::string_view key, fs::path& out) {
  std::string value;
  text(key, value);
  if (!value.empty()) out = file_.parent_path() / value;
}

void Section::path_or_none(std::string_view key, fs::path& out) {
  std::string value = out.string();
  text(key, value);
  out = value.empty() ? fs::path{} : file_.parent_path() / value;
}

void Section::paths(std::string_view key, std::vector<fs::path>& out) {
  std::vector<std::string> values;
  texts(key, values);
  for (const auto& value : values) out.push_back(file_.parent_path() / value);
}

void Section::existing(std::string_view key, fs::path& out, bool required) {
  path(key, out);
  const auto* const node = table_ == nullptr ? nullptr : table_->get(key);
  if (out.empty() && required) mistake(fmt::format("[{}] needs {} = \"path\"", name_, key), 0);
  std::error_code error;
  if (node != nullptr && !out.empty() && !fs::exists(out, error)) {
    mistake(fmt::format("[{}] {}: there is no file '{}'", name_, key, out.string()), line_of(*node));
  }
}

void Section::flag(std::string_view key, bool& out) {
  const auto* const node = find(key);
  if (node == nullptr) return;
  if (const auto value = node->value_exact<bool>()) {
    out = *value;
  } else {
    complain(*node, key, "must be true or false");
  }
}

void Section::duration(std::string_view key, milliseconds& out) {
  std::int64_t value = out.count();
  number(key, value, 1, std::int64_t{24} * 3600 * 1000);
  out = milliseconds{value};
}

void Section::duration(std::string_view key, seconds& out) {
  std::int64_t value = out.count();
  number(key, value, 0, std::int64_t{366} * 24 * 3600);
  out = seconds{value};
}

void Section::choice(std::string_view key, std::string& out, std::initializer_list<std::string_view> allowed) {
  text(key, out);
  if (std::find(allowed.begin(), allowed.end(), out) != allowed.end()) return;
  if (const auto* const node = find(key))
    complain(*node, key, fmt::format("must be one of: {}", fmt::join(allowed, ", ")));
}

void Section::texts(std::string_view key, std::vector<std::string>& out) {
  const auto* const node = find(key);
  if (node == nullptr) return;
  const auto* const items = node->as_array();
  if (items == nullptr || !items->is_homogeneous(toml::node_type::string)) {
    if (items == nullptr || !items->empty()) complain(*node, key, "must be a list of texts");
    return;
  }
  for (const auto& item : *items) out.push_back(item.value_or(std::string{}));
}

void Section::all_texts(std::map<std::string, std::string, std::less<>>& out) {
  if (table_ == nullptr) return;
  for (const auto& [key, node] : *table_) {
    known_.emplace(key.str());
    note_place(key.str(), node);
    if (const auto value = node.value_exact<std::string>()) {
      out.emplace(std::string{key.str()}, *value);
    } else {
      complain(node, key.str(), "must be a text in quotes");
    }
  }
}

Section Section::sub(std::string_view key) {
  const auto* const node = find(key);
  const auto* const table = node == nullptr ? nullptr : node->as_table();
  if (node != nullptr && table == nullptr) complain(*node, key, "must be a table");
  return Section{table, name_.empty() ? std::string{key} : fmt::format("{}.{}", name_, key), file_, mistakes_};
}

std::uint32_t Section::line(std::string_view key) const {
  const auto* const node = table_ == nullptr ? nullptr : table_->get(key);
  return node == nullptr ? 0 : line_of(*node);
}

void Section::finish() const {
  if (table_ == nullptr) return;
  for (const auto& [key, node] : *table_) {
    if (known_.contains(std::string{key.str()})) continue;
    mistake(fmt::format("{}unknown key '{}'; known here: {}", name_.empty() ? "" : "[" + name_ + "] ", key.str(),
                        fmt::join(known_, ", ")),
            line_of(node));
  }
}

void Section::mistake(const std::string& what, std::uint32_t line) const {
  mistakes_.lines.push_back(line == 0 ? fmt::format("{}: {}", file_.string(), what)
                                      : fmt::format("{}:{}: {}", file_.string(), line, what));
}

const toml::node* Section::find(std::string_view key) {
  known_.emplace(key);
  const auto* const node = table_ == nullptr ? nullptr : table_->get(key);
  if (node != nullptr) note_place(key, *node);
  return node;
}

void Section::note_place(std::string_view key, const toml::node& node) const {
  mistakes_.places[name_.empty() ? std::string{key} : fmt::format("{}.{}", name_, key)] = line_of(node);
}

void Section::complain(const toml::node& node, std::string_view key, const std::string& what) const {
  mistake(fmt::format("{}{} {}", name_.empty() ? "" : "[" + name_ + "] ", key, what), line_of(node));
}

}  // namespace gw::app
