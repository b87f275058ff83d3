// gpconnect-gateway audit verify | accept: is a gateway's audit as it was written? And what an operator says when it is
// not, and the gateway is held.
#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <unistd.h>

#include <memory>
#include <utility>

#include "app/commands.hpp"
#include "app/config.hpp"
#include "app/control.hpp"
#include "app/counted.hpp"
#include "app/operator_command.hpp"
#include "app/progress.hpp"
#include "outbox/audit_verify.hpp"
#include "outbox/outbox.hpp"

namespace gw::app {

namespace {

using outbox::AuditHead;
using outbox::AuditVerdict;

int fail(std::string_view why) {
  fmt::print(stderr, "{}\n", why);
  return kExitFailed;
}

void print_json(const AuditVerdict& verdict) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json{buffer};
  json.StartObject();
  json.Key("good");
  json.Bool(!verdict.flaw);
  json.Key("records");
  json.Int64(verdict.records);
  json.Key("key");
  json.String(verdict.key);
  json.Key("witness");
  json.Bool(verdict.witness);
  if (verdict.records > 0) {
    json.Key("head");
    json.String(outbox::to_text(AuditHead{verdict.records, verdict.head}));
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
    fmt::print("BROKEN: {}\ngood before it: {}\n", verdict.flaw->what, counted(verdict.records, "record"));
    return;
  }
  fmt::print(
      "good: {}, {}, {}\n", counted(verdict.records, "record"),
      verdict.key.empty() ? "without a key: who can write the file can make them anew" : "key " + verdict.key,
      verdict.witness ? "as the witness saw them" : "without a witness: records cut off at the end are not missed");
  if (verdict.records > 0) fmt::print("head: {}\n", outbox::to_text(AuditHead{verdict.records, verdict.head}));
}

}  // namespace

int run_audit_verify(const AuditVerifyOptions& options) {
  outbox::AuditCheck check;
  if (!options.head.empty()) {
    check.kept = outbox::audit_head_from(options.head);
    if (!check.kept) {
      fmt::print(stderr, "--head {}: a head is NUMBER:HASH, as audit verify prints it\n", options.head);
      return kExitUsage;
    }
  }
  ConfigMistakes mistakes;
  const auto config = load_config(options.config, mistakes);
  if (!mistakes.lines.empty()) return fail(fmt::format("{}", fmt::join(mistakes.lines, "\n")));
  const auto& audit = config.outbox.audit;
  auto keys = outbox::read_audit_keys(audit.key_file, audit.old_key_files);
  if (!keys) return fail(keys.error().detail);
  check.keys = std::move(*keys);
  check.witness = audit.witness;
  Progress progress{"records checked"};
  check.progress = [&progress](std::int64_t done, std::int64_t all) { progress.show(done, all); };
  const auto verdict = outbox::verify_audit(config.outbox.path, check);
  progress.clear();
  if (!verdict) return fail(verdict.error().detail);
  if (options.json) {
    print_json(*verdict);
  } else {
    print_text(*verdict);
  }
  return verdict->flaw ? kExitRefused : kExitDone;
}

int run_audit_accept(const AuditAcceptOptions& options) {
  if (auto right = check_reason(options.reason); !right) {
    fmt::print(stderr, "{}\n", right.error().detail);
    return kExitUsage;
  }
  ConfigMistakes mistakes;
  auto config = load_config(options.config, mistakes);
  if (!mistakes.lines.empty()) return fail(fmt::format("{}", fmt::join(mistakes.lines, "\n")));
  std::error_code ignored;
  if (!std::filesystem::exists(config.outbox.path, ignored)) {
    return fail(fmt::format("there is no outbox at {}", config.outbox.path.string()));
  }
  if (is_served(config.outbox.path)) {
    fmt::print(stderr, "there is nothing to accept: a gateway runs on this outbox, and is not held\n");
    return kExitRefused;
  }
  config.outbox.audit.accept = outbox::AcceptedAudit{fmt::format("uid {}", getuid()), login_name(), options.reason};
  const SystemClock clock;
  auto opened = outbox::Outbox::open(config.outbox, clock);
  if (!opened) {
    fmt::print(stderr, "{}\n", opened.error().detail);
    return opened.error().kind == FaultKind::kInvalid ? kExitRefused : kExitFailed;
  }
  (*opened)->stop();
  // Without a witness nothing tells a held gateway.
  const bool told = !config.outbox.audit.witness.empty();
  const auto done = fmt::format("the audit is taken as it is, which is on record in it; a gateway that is held {}",
                                told ? "goes on" : "has no witness to look at: send it SIGHUP, and it goes on");
  if (!options.json) {
    fmt::print("{}\n", done);
    return kExitDone;
  }
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json{buffer};
  json.StartObject();
  json.Key("done");
  json.Bool(true);
  json.Key("text");
  json.String(done);
  json.EndObject();
  fmt::print("{}\n", buffer.GetString());
  return kExitDone;
}

}  // namespace gw::app
