// gpconnect-gateway audit verify: is a gateway's audit as it was written? Also while it runs.
#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "app/commands.hpp"
#include "app/config.hpp"
#include "outbox/audit_chain.hpp"

namespace gw::app {

namespace {

using outbox::AuditVerdict;
using outbox::AuditWitness;

void print_json(const AuditVerdict& verdict) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json{buffer};
  json.StartObject();
  json.Key("good");
  json.Bool(!verdict.flaw);
  json.Key("records");
  json.Int64(verdict.records);
  if (verdict.records > 0) {
    json.Key("head");
    json.String(outbox::to_text(AuditWitness{verdict.records, verdict.head}));
  }
  if (verdict.flaw) {
    json.Key("first_bad");
    json.Int64(verdict.flaw->number);
    json.Key("what");
    json.String(verdict.flaw->what);
  }
  json.EndObject();
  fmt::print("{}\n", buffer.GetString());
}

void print_text(const AuditVerdict& verdict) {
  if (verdict.flaw) {
    fmt::print("BROKEN: {}\n{} records before it are good\n", verdict.flaw->what, verdict.records);
    return;
  }
  fmt::print("good: {} records\n", verdict.records);
  if (verdict.records > 0) fmt::print("head: {}\n", outbox::to_text(AuditWitness{verdict.records, verdict.head}));
}

}  // namespace

int run_audit_verify(const AuditOptions& options) {
  std::optional<AuditWitness> witness;
  if (!options.head.empty()) {
    witness = outbox::witness_from(options.head);
    if (!witness) {
      fmt::print(stderr, "--head {}: a head is NUMBER:HASH, as audit verify prints it\n", options.head);
      return kExitUsage;
    }
  }
  ConfigMistakes mistakes;
  const auto config = load_config(options.config, mistakes);
  if (!mistakes.lines.empty()) {
    fmt::print(stderr, "{}\n", fmt::join(mistakes.lines, "\n"));
    return kExitFailed;
  }
  const auto verdict = outbox::verify_audit(config.outbox.path, witness);
  if (!verdict) {
    fmt::print(stderr, "{}\n", verdict.error().detail);
    return kExitFailed;
  }
  if (options.json) {
    print_json(*verdict);
  } else {
    print_text(*verdict);
  }
  return verdict->flaw ? kExitRefused : kExitDone;
}

}  // namespace gw::app
