// A validator for the part of JSON Schema that the schemas in docs/ use: type, const, enum,
// properties, required, additionalProperties (false only), items, minItems, maxItems, minimum,
// anyOf, and $ref into $defs. A keyword it does not know is an error, so that no schema is checked
// by half.
#ifndef HOARFROST_TESTS_SUPPORT_JSON_SCHEMA_H_
#define HOARFROST_TESTS_SUPPORT_JSON_SCHEMA_H_

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace hoarfrost::testing {

// What is wrong with `value`, one line each with its JSON pointer; empty if all is well.
std::vector<std::string> SchemaErrors(const nlohmann::json& schema, const nlohmann::json& value);

// A schema of the project's docs folder, such as "inspect.schema.json".
nlohmann::json ReadSchema(const std::string& file);

}  // namespace hoarfrost::testing

#endif  // HOARFROST_TESTS_SUPPORT_JSON_SCHEMA_H_
