#include "envelope/openapi.hpp"

#include <rapidjson/pointer.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace gw::test {

namespace {

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  path = path.substr(0, path.find('?'));
  while (!path.empty()) {
    path.remove_prefix(1);
    segments.push_back(path.substr(0, path.find('/')));
    path.remove_prefix(segments.back().size());
  }
  return segments;
}

bool fits(std::string_view path, std::string_view target) {
  const auto wanted = segments_of(path);
  const auto given = segments_of(target);
  return wanted.size() == given.size() &&
         std::equal(wanted.begin(), wanted.end(), given.begin(),
                    [](auto want, auto have) { return want.starts_with('{') ? !have.empty() : want == have; });
}

void add_broken(const rapidjson::Document& document, const rapidjson::Value& value, std::vector<std::string>& broken) {
  if (value.IsArray()) {
    for (const auto& item : value.GetArray()) add_broken(document, item, broken);
  }
  if (!value.IsObject()) return;
  for (const auto& member : value.GetObject()) {
    if (std::string_view{member.name.GetString()} == "$ref") {
      const std::string where = member.value.GetString();
      if (rapidjson::Pointer{where.c_str()}.Get(document) == nullptr) broken.push_back(where);
    } else {
      add_broken(document, member.value, broken);
    }
  }
}

}  // namespace

OpenApi::OpenApi(const std::string& file) {
  std::ifstream in{file};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  if (json_.Parse(text.c_str()).HasParseError()) throw std::logic_error(file + " is no JSON");
  constexpr std::array<const char*, 4> verbs{"get", "post", "put", "delete"};
  for (const auto& path : json_["paths"].GetObject()) {
    for (const auto* const verb : verbs) {
      const auto found = path.value.FindMember(verb);
      if (found == path.value.MemberEnd()) continue;
      const auto& value = found->value;
      std::string upper = verb;
      std::transform(upper.begin(), upper.end(), upper.begin(),
                     [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      operations_.push_back({path.name.GetString(), upper, value["operationId"].GetString(),
                             value.HasMember("x-interaction") ? value["x-interaction"].GetString() : "", &value});
    }
  }
}

const OpenApi::Operation* OpenApi::find(std::string_view verb, std::string_view target) const {
  const Operation* best = nullptr;
  const auto parameters = [](const Operation& one) { return std::count(one.path.begin(), one.path.end(), '{'); };
  for (const auto& one : operations_) {
    if (one.verb != verb || !fits(one.path, target)) continue;
    if (best == nullptr || parameters(one) < parameters(*best)) best = &one;
  }
  return best;
}

const rapidjson::Value& OpenApi::resolved(const rapidjson::Value& value) const {
  const auto reference = value.FindMember("$ref");
  if (reference == value.MemberEnd()) return value;
  return *rapidjson::Pointer{reference->value.GetString()}.Get(json_);
}

bool OpenApi::documents(const Operation& operation, int status, std::string_view media_type) const {
  const auto& responses = (*operation.value)["responses"];
  const auto found = responses.FindMember(std::to_string(status).c_str());
  if (found == responses.MemberEnd()) return false;
  const auto& response = resolved(found->value);
  return media_type.empty() ||
         (response.HasMember("content") && response["content"].HasMember(std::string{media_type}.c_str()));
}

std::vector<std::string> OpenApi::broken_references() const {
  std::vector<std::string> broken;
  add_broken(json_, json_, broken);
  return broken;
}

}  // namespace gw::test
