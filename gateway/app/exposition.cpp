#include "app/exposition.hpp"

#include <fmt/format.h>

#include <chrono>
#include <iterator>

namespace gw::app {

namespace {

void append_label(std::string& page, const Label& label) {
  page.append(label.first).append("=\"");
  for (const char c : label.second) {
    if (c == '\n') {
      page += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') page += '\\';
    page += c;
  }
  page += '"';
}

}  // namespace

void Exposition::family(std::string_view name, std::string_view type, std::string_view help) {
  name_ = fmt::format("gpconnect_{}", name);
  fmt::format_to(std::back_inserter(page_), "# HELP {0} {1}\n# TYPE {0} {2}\n", name_, help, type);
}

void Exposition::line(std::string_view suffix, Labels labels, const Label& more, double value) {
  page_.append(name_).append(suffix);
  char before = '{';
  for (const auto& label : labels) {
    page_ += std::exchange(before, ',');
    append_label(page_, label);
  }
  if (!more.first.empty()) {
    page_ += std::exchange(before, ',');
    append_label(page_, more);
  }
  if (before == ',') page_ += '}';
  fmt::format_to(std::back_inserter(page_), " {}\n", value);
}

void Exposition::sample(Labels labels, double value) {
  line("", labels, {}, value);
}

void Exposition::histogram(Labels labels, const HistogramCounts& counts) {
  constexpr double microseconds_a_second = 1e6;
  std::uint64_t so_far = 0;
  for (std::size_t i = 0; i < kHistogramBounds.size(); ++i) {
    so_far += counts.buckets.at(i);
    const auto bound = fmt::format("{}", static_cast<double>(kHistogramBounds.at(i)) / microseconds_a_second);
    line("_bucket", labels, {"le", bound}, static_cast<double>(so_far));
  }
  so_far += counts.buckets.back();
  line("_bucket", labels, {"le", "+Inf"}, static_cast<double>(so_far));
  line("_sum", labels, {}, std::chrono::duration<double>(counts.sum).count());
  line("_count", labels, {}, static_cast<double>(so_far));
}

}  // namespace gw::app
