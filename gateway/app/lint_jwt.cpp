#include "app/lint_jwt.hpp"

#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "app/counted.hpp"
#include "app/input_file.hpp"
#include "app/validate.hpp"
#include "base/http.hpp"
#include "spine/interaction.hpp"
#include "spine/nhs_number.hpp"
#include "spine/quote.hpp"
#include "spine/token.hpp"

namespace gw::app {

namespace {

using spine::Interaction;
using spine::Token;

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::size_t kInputBytes = 1U << 20U;
constexpr std::array<std::string_view, 2> kPrefixes{"urn:nhs:names:services:gpconnect:fhir:rest:",
                                                    "urn:nhs:names:services:gpconnect:fhir:operation:"};

/// "create:order" of the whole id.
std::string_view short_name(const Interaction& interaction) {
  auto name = interaction.id;
  for (const auto prefix : kPrefixes) {
    if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  }
  return name;
}

/// By its id or its short name; null when there is none.
const Interaction* interaction_named(const std::string& name) {
  const auto* found = spine::find_interaction(name);
  for (const auto prefix : kPrefixes) {
    if (found == nullptr) found = spine::find_interaction(std::string{prefix} + name);
  }
  return found;
}

std::string known_interactions() {
  std::string names;
  for (const auto& one : spine::interactions()) names.append(names.empty() ? "" : ", ").append(short_name(one));
  return names;
}

/// The text without blanks at its ends, and without `word` if it begins with it.
std::string_view without(std::string_view word, std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  if (iequals(text.substr(0, word.size()), word)) text.remove_prefix(word.size());
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text.substr(0, text.find_last_not_of(kBlanks) + 1);
}

/// The token in what a developer copied: a header line, its value, or the token alone.
std::string_view token_in(std::string_view text) {
  return without("Bearer ", without("Authorization:", text));
}

/// What a token says, in the order of its claims: for a person, and as members of a JSON object. No control character
/// is among it: the checks of the claims' structure refuse them.
std::vector<std::pair<std::string_view, std::string>> told_by(const Token& token, bool show) {
  const auto patient = [&]() -> std::string {
    if (!token.patient) return {};
    return show ? spine::display(*token.patient) : spine::without_nhs_numbers(token.patient->text());
  };
  return {{"issuer", token.issuer},
          {"issued", to_iso8601(token.issued_at)},
          {"expires", to_iso8601(token.expires_at)},
          {"scope", token.scope},
          {"patient", patient()},
          {"record_organisation", token.record_organisation ? token.record_organisation->text() : std::string{}},
          {"device", token.device},
          {"organisation", token.organisation.text()},
          {"organisation_name", token.organisation_name},
          {"user", token.user_id},
          {"user_sds_id", token.user_sds_id},
          {"user_name", token.user_name},
          {"user_role", token.user_role}};
}

/// What was checked, and how it went.
struct Finding {
  const Interaction& interaction;
  Instant at;
  fhir::Checked<Token> token;
};

class Json {
 public:
  void member(std::string_view name, std::string_view text) {
    key(name);
    writer_.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  }
  void key(std::string_view name) { writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size())); }
  rapidjson::Writer<rapidjson::StringBuffer>& operator*() { return writer_; }
  [[nodiscard]] std::string_view text() const { return {buffer_.GetString(), buffer_.GetSize()}; }

 private:
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

void print_json(const Finding& finding, bool show, std::FILE* out) {
  Json json;
  (*json).StartObject();
  json.key("right");
  (*json).Bool(finding.token.has_value());
  json.member("interaction", finding.interaction.id);
  json.member("at", to_iso8601(finding.at));
  if (finding.token) {
    json.key("token");
    (*json).StartObject();
    for (const auto& [name, text] : told_by(*finding.token, show)) {
      if (!text.empty()) json.member(name, text);
    }
    (*json).EndObject();
  } else {
    const auto& refusal = finding.token.error();
    json.key("status");
    (*json).Int(refusal.status);
    json.key("faults");
    (*json).StartArray();
    for (const auto& issue : refusal.issues) {
      (*json).StartObject();
      json.member("claim", issue.location);
      json.member("rule", issue.rule);
      json.member("code", fhir::code_of(issue.code));
      json.member("diagnostics", issue.diagnostics);
      (*json).EndObject();
    }
    (*json).EndArray();
  }
  (*json).EndObject();
  fmt::print(out, "{}\n", json.text());
}

void print_text(const Finding& finding, std::string_view file, bool show, const LintStreams& streams) {
  if (!finding.token) {
    const auto& issues = finding.token.error().issues;
    for (const auto& issue : issues) fmt::print(streams.out, "{}\n", issue_line(file, issue));
    fmt::print(streams.err, "{} for {} at {}\n", counted(issues.size(), "fault"), short_name(finding.interaction),
               to_iso8601(finding.at));
    return;
  }
  fmt::print(streams.out, "{}: right for {} at {}\n", file, short_name(finding.interaction), to_iso8601(finding.at));
  for (const auto& [name, text] : told_by(*finding.token, show)) {
    if (!text.empty()) fmt::print(streams.out, "  {:<20}{}\n", name, text);
  }
}

}  // namespace

int lint_jwt(const LintJwtOptions& options, const LintStreams& streams, Instant now) {
  const auto* const interaction = interaction_named(options.interaction);
  if (interaction == nullptr) {
    fmt::print(streams.err, "--interaction {}: there is none of this name. Known: {}\n", options.interaction,
               known_interactions());
    return kExitUsage;
  }
  if (!options.at.empty()) {
    const auto at = parse_fhir_datetime(options.at);
    if (!at || !at->instant) {
      fmt::print(streams.err, "--at {}: is not a moment with seconds and zone, such as 2026-11-21T09:00:00Z\n",
                 options.at);
      return kExitUsage;
    }
    now = *at->instant;
  }
  const auto file = options.file == kStandardInput ? std::string{"<stdin>"} : options.file;
  const auto text = read_input(options.file, streams.in, kInputBytes);
  if (!text) {
    fmt::print(streams.err, "{}: {}\n", file, text.error().detail);
    return kExitFailed;
  }
  const Finding finding{*interaction, now, spine::check_token(token_in(*text), *interaction, now)};
  if (options.json) {
    print_json(finding, options.show, streams.out);
  } else {
    print_text(finding, file, options.show, streams);
  }
  return finding.token ? kExitDone : kExitRefused;
}

int run_lint_jwt(const LintJwtOptions& options) {
  return lint_jwt(options, {}, SystemClock{}.now());
}

}  // namespace gw::app
