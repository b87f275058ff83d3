#include "exchange/task_message.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "base/digest.hpp"
#include "base/version.hpp"
#include "rules/validator.hpp"
#include "spine/interaction.hpp"
#include "spine/token.hpp"

namespace gw::exchange {

namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void put(Writer& json, std::string_view name, std::string_view value) {
  json.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

void put_claim(Writer& json, std::string_view profile) {
  json.Key("meta");
  json.StartObject();
  json.Key("profile");
  json.StartArray();
  json.String(profile.data(), static_cast<rapidjson::SizeType>(profile.size()));
  json.EndArray();
  json.EndObject();
}

void put_reference(Writer& json, const char* name, const std::string& reference, const std::string& display) {
  json.Key(name);
  json.StartObject();
  put(json, "reference", reference);
  if (!display.empty()) put(json, "display", display);
  json.EndObject();
}

void put_coding(Writer& json, std::string_view system, std::string_view code) {
  json.Key("coding");
  json.StartArray();
  json.StartObject();
  put(json, "system", system);
  put(json, "code", code);
  json.EndObject();
  json.EndArray();
}

std::string as_xhtml(std::string_view text) {
  std::string div = R"(<div xmlns="http://www.w3.org/1999/xhtml">)";
  for (const char c : text) {
    switch (c) {
      case '&':
        div += "&amp;";
        break;
      case '<':
        div += "&lt;";
        break;
      case '>':
        div += "&gt;";
        break;
      case '\n':
        div += "<br/>";
        break;
      default:
        div += c;
    }
  }
  return div + "</div>";
}

void put_text(Writer& json, const TaskMessage& message) {
  json.Key("contained");
  json.StartArray();
  json.StartObject();
  put(json, "resourceType", "Basic");
  put(json, "id", "text");
  put_claim(json, rules::kTaskBasicProfile);
  json.Key("text");
  json.StartObject();
  put(json, "status", "additional");
  put(json, "div", as_xhtml(message.text));
  json.EndObject();
  json.Key("code");
  json.StartObject();
  put_coding(json, "http://fhir.nhs.net/ValueSet/gpconnect-task-narrative-1", "Task Narrative");
  json.EndObject();
  json.EndObject();
  json.EndArray();
}

}  // namespace

std::string make_order(const TaskMessage& message, Instant now) {
  rapidjson::StringBuffer buffer;
  Writer json{buffer};
  json.StartObject();
  put(json, "resourceType", "Order");
  put_claim(json, rules::kTaskOrderProfile);
  put_text(json, message);
  if (!message.identifier.empty()) {
    json.Key("identifier");
    json.StartArray();
    json.StartObject();
    put(json, "system", "urn:ietf:rfc:3986");
    put(json, "value", "urn:uuid:" + message.identifier);
    json.EndObject();
    json.EndArray();
  }
  put(json, "date", to_iso_date(london_day(now)));
  put_reference(json, "subject", "Patient/" + message.patient->logical_id, {});
  put_reference(json, "source", "Organization/" + message.from->logical_id, message.from->name);
  put_reference(json, "target", "Organization/" + message.to->logical_id, message.to->name);
  json.Key("reasonCodeableConcept");
  json.StartObject();
  put_coding(json, "http://fhir.nhs.net/ValueSet/gpconnect-task-type-1", message.action_needed ? "2" : "1");
  json.EndObject();
  json.Key("detail");
  json.StartArray();
  json.StartObject();
  put(json, "reference", "#text");
  json.EndObject();
  json.EndArray();
  json.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

namespace {

/// "Dr Ada Jones"; parts that are empty are left out.
std::string name_of(const User& user) {
  std::string name;
  for (const auto& part : {user.title, user.given, user.family}) {
    if (!part.empty()) name += (name.empty() ? "" : " ") + part;
  }
  return name;
}

/// `digits` hexadecimal digits, at most 32.
std::string random_hex(std::size_t digits) {
  auto text = random_uuid();
  std::erase(text, '-');
  return text.substr(0, digits);
}

}  // namespace

Headers make_headers(const directory::Organisation& from, const directory::Organisation& to,
                     const directory::Patient* patient, std::string_view interaction, const User& user, Instant now) {
  const auto* const known = spine::find_interaction(interaction);
  spine::Token token;
  token.issuer = "https://" + (from.fqdn.empty() ? std::string{"sender.invalid"} : from.fqdn);
  token.user_id = user.id;
  token.user_sds_id = user.sds_id;
  token.user_name = name_of(user);
  token.user_role = user.role;
  token.device = "gpconnect-gateway " + std::string{kVersion};
  token.organisation = from.ods;
  token.organisation_name = from.name;
  token.organisation_id = from.logical_id;
  if (patient != nullptr) {
    token.patient = patient->nhs_number;
  } else {
    token.record_organisation = to.ods;
  }
  if (known != nullptr && !known->scopes.empty()) token.scope = std::string{known->scopes.front()};
  token.issued_at = std::chrono::floor<seconds>(now);
  return {{"Ssp-TraceID", random_uuid()},
          {"Ssp-From", from.asid.text()},
          {"Ssp-To", to.asid.text()},
          {"Ssp-InteractionID", std::string{interaction}},
          {"Authorization", "Bearer " + spine::make_token(token)},
          {"Content-Type", "application/json+fhir; charset=UTF-8"},
          {"Accept", "application/json+fhir"},
          {"traceparent", "00-" + random_hex(32) + "-" + random_hex(16) + "-01"}};
}

}  // namespace gw::exchange
