// gpconnect-gateway check-config: every mistake of a configuration, without starting anything.
#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "app/commands.hpp"
#include "app/config.hpp"

namespace gw::app {

namespace {

std::string as_json(const ConfigMistakes& mistakes, const std::vector<std::string>& warnings) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json{buffer};
  json.StartObject();
  json.Key("right");
  json.Bool(mistakes.lines.empty());
  json.Key("mistakes");
  json.StartArray();
  for (const auto& line : mistakes.lines) json.String(line);
  json.EndArray();
  json.Key("warnings");
  json.StartArray();
  for (const auto& line : warnings) json.String(line);
  json.EndArray();
  json.EndObject();
  return buffer.GetString();
}

}  // namespace

int run_check_config(const std::filesystem::path& file, bool json) {
  ConfigMistakes mistakes;
  const auto config = load_config(file, mistakes);
  std::vector<std::string> warnings;
  if (mistakes.lines.empty()) {
    // What the parts would say at start is said here already, without starting anything.
    check_directory(config, mistakes);
    check_token_keys(config, mistakes);
    check_audit_keys(config, mistakes);
    check_certificates(config, SystemClock{}.now(), mistakes);
    if (const auto tls = net::ServerTls::load(config.tls, config.resumption)) warnings = (*tls)->warnings();
    for (auto& warning : audit_warnings(config)) warnings.push_back(std::move(warning));
  }
  if (!json) {
    for (const auto& line : warnings) fmt::print("warning: {}\n", line);
  }
  if (json) {
    fmt::print("{}\n", as_json(mistakes, warnings));
  } else if (mistakes.lines.empty()) {
    fmt::print("{}: right\n", file.string());
  } else {
    for (const auto& line : mistakes.lines) fmt::print("{}\n", line);
  }
  return mistakes.lines.empty() ? kExitDone : kExitRefused;
}

}  // namespace gw::app
