// A good request, and the places where a case spoils it. Knows the wire, not how any server answers.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "spine/token.hpp"
#include "topology.hpp"
#include "wire.hpp"

namespace gw::conformance {

/// Who sends to whom about whom in this run. Borrows from the topology.
struct Scene {
  const Topology& topology;
  const Party& to;
  const Party& from;
  const Party* stranger = nullptr;  ///< shares with neither; null: there is none
  const Patient& patient;
};

struct Draft {
  explicit Draft(const Scene& scene);

  const Scene& scene;
  std::string method = "POST";
  std::string path;              ///< of the base
  std::string below = "/Order";  ///< after the base's path
  Headers headers;
  spine::Token token;
  std::vector<std::pair<std::string, std::string>> claim_edits;  ///< on the token's JSON, first occurrence
  std::string authorization;                                     ///< in place of the token, when not empty
  std::string words;                                             ///< the task's text
  std::string body;
  const Certificate* certificate;
  bool tls = true;
  int newest_tls = 0;  ///< 0: as new as there is

  void set(std::string_view header, std::string value);
  void drop(std::string_view header);
  /// Replace the first `what` in the body. Throws where there is none: the case is wrong then.
  void edit(std::string_view what, std::string_view with);
  /// Make it a read or a metadata request of `interaction` under `scope`.
  void read(std::string what, std::string_view interaction, std::string_view scope = "patient/*.read");

  /// All of it as it goes out; `Connection: close` is added.
  [[nodiscard]] std::string bytes() const;
  [[nodiscard]] Result<Answer> send() const { return send(bytes()); }
  /// Send `raw` in its place.
  [[nodiscard]] Result<Answer> send(std::string_view raw) const;
};

/// `text` with its first `what` replaced. Throws std::logic_error where there is none.
[[nodiscard]] std::string replaced(std::string text, std::string_view what, std::string_view with);

}  // namespace gw::conformance
