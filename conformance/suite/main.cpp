// gpconnect-conformance: holds any GP Connect task endpoint to the rules, from outside, and says what it saw.
#include <fmt/format.h>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <fstream>

#include "cases.hpp"

namespace {

using namespace gw::conformance;

constexpr int kExitConforms = 0;
constexpr int kExitFails = 1;
constexpr int kExitUsage = 2;

constexpr const char* kFooter = R"(Exit code: 0 all that applies passed, 1 something failed, 2 it could not be run.

Examples:
  gpconnect-conformance --topology /tmp/demo/topology.json
  gpconnect-conformance --topology topology.json --party U20002 --only SSP-01,JWT-02
  gpconnect-conformance --topology topology.json --junit report.xml)";

struct Outcome {
  std::string_view id, name;
  bool applies = true;
  std::optional<Wrong> wrong;
};

std::string_view word_of(const Outcome& outcome) {
  if (!outcome.applies) return "not applicable";
  return outcome.wrong ? "failed" : "passed";
}

/// The endpoint under test, a sender in its sharing group, a stranger to both, and a patient that it knows.
std::optional<Scene> choose(const Topology& topology, const std::string& ods) {
  const auto receives = [&](const Party& party) {
    return ods.empty() ? party.recipient == "mailbox" && !party.base.empty() : party.ods == ods;
  };
  for (const auto& to : topology.parties) {
    if (!receives(to)) continue;
    const Party* from = nullptr;
    const Party* stranger = nullptr;
    for (const auto& party : topology.parties) {
      if (&party == &to || party.asid.empty()) continue;
      auto& place = party.sharing_group == to.sharing_group ? from : stranger;
      if (place == nullptr) place = &party;
    }
    if (from == nullptr) continue;
    for (const auto& patient : topology.patients) {
      const bool known = patient.registered_at == to.ods || patient.registered_at == from->ods;
      if (known && patient.references.contains(to.ods)) return Scene{topology, to, *from, stranger, patient};
    }
  }
  return std::nullopt;
}

std::optional<Wrong> guarded(const auto& run) {
  try {
    return run();
  } catch (const std::exception& error) {
    return Wrong{"nothing", "the suite to make its request", error.what()};
  }
}

std::vector<Outcome> run_all(const Scene& scene, const std::vector<std::string>& only, bool quiet) {
  std::vector<Outcome> outcomes;
  const auto wanted = [&](std::string_view id) {
    return only.empty() || std::find(only.begin(), only.end(), id) != only.end();
  };
  const auto add = [&](Outcome outcome) {
    if (!quiet) fmt::print("{:<8} {:<15} {}\n", outcome.id, word_of(outcome), outcome.name);
    if (!quiet && outcome.wrong) {
      fmt::print("         sent:     {}\n         expected: {}\n         came:     {}\n", outcome.wrong->sent,
                 outcome.wrong->expected, outcome.wrong->came);
    }
    std::fflush(stdout);
    outcomes.push_back(std::move(outcome));
  };
  for (const auto& check : checks()) {
    if (!wanted(check.id)) continue;
    const bool applies = check.applies == nullptr || check.applies(scene);
    add({check.id, check.name, applies, applies ? guarded([&] { return check.run(scene); }) : std::nullopt});
  }
  for (const auto& each : cases()) {
    if (wanted(each.id)) add({each.id, each.name, true, guarded([&] { return run(each, scene); })});
  }
  return outcomes;
}

void print_json(const std::vector<Outcome>& outcomes) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json{buffer};
  const auto put = [&](const char* name, std::string_view value) {
    json.Key(name);
    json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  };
  json.StartArray();
  for (const auto& outcome : outcomes) {
    json.StartObject();
    put("id", outcome.id);
    put("name", outcome.name);
    put("outcome", word_of(outcome));
    if (outcome.wrong) {
      put("sent", outcome.wrong->sent);
      put("expected", outcome.wrong->expected);
      put("came", outcome.wrong->came);
    }
    json.EndObject();
  }
  json.EndArray();
  fmt::print("{}\n", buffer.GetString());
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&' || c == '<' || c == '>' || c == '"') {
      out += fmt::format("&#{};", static_cast<int>(c));
    } else {
      out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return out;
}

bool write_junit(const std::string& file, const std::vector<Outcome>& outcomes, std::size_t failed) {
  std::ofstream out{file};
  out << fmt::format("<testsuite name=\"gpconnect-conformance\" tests=\"{}\" failures=\"{}\">\n", outcomes.size(),
                     failed);
  for (const auto& [id, name, applies, wrong] : outcomes) {
    out << fmt::format("  <testcase classname=\"{}\" name=\"{}\">", id, escaped(name));
    if (!applies) out << "<skipped/>";
    if (wrong) {
      out << fmt::format("<failure message=\"expected {}\">sent: {}; came: {}</failure>", escaped(wrong->expected),
                         escaped(wrong->sent), escaped(wrong->came));
    }
    out << "</testcase>\n";
  }
  out << "</testsuite>\n";
  out.close();
  return static_cast<bool>(out);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Holds a GP Connect task endpoint to the rules, from outside, and says what it saw."};
  app.footer(kFooter);
  std::string topology_file, party, junit;
  std::vector<std::string> only;
  bool json = false;
  app.add_option("--topology", topology_file, "what is where: topology.json, as the demo writes it")->required();
  app.add_option("--party", party, "ODS code of the endpoint to test; default: the first with a mailbox");
  app.add_option("--only", only, "requirement ids, separated by commas; default: all")->delimiter(',');
  app.add_flag("--json", json, "print the outcomes as JSON, and nothing else");
  app.add_option("--junit", junit, "also write a JUnit report to this file");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kExitConforms : kExitUsage;
  }
  const auto topology = read_topology(topology_file);
  if (!topology) {
    fmt::print(stderr, "{}\n", topology.error().detail);
    return kExitUsage;
  }
  const auto scene = choose(*topology, party);
  if (!scene) {
    fmt::print(stderr,
               "the topology has no such endpoint with a sender in its sharing group and a patient of theirs\n");
    return kExitUsage;
  }
  if (!json) fmt::print("{} ({}) as seen by {}\n\n", scene->to.base, scene->to.name, scene->from.name);
  const auto outcomes = run_all(*scene, only, json);
  if (outcomes.empty()) {
    fmt::print(stderr, "no case has one of these ids\n");
    return kExitUsage;
  }
  std::size_t failed = 0, skipped = 0;
  for (const auto& outcome : outcomes) {
    failed += outcome.wrong ? 1U : 0U;
    skipped += outcome.applies ? 0U : 1U;
  }
  if (json) {
    print_json(outcomes);
  } else {
    fmt::print("\n{} passed, {} failed, {} not applicable\n", outcomes.size() - failed - skipped, failed, skipped);
  }
  if (!junit.empty() && !write_junit(junit, outcomes, failed)) {
    fmt::print(stderr, "cannot write {}\n", junit);
    return kExitUsage;
  }
  return failed == 0 ? kExitConforms : kExitFails;
}
