// The OpenAPI document, as far as answers can be held to it: which operation a request is, and what it may be answered.
#pragma once

#include <rapidjson/document.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::test {

class OpenApi {
 public:
  explicit OpenApi(const std::string& file);

  struct Operation {
    std::string path;         ///< "/{ods}/DSTU2/{version}/Order"
    std::string verb;         ///< "POST"
    std::string id;           ///< operationId
    std::string interaction;  ///< x-interaction; empty for the admin listener's
    const rapidjson::Value* value = nullptr;
  };
  [[nodiscard]] const std::vector<Operation>& operations() const { return operations_; }
  /// Of a request in the direct form; null where none has its verb and path. Fixed words go before parameters.
  [[nodiscard]] const Operation* find(std::string_view verb, std::string_view target) const;
  /// Whether the document has this status, with this media type (without parameters; empty: no body, which a recipient
  /// whose answer is passed on may leave out).
  [[nodiscard]] bool documents(const Operation& operation, int status, std::string_view media_type) const;
  /// Every $ref in the document that leads nowhere.
  [[nodiscard]] std::vector<std::string> broken_references() const;
  [[nodiscard]] const rapidjson::Document& json() const { return json_; }
  /// The value itself, or what its $ref names.
  [[nodiscard]] const rapidjson::Value& resolved(const rapidjson::Value& value) const;

 private:
  rapidjson::Document json_;
  std::vector<Operation> operations_;
};

}  // namespace gw::test
