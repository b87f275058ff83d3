// topology.json: the demo's world as an outside client, test kit or load generator reads it.
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <array>
#include <fstream>

#include "app/demo_world.hpp"

namespace gw::app {

namespace {

using Writer = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

void put(Writer& json, const char* name, const std::string& value) {
  json.Key(name);
  json.String(value);
}

void put_party(Writer& json, const DemoWorld& world, const Party& party) {
  const auto& proxy = world.party("proxy");
  json.StartObject();
  put(json, "ods", party.ods);
  put(json, "asid", party.asid);
  put(json, "name", party.title);
  put(json, "fqdn", party.fqdn);
  put(json, "kind", party.kind);
  put(json, "address", "127.0.0.1:" + std::to_string(party.port));
  put(json, "admin_address", "127.0.0.1:" + std::to_string(party.admin_port));
  put(json, "console",
      party.console_port == 0 ? std::string{} : "https://localhost:" + std::to_string(party.console_port));
  put(json, "base", party.base());
  put(json, "proxied_base", party.kind == "proxy" ? std::string{} : proxy.url() + "/" + party.base());
  put(json, "organization", party.logical_id.empty() ? std::string{} : "Organization/" + party.logical_id);
  put(json, "recipient", party.recipient);
  put(json, "sharing_group", party.sharing_group);
  put(json, "cert", (world.pki() / (party.name + ".pem")).string());
  put(json, "key", (world.pki() / (party.name + ".key")).string());
  put(json, "received_log", party.kind == "proxy" ? std::string{} : (world.home(party) / "received.jsonl").string());
  json.EndObject();
}

void put_bad_certificates(Writer& json, const DemoWorld& world) {
  constexpr std::array<const char*, 6> kinds{"expired",   "revoked",       "self_signed",
                                             "untrusted", "wrong_purpose", "wrong_host"};
  json.Key("bad_certificates");
  json.StartObject();
  for (const auto* kind : kinds) {
    json.Key(kind);
    json.StartObject();
    put(json, "cert", (world.pki() / "bad" / kind).string() + ".pem");
    put(json, "key", (world.pki() / "bad" / kind).string() + ".key");
    json.EndObject();
  }
  json.EndObject();
}

void put_patients(Writer& json, const DemoWorld& world) {
  json.Key("patients");
  json.StartArray();
  for (const auto& patient : world.patients()) {
    json.StartObject();
    put(json, "nhs_number", patient.nhs_number);
    put(json, "registered_at", patient.registered_at);
    json.Key("references");
    json.StartObject();
    for (const auto& party : world.parties()) {
      if (!party.ods.empty()) put(json, party.ods.c_str(), "Patient/" + patient.logical_id);
    }
    json.EndObject();
    json.EndObject();
  }
  json.EndArray();
}

void put_console_users(Writer& json, const DemoWorld& world) {
  json.Key("console_users");
  json.StartArray();
  for (const auto& user : world.users()) {
    json.StartObject();
    put(json, "ods", world.party(user.party).ods);
    put(json, "user", user.id);
    put(json, "name", user.name);
    put(json, "role", user.role);
    put(json, "password", world.console_password());
    json.EndObject();
  }
  json.EndArray();
}

void put_processes(Writer& json, const DemoWorld& world, const std::vector<ChildProcess>& processes) {
  json.Key("processes");
  json.StartArray();
  for (std::size_t i = 0; i < processes.size(); ++i) {
    const auto& party = world.parties()[i];
    json.StartObject();
    put(json, "name", party.name);
    json.Key("pid");
    json.Int64(processes[i].pid());
    put(json, "config", world.config(party).string());
    put(json, "outbox", (world.home(party) / "outbox.db").string());
    json.EndObject();
  }
  json.EndArray();
}

}  // namespace

Status DemoWorld::write_topology() const {
  rapidjson::StringBuffer buffer;
  Writer json{buffer};
  json.StartObject();
  put(json, "ca", (pki() / "trust.pem").string());
  json.Key("parties");
  json.StartArray();
  for (const auto& each : parties_) put_party(json, *this, each);
  json.EndArray();
  put_bad_certificates(json, *this);
  put_patients(json, *this);
  put_console_users(json, *this);
  put_processes(json, *this, processes_);
  json.EndObject();

  // Written beside and renamed, so that a reader never sees half of it.
  const auto path = topology();
  const auto fresh = dir_ / "topology.json.new";
  std::ofstream out{fresh, std::ios::binary | std::ios::trunc};
  out << buffer.GetString() << '\n';
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(fresh, path, error);
  if (!out || error) return fault(FaultKind::kIo, "cannot write " + path.string());
  return Done{};
}

void DemoWorld::remove_topology() const {
  std::error_code none_there;
  std::filesystem::remove(topology(), none_there);
}

}  // namespace gw::app
