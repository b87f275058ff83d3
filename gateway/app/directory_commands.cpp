// gpconnect-gateway directory check | show: the directory's files as the gateway would read them, and what follows from
// one entry. Reads the files alone: what a directory service adds is not asked for.
#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <utility>

#include "app/commands.hpp"
#include "app/counted.hpp"
#include "app/directory_report.hpp"
#include "directory/csv.hpp"
#include "directory/forms.hpp"

namespace gw::app {

namespace {

using directory::Directory;
using directory::Organisation;
using Json = rapidjson::Writer<rapidjson::StringBuffer>;
using Lines = std::vector<std::string>;

int fail(const Lines& lines) {
  for (const auto& line : lines) fmt::print(stderr, "{}\n", line);
  return kExitFailed;
}

void put(Json& json, const char* name, const std::string& value) {
  json.Key(name);
  json.String(value);
}

void put(Json& json, const char* name, const Lines& values) {
  json.Key(name);
  json.StartArray();
  for (const auto& value : values) json.String(value);
  json.EndArray();
}

/// What a check found.
struct Checked {
  std::size_t organisations = 0, patients = 0;
  DirectoryFindings findings;
};

/// `mistakes` is that of loading `config`, without a mistake.
Checked check(const Config& config, ConfigMistakes mistakes) {
  Checked checked;
  check_directory(config, mistakes);
  checked.findings.mistakes = std::move(mistakes.lines);
  if (const auto loaded = directory::load_csv(config.organisations, config.patients)) {
    checked.organisations = (*loaded)->organisations().size();
    checked.patients = (*loaded)->patients().size();
    checked.findings.warnings = examine_directory(**loaded, config).warnings;
  }
  return checked;
}

void print_json(const Checked& checked) {
  rapidjson::StringBuffer buffer;
  Json json{buffer};
  json.StartObject();
  json.Key("right");
  json.Bool(checked.findings.mistakes.empty());
  json.Key("organisations");
  json.Uint64(checked.organisations);
  json.Key("patients");
  json.Uint64(checked.patients);
  put(json, "mistakes", checked.findings.mistakes);
  put(json, "warnings", checked.findings.warnings);
  json.EndObject();
  fmt::print("{}\n", buffer.GetString());
}

void put(Json& json, const DirectoryReport& report) {
  const auto& organisation = *report.organisation;
  json.StartObject();
  put(json, "ods", organisation.ods.text());
  put(json, "place", report.place);
  put(json, "name", organisation.name);
  put(json, "type", organisation.type);
  put(json, "reference", "Organization/" + organisation.logical_id);
  put(json, "asid", organisation.asid.text());
  put(json, "party_key", organisation.party_key);
  put(json, "fqdn", organisation.fqdn);
  put(json, "interactions", organisation.interactions);
  put(json, "sharing_group", organisation.sharing_group);
  put(json, "receives", report.receives);
  put(json, "base", report.base);
  put(json, "proxied", report.proxied);
  put(json, "connects_to", report.connects_to);
  put(json, "certificate", report.certificate);
  put(json, "may_send_to", report.may_send);
  put(json, "may_receive_from", report.may_receive);
  json.Key("policy");
  json.StartArray();
  for (const auto& [name, meaning] : report.policy) {
    json.StartObject();
    put(json, "name", name);
    put(json, "meaning", meaning);
    json.EndObject();
  }
  json.EndArray();
  put(json, "policy_reason", organisation.policy.reason);
  put(json, "mistakes", report.findings.mistakes);
  put(json, "warnings", report.findings.warnings);
  json.EndObject();
}

void print_row(std::string_view name, std::string_view value) {
  if (!value.empty()) fmt::print("{:<14} {}\n", name, value);
}

std::string way_of(const DirectoryReport& report) {
  if (report.receives == "mailbox") return "in its mailbox here, at " + report.base;
  if (report.receives == "service") return "where the directory service says, which is asked when a task comes";
  if (report.receives == "nothing") return "nothing: it has neither a mailbox here nor an endpoint";
  if (report.connects_to.empty()) return "nothing: " + report.base + " is no endpoint that can be delivered to";
  return fmt::format("at {} (connecting to {}, where the certificate must be for {})", report.base, report.connects_to,
                     report.certificate);
}

std::string or_nobody(const Lines& codes) {
  return codes.empty() ? "nobody" : fmt::format("{}", fmt::join(codes, " "));
}

void print_text(const DirectoryReport& report) {
  const auto& organisation = *report.organisation;
  print_row("organisation", fmt::format("{} {}", organisation.ods.text(), organisation.name));
  print_row("type", organisation.type);
  print_row("entry", report.place);
  print_row("reference", "Organization/" + organisation.logical_id);
  print_row("ASID", organisation.asid.empty() ? "none" : organisation.asid.text());
  print_row("party key", organisation.party_key);
  print_row("FQDN", organisation.fqdn);
  print_row("accredited for", organisation.interactions.empty()
                                  ? std::string{"every interaction that the gateway knows"}
                                  : fmt::format("{}", fmt::join(organisation.interactions, "\n               ")));
  print_row("sharing group", organisation.sharing_group.empty() ? "none" : organisation.sharing_group);
  print_row("receives", way_of(report));
  print_row("or proxied at", report.proxied);
  print_row("may send to", or_nobody(report.may_send));
  print_row("hears from", or_nobody(report.may_receive));
  for (const auto& [name, meaning] : report.policy) print_row("policy", fmt::format("{}: {}", name, meaning));
  print_row("reason", organisation.policy.reason);
  for (const auto& line : report.findings.mistakes) print_row("mistake", line);
  for (const auto& line : report.findings.warnings) print_row("warning", line);
}

/// By ODS code, ASID or FQDN; several systems may have one FQDN.
std::vector<const Organisation*> found_as(const std::string& who, const Directory& directory) {
  std::vector<const Organisation*> found;
  const auto name = directory::lower_case(who);
  for (const auto& organisation : directory.organisations()) {
    if (organisation.ods.text() == who || organisation.asid.text() == who || organisation.fqdn == name)
      found.push_back(&organisation);
  }
  return found;
}

}  // namespace

int run_directory_check(const DirectoryOptions& options) {
  ConfigMistakes mistakes;
  const auto config = load_config(options.config, mistakes);
  if (!mistakes.lines.empty()) return fail(mistakes.lines);
  const auto checked = check(config, std::move(mistakes));
  const auto& findings = checked.findings;
  if (options.json) {
    print_json(checked);
  } else {
    for (const auto& line : findings.mistakes) fmt::print("{}\n", line);
    for (const auto& line : findings.warnings) fmt::print("warning: {}\n", line);
    if (findings.mistakes.empty())
      fmt::print("right: {}, {}\n", counted(checked.organisations, "organisation"),
                 counted(checked.patients, "patient"));
  }
  return findings.mistakes.empty() ? kExitDone : kExitRefused;
}

int run_directory_show(const DirectoryOptions& options) {
  ConfigMistakes mistakes;
  const auto config = load_config(options.config, mistakes);
  if (!mistakes.lines.empty()) return fail(mistakes.lines);
  const auto loaded = directory::load_csv(config.organisations, config.patients);
  if (!loaded) return fail({loaded.error().detail});
  const auto found = found_as(options.who, **loaded);
  if (found.empty()) {
    fmt::print(stderr, "'{}' is no ODS code, ASID or FQDN in {}\n", options.who,
               config.organisations.filename().string());
    return kExitRefused;
  }
  rapidjson::StringBuffer buffer;
  Json json{buffer};
  json.StartArray();
  for (const auto* organisation : found) {
    const auto report = report_on(**loaded, *organisation, config);
    if (options.json) {
      put(json, report);
    } else {
      if (organisation != found.front()) fmt::print("\n");
      print_text(report);
    }
  }
  json.EndArray();
  if (options.json) fmt::print("{}\n", buffer.GetString());
  return kExitDone;
}

}  // namespace gw::app
