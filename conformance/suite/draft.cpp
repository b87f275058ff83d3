#include "draft.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/digest.hpp"
#include "base/time.hpp"

namespace gw::conformance {

namespace {

std::string order_of(const Scene& scene, const std::string& words, Instant now) {
  return R"({"resourceType":"Order","meta":{"profile":["http://fhir.nhs.net/StructureDefinition/gpconnect-task-order-1"]},)"
         R"("contained":[{"resourceType":"Basic","id":"t","meta":{"profile":[)"
         R"("http://fhir.nhs.net/StructureDefinition/gpconnect-task-description-basic-1"]},"text":{"status":"additional",)"
         R"("div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">)" +
         words +
         R"(</div>"},"code":{"coding":[{)"
         R"("system":"http://fhir.nhs.net/ValueSet/gpconnect-task-narrative-1","code":"Task Narrative"}]}}],"date":")" +
         to_iso_date(london_day(now)) + R"(","subject":{"reference":")" + scene.patient.references.at(scene.to.ods) +
         R"("},"source":{"reference":")" + scene.from.organization + R"("},"target":{"reference":")" +
         scene.to.organization +
         R"("},"reasonCodeableConcept":{"coding":[{"system":"http://fhir.nhs.net/ValueSet/gpconnect-task-type-1",)"
         R"("code":"1"}]},"detail":[{"reference":"#t"}]})";
}

std::string path_of(const std::string& base) {
  return base.substr(base.find('/', std::string_view{"https://"}.size()));
}

}  // namespace

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const auto at = text.find(what);
  if (at == std::string::npos) throw std::logic_error("nothing to replace: " + std::string{what});
  return text.replace(at, what.size(), with);
}

Draft::Draft(const Scene& of) : scene(of), path(path_of(of.to.base)), certificate(&of.from.certificate) {
  const auto now = SystemClock{}.now();
  token.issuer = "https://" + scene.from.fqdn;
  token.user_id = "1";
  token.user_sds_id = "111222333444";
  token.user_name = "Dr Ada Jones";
  token.user_role = "R0260";
  token.scope = "patient/*.write";
  token.device = "gpconnect-conformance 1";
  token.organisation = OdsCode{scene.from.ods};
  token.organisation_name = scene.from.name;
  token.organisation_id = scene.from.organization.substr(scene.from.organization.find('/') + 1);
  token.patient = NhsNumber{scene.patient.nhs_number};
  token.issued_at = std::chrono::floor<seconds>(now);
  // Words of its own, so that no task is taken for a blind repeat of another (OUT-11).
  words = "Conformance: please read. " + random_uuid();
  body = order_of(scene, words, now);
  headers = {{"Host", scene.to.base.substr(8, scene.to.base.find('/', 8) - 8)},
             {"Ssp-TraceID", random_uuid()},
             {"Ssp-From", scene.from.asid},
             {"Ssp-To", scene.to.asid},
             {"Ssp-InteractionID", "urn:nhs:names:services:gpconnect:fhir:rest:create:order"},
             {"Content-Type", "application/json+fhir; charset=UTF-8"},
             {"Accept", "application/json+fhir"}};
}

void Draft::set(std::string_view header, std::string value) {
  drop(header);
  headers.push_back({std::string{header}, std::move(value)});
}

void Draft::drop(std::string_view header) {
  std::erase_if(headers, [&](const Header& each) { return iequals(each.name, header); });
}

void Draft::edit(std::string_view what, std::string_view with) {
  body = replaced(std::move(body), what, with);
}

void Draft::read(std::string what, std::string_view interaction, std::string_view scope) {
  method = "GET";
  below = std::move(what);
  set("Ssp-InteractionID", "urn:nhs:names:services:gpconnect:fhir:rest:" + std::string{interaction});
  token.scope = scope;
  if (interaction.find("organization") != std::string_view::npos || interaction.ends_with("metadata")) {
    token.patient.reset();
    token.record_organisation = OdsCode{scene.to.ods};
  }
  drop("Content-Type");
  body.clear();
}

std::string Draft::bytes() const {
  auto jwt = spine::make_token(token);
  if (!claim_edits.empty()) {
    const auto begin = jwt.find('.') + 1;
    const auto end = jwt.find('.', begin);
    auto payload = base64url_decode(std::string_view{jwt}.substr(begin, end - begin)).value();
    for (const auto& [what, with] : claim_edits) payload = replaced(std::move(payload), what, with);
    jwt.replace(begin, end - begin, base64url_encode(payload));
  }
  auto text = method + ' ' + path + below + " HTTP/1.1\r\n";
  for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
  if (authorization != "none") {
    text += "Authorization: " + (authorization.empty() ? "Bearer " + jwt : authorization) + "\r\n";
  }
  if (method != "GET") text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return text + "Connection: close\r\n\r\n" + body;
}

Result<Answer> Draft::send(std::string_view raw) const {
  return exchange({scene.to.address, scene.to.fqdn, scene.topology.ca}, certificate, tls, raw, newest_tls);
}

}  // namespace gw::conformance
