// Thousands of broken and changed tasks, in both formats: nothing crashes, and both forms get the same issues.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "fhir/operation_outcome.hpp"
#include "mutate.hpp"
#include "verdict.hpp"

namespace {

using namespace gw::referee;

constexpr std::uint64_t kSeed = 20261121;
constexpr std::uint64_t kCount = 6000;

/// What `issues` has and `others` has not.
std::string only_in(const std::vector<std::string>& issues, const std::vector<std::string>& others) {
  std::string text;
  for (const auto& issue : issues) {
    if (std::find(others.begin(), others.end(), issue) == others.end()) text.append("  ").append(issue).append("\n");
  }
  return text;
}

}  // namespace

TEST_CASE("mutations: JSON and XML forms of one task get the same issues (TASK-11)", "[referee]") {
  std::size_t compared = 0;
  std::size_t accepted = 0;
  for (std::uint64_t number = 1; number <= kCount; ++number) {
    const auto made = mutated(kSeed, number);
    if (!made.json || !made.xml) continue;
    const auto json = issues_of(*made.json, false);
    const auto xml = issues_of(*made.xml, true);
    const auto of_json = comparable(json);
    const auto of_xml = comparable(xml);
    INFO(number << ": " << made.label << "\nonly in JSON:\n"
                << only_in(of_json, of_xml) << "only in XML:\n"
                << only_in(of_xml, of_json));
    CHECK(refuses(json) == refuses(xml));
    if (made.same) CHECK((of_json == of_xml));
    ++compared;
    if (!refuses(json)) ++accepted;
  }
  CHECK(compared > kCount / 2);
  CHECK(accepted > kCount / 20);
}

TEST_CASE("mutations: every refusal says what is wrong and renders as an OperationOutcome (ANS-03)", "[referee]") {
  for (std::uint64_t number = 1; number <= kCount; ++number) {
    const auto made = mutated(kSeed + 1, number);
    INFO(number << ": " << made.label);
    for (const bool xml : {false, true}) {
      const auto& text = xml ? made.xml : made.json;
      if (!text) continue;
      const auto issues = issues_of(*text, xml);
      for (const auto& issue : issues) CHECK(!issue.diagnostics.empty());
      const auto format = xml ? gw::fhir::Format::kXml : gw::fhir::Format::kJson;
      const auto answer = gw::fhir::write_operation_outcome(issues, format);
      CHECK(answer.find(gw::fhir::code_of(issues.empty() ? gw::fhir::Severity::kInformation
                                                         : issues.front().severity)) != std::string::npos);
    }
  }
}

TEST_CASE("mutations: the same seed and number give the same task", "[referee]") {
  std::set<std::string> labels;
  for (std::uint64_t number = 1; number <= 500; ++number) {
    const auto once = mutated(kSeed, number);
    const auto again = mutated(kSeed, number);
    CHECK(once.label == again.label);
    CHECK(once.json == again.json);
    CHECK(once.xml == again.xml);
    labels.insert(once.label);
  }
  CHECK(labels.size() > 200);
}
