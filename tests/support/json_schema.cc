#include "support/json_schema.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

namespace hoarfrost::testing {
namespace {

using nlohmann::json;

bool IsOfType(const json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "number") return value.is_number();
  if (type == "integer") return value.is_number_integer();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  return false;
}

class Validator {
 public:
  explicit Validator(const json& root) : root_(root) {}

  void Check(const json& schema, const json& value, const std::string& at) {
    if (errors.size() > 20) return;
    for (const auto& [keyword, rule] : schema.items()) {
      if (!Apply(keyword, rule, schema, value, at)) Fail(at, "unknown keyword " + keyword);
    }
  }

  std::vector<std::string> errors;

 private:
  void Fail(const std::string& at, const std::string& what) {
    errors.push_back(fmt::format("{}: {}", at.empty() ? "/" : at, what));
  }

  bool Apply(const std::string& keyword, const json& rule, const json& schema, const json& value,
             const std::string& at) {
    if (keyword == "$schema" || keyword == "title" || keyword == "$defs") return true;
    if (keyword == "$ref") {
      const std::string ref = rule.get<std::string>();
      Check(root_.at(json::json_pointer(ref.substr(1))), value, at);
    } else if (keyword == "type") {
      const json types = rule.is_array() ? rule : json::array({rule});
      bool fits = false;
      for (const json& type : types) fits |= IsOfType(value, type.get<std::string>());
      if (!fits) Fail(at, "is no " + rule.dump() + ": " + value.dump().substr(0, 80));
    } else if (keyword == "const") {
      if (value != rule) Fail(at, "is not " + rule.dump());
    } else if (keyword == "enum") {
      if (std::find(rule.begin(), rule.end(), value) == rule.end()) {
        Fail(at, value.dump() + " is none of " + rule.dump());
      }
    } else if (keyword == "minimum") {
      if (value.is_number() && value < rule) Fail(at, "is below " + rule.dump());
    } else if (keyword == "minItems") {
      if (value.is_array() && value.size() < rule.get<size_t>()) Fail(at, "has too few items");
    } else if (keyword == "maxItems") {
      if (value.is_array() && value.size() > rule.get<size_t>()) Fail(at, "has too many items");
    } else if (keyword == "items") {
      if (!value.is_array()) return true;
      for (size_t i = 0; i < value.size(); ++i) Check(rule, value[i], fmt::format("{}/{}", at, i));
    } else if (keyword == "required") {
      for (const json& key : rule) {
        if (value.is_object() && !value.contains(key.get<std::string>())) {
          Fail(at, "lacks " + key.dump());
        }
      }
    } else if (keyword == "properties") {
      if (!value.is_object()) return true;
      for (const auto& [key, member] : value.items()) {
        const auto known = rule.find(key);
        if (known != rule.end()) Check(*known, member, at + "/" + key);
      }
    } else if (keyword == "additionalProperties") {
      if (rule != false || !value.is_object()) return rule == false;
      for (const auto& item : value.items()) {
        if (!schema.at("properties").contains(item.key())) Fail(at, "unknown field " + item.key());
      }
    } else if (keyword == "anyOf") {
      for (const json& option : rule) {
        Validator one(root_);
        one.Check(option, value, at);
        if (one.errors.empty()) return true;
      }
      Fail(at, "fits none of anyOf: " + value.dump().substr(0, 120));
    } else {
      return false;
    }
    return true;
  }

  const json& root_;
};

}  // namespace

std::vector<std::string> SchemaErrors(const json& schema, const json& value) {
  Validator validator(schema);
  validator.Check(schema, value, "");
  return validator.errors;
}

json ReadSchema(const std::string& file) {
  std::ifstream in(std::string(HOARFROST_DOCS) + "/" + file);
  EXPECT_TRUE(in.is_open()) << file;
  json schema = json::parse(in, nullptr, false);
  EXPECT_FALSE(schema.is_discarded()) << file;
  return schema;
}

}  // namespace hoarfrost::testing
