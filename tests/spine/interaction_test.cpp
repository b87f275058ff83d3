#include "spine/interaction.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <string>

using namespace gw::spine;

TEST_CASE("interaction: each id is known in exact case, and in the later form with -1 (SSP-02, TASK-01)", "[spine]") {
  for (const auto& interaction : interactions()) {
    CHECK(find_interaction(interaction.id) == &interaction);
    CHECK(find_interaction(std::string{interaction.id} + "-1") == &interaction);
    CHECK(find_interaction(std::string{interaction.id} + "-2") == nullptr);
    CHECK(find_interaction(std::string{interaction.id} + "-1-1") == nullptr);
    auto upper = std::string{interaction.id};
    upper.front() = 'U';
    CHECK(find_interaction(upper) == nullptr);
  }
  CHECK(find_interaction("") == nullptr);
  CHECK(find_interaction("-1") == nullptr);
}

TEST_CASE("interaction: every operation stands in the table once", "[spine]") {
  std::set<Operation> operations;
  for (const auto& interaction : interactions()) operations.insert(interaction.operation);
  CHECK(operations.size() == interactions().size());
}

TEST_CASE("interaction: creating needs a write scope, metadata an organisation's, reads either (JWT-04)", "[spine]") {
  using Scopes = std::vector<std::string_view>;
  for (const auto& interaction : interactions()) {
    const Scopes scopes{interaction.scopes.begin(), interaction.scopes.end()};
    switch (interaction.operation) {
      case Operation::kCreateOrder:
        CHECK(scopes == Scopes{"patient/*.write", "organization/*.write"});
        break;
      case Operation::kMetadata:
        CHECK(scopes == Scopes{"organization/*.read"});
        break;
      default:
        CHECK(scopes == Scopes{"patient/*.read", "organization/*.read"});
    }
  }
}
