#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "base/digest.hpp"
#include "spine/claims.hpp"
#include "spine/token.hpp"

namespace gw::spine {

namespace {

/// Writes the payload's members one after the other.
class Json {
 public:
  void open() { writer_.StartObject(); }
  void open(std::string_view name) {
    key(name);
    writer_.StartObject();
  }
  void close() { writer_.EndObject(); }
  void open_array(std::string_view name) {
    key(name);
    writer_.StartArray();
  }
  void close_array() { writer_.EndArray(); }
  void text(std::string_view value) { writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size())); }
  /// Left out when empty.
  void member(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    key(name);
    text(value);
  }
  void member(std::string_view name, std::int64_t value) {
    key(name);
    writer_.Int64(value);
  }
  void identifier(std::string_view system, std::string_view value) {
    open();
    member("system", system);
    member("value", value);
    close();
  }
  [[nodiscard]] std::string_view bytes() const { return {buffer_.GetString(), buffer_.GetSize()}; }

 private:
  void key(std::string_view name) { writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size())); }

  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

/// Takes the text after the last space off `text` and gives it; all of `text` when there is no space.
std::string_view take_last_word(std::string_view& text) {
  const auto space = text.rfind(' ');
  const auto word = space == std::string_view::npos ? text : text.substr(space + 1);
  text = space == std::string_view::npos ? std::string_view{} : text.substr(0, space);
  return word;
}

void write_record(Json& json, const Token& token) {
  json.open("requested_record");
  json.member("resourceType", token.patient ? "Patient" : "Organization");
  json.open_array("identifier");
  if (token.patient) {
    json.identifier(kNhsNumberSystem, token.patient->text());
  } else {
    json.identifier(kOdsCodeSystem, token.record_organisation.value_or(token.organisation).text());
  }
  json.close_array();
  json.close();
}

void write_device(Json& json, const Token& token) {
  std::string_view model = token.device;
  const auto version = model.find(' ') == std::string_view::npos ? std::string_view{} : take_last_word(model);
  json.open("requesting_device");
  json.member("resourceType", "Device");
  json.open_array("identifier");
  json.identifier(token.issuer + "/device", model.empty() ? "1" : model);
  json.close_array();
  json.member("model", model);
  json.member("version", version);
  json.close();
}

void write_organization(Json& json, const Token& token) {
  json.open("requesting_organization");
  json.member("resourceType", "Organization");
  json.member("id", token.organisation_id);
  json.open_array("identifier");
  json.identifier(kOdsCodeSystem, token.organisation.text());
  json.close_array();
  json.member("name", token.organisation_name);
  json.close();
}

void write_name(Json& json, std::string_view name) {
  const auto family = take_last_word(name);
  auto given = take_last_word(name);
  // A name of one word: DSTU2 has no other place for it, and the rules want both parts.
  if (given.empty()) given = family;
  json.open("name");
  for (const auto& [part, value] : {std::pair{"family", family}, {"given", given}, {"prefix", name}}) {
    if (value.empty()) continue;
    json.open_array(part);
    json.text(value);
    json.close_array();
  }
  json.close();
}

void write_practitioner(Json& json, const Token& token) {
  json.open("requesting_practitioner");
  json.member("resourceType", "Practitioner");
  json.member("id", token.user_id);
  json.open_array("identifier");
  json.identifier(kSdsUserSystems.front(), token.user_sds_id.empty() ? token.user_id : token.user_sds_id);
  json.identifier(token.issuer + "/user", token.user_id);
  json.close_array();
  write_name(json, token.user_name);
  json.open_array("practitionerRole");
  json.open();
  json.open("role");
  json.open_array("coding");
  json.open();
  json.member("system", kJobRoleSystem);
  json.member("code", token.user_role);
  json.close();
  json.close_array();
  json.close();
  json.close();
  json.close_array();
  json.close();
}

}  // namespace

std::string make_token(const Token& token) {
  const auto issued = std::chrono::floor<seconds>(token.issued_at).time_since_epoch().count();
  Json json;
  json.open();
  json.member("iss", token.issuer);
  json.member("sub", token.user_id);
  json.member("aud", kAudience);
  json.member("exp", std::int64_t{issued} + kTokenLife);
  json.member("iat", std::int64_t{issued});
  json.member("reason_for_request", kReason);
  write_record(json, token);
  json.member("requested_scope", token.scope);
  write_device(json, token);
  write_organization(json, token);
  write_practitioner(json, token);
  json.close();
  return base64url_encode(R"({"alg":"none","typ":"JWT"})") + '.' + base64url_encode(json.bytes()) + '.';
}

}  // namespace gw::spine
