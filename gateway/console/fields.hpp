// What comes with a request: the fields of its query or its form, and its cookies. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/http.hpp"

namespace gw::console {

/// Names and values as a browser sent them, decoded. Of a name that comes twice the first counts.
class Fields {
 public:
  Fields() = default;
  /// From application/x-www-form-urlencoded; nothing when its encoding is broken.
  static std::optional<Fields> from(std::string_view encoded);

  /// Without the blanks around it; empty when there is none. Borrows.
  [[nodiscard]] std::string_view get(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const;
  /// As it came.
  [[nodiscard]] std::string_view raw(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// The value of a cookie; empty when there is none. Borrows.
[[nodiscard]] std::string_view cookie_of(const Headers& headers, std::string_view name);

/// A value as it may stand in a query.
[[nodiscard]] std::string query_encoded(std::string_view value);

}  // namespace gw::console
