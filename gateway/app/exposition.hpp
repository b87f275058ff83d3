// The Prometheus text format, version 0.0.4: families of samples with their help and type. Pure; knows no metric.
//
// Written out here: the format is a few lines, and prometheus-cpp would bring its own registry and locks (see
// base/histogram.hpp).
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "base/histogram.hpp"

namespace gw::app {

using Label = std::pair<std::string_view, std::string_view>;
using Labels = std::initializer_list<Label>;

/// Collects one page. Each family() begins a metric; the samples after it are its own. Every name gets the prefix
/// "gpconnect_".
class Exposition {
 public:
  /// `type`: "counter", "gauge" or "histogram".
  void family(std::string_view name, std::string_view type, std::string_view help);
  void sample(Labels labels, double value);
  /// Of a histogram family, in seconds.
  void histogram(Labels labels, const HistogramCounts& counts);
  [[nodiscard]] std::string take() { return std::move(page_); }

 private:
  void line(std::string_view suffix, Labels labels, const Label& more, double value);

  std::string page_;
  std::string name_;
};

}  // namespace gw::app
