#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "plan/plan.h"

namespace hoarfrost::plan {
namespace {

using nlohmann::json;

constexpr size_t kLargestPlan = size_t{1} << 28;  // bytes; a plan of a million tensors takes half

struct List {
  const char* key;
  std::vector<Entry> Plan::* entries;
};
constexpr std::array<List, 5> kLists = {{{"trainable", &Plan::trainable},
                                         {"frozen", &Plan::frozen},
                                         {"statistics", &Plan::statistics},
                                         {"frozen_statistics", &Plan::frozen_statistics},
                                         {"other", &Plan::other}}};

void WriteEntry(base::JsonWriter& out, const Entry& entry) {
  out.BeginObject();
  out.NameField("name", entry.name);
  out.NameField("scope", entry.scope);
  out.TextField("dtype", entry.dtype);
  out.Key("shape");
  out.BeginArray();
  for (const int64_t dim : entry.shape) out.Int(dim);
  out.EndArray();
  out.EndObject();
}

// Where a text stops being JSON: the document parser does not say so without exceptions.
class ErrorFinder : public json::json_sax_t {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(size_t at, const std::string&, const json::exception&) override {
    position = at;
    return false;
  }
  size_t position = 0;
};

absl::Status Bad(std::string text) {
  return absl::InvalidArgumentError(fmt::format("plan: {}", text));
}

absl::Status CheckKeys(const json& object, std::initializer_list<std::string_view> known,
                       std::string_view where) {
  for (const auto& item : object.items()) {
    if (std::find(known.begin(), known.end(), item.key()) != known.end()) continue;
    std::string hint;
    const auto near = base::NearNames(item.key(), std::vector<std::string_view>(known), 1);
    if (!near.empty()) hint = fmt::format(" (did you mean '{}'?)", near[0]);
    return Bad(fmt::format("{}unknown key {}{}", where, base::Quote(item.key()), hint));
  }
  return absl::OkStatus();
}

// The bytes of a name: KEY_base64 where it is given, else KEY.
absl::Status ReadName(const json& object, const char* key, std::string_view where,
                      std::string& out) {
  const auto text = object.find(key);
  if (text == object.end() || !text->is_string()) {
    return Bad(fmt::format("{}'{}' is not there or no string", where, key));
  }
  out = text->get_ref<const std::string&>();
  const std::string base64_key = fmt::format("{}_base64", key);
  const auto coded = object.find(base64_key);
  if (coded == object.end()) return absl::OkStatus();
  if (!coded->is_string() || !absl::Base64Unescape(coded->get_ref<const std::string&>(), &out)) {
    return Bad(fmt::format("{}'{}' is no base64 string", where, base64_key));
  }
  return absl::OkStatus();
}

absl::Status ReadEntry(const json& object, std::string_view where, Entry& entry) {
  if (!object.is_object()) return Bad(fmt::format("{}an entry is no object", where));
  if (absl::Status keys = CheckKeys(
          object, {"name", "name_base64", "scope", "scope_base64", "dtype", "shape"}, where);
      !keys.ok()) {
    return keys;
  }
  if (absl::Status name = ReadName(object, "name", where, entry.name); !name.ok()) return name;
  if (absl::Status scope = ReadName(object, "scope", where, entry.scope); !scope.ok()) return scope;
  const auto dtype = object.find("dtype");
  if (dtype == object.end() || !dtype->is_string()) {
    return Bad(fmt::format("{}'dtype' is not there or no string", where));
  }
  entry.dtype = dtype->get_ref<const std::string&>();
  const auto shape = object.find("shape");
  if (shape == object.end() || !shape->is_array()) {
    return Bad(fmt::format("{}'shape' is not there or no array", where));
  }
  for (const json& dim : *shape) {
    const bool fits = dim.is_number_integer() &&
                      (!dim.is_number_unsigned() ||
                       dim.get<uint64_t>() <= uint64_t{std::numeric_limits<int64_t>::max()});
    if (!fits) return Bad(fmt::format("{}'shape' holds something else than integers", where));
    entry.shape.push_back(dim.get<int64_t>());
  }
  return absl::OkStatus();
}

absl::Status ReadList(const json& root, const List& list, Plan& plan) {
  const auto found = root.find(list.key);
  if (found == root.end()) return Bad(fmt::format("'{}' is not there", list.key));
  if (!found->is_array()) return Bad(fmt::format("'{}' is no array", list.key));
  std::vector<Entry>& entries = plan.*list.entries;
  entries.reserve(found->size());
  for (const json& object : *found) {
    const std::string where = fmt::format("{}[{}]: ", list.key, entries.size());
    if (absl::Status read = ReadEntry(object, where, entries.emplace_back()); !read.ok()) {
      return read;
    }
  }
  return absl::OkStatus();
}

absl::Status ReadLayers(const json& root, Plan& plan) {
  const auto found = root.find("frozen_layers");
  if (found == root.end()) return absl::OkStatus();
  if (!found->is_array()) return Bad("'frozen_layers' is no array");
  for (const json& layer : *found) {
    std::string& path = plan.frozen_layers.emplace_back();
    if (layer.is_string()) {
      path = layer.get_ref<const std::string&>();
      continue;
    }
    if (!layer.is_object()) return Bad("'frozen_layers' holds something else than strings");
    constexpr std::string_view kWhere = "frozen_layers: ";
    if (absl::Status keys = CheckKeys(layer, {"path", "path_base64"}, kWhere); !keys.ok()) {
      return keys;
    }
    if (absl::Status read = ReadName(layer, "path", kWhere, path); !read.ok()) return read;
  }
  return absl::OkStatus();
}

struct Form {
  const char* key;
  const char* word;  // nullptr: true or false
  bool Forms::* on;
};
constexpr std::array<Form, 4> kForms = {{{"batchnorm", "arithmetic", &Forms::batchnorm_arithmetic},
                                         {"dropout", "identity", &Forms::dropout_identity},
                                         {"constants", nullptr, &Forms::constants},
                                         {"expose_trainable", nullptr, &Forms::expose_trainable}}};

void WriteForms(base::JsonWriter& out, const Forms& forms) {
  out.BeginObject();
  for (const Form& form : kForms) {
    if (!(forms.*form.on)) continue;
    if (form.word != nullptr) {
      out.TextField(form.key, form.word);
    } else {
      out.Field(form.key, true);
    }
  }
  out.EndObject();
}

absl::Status ReadForms(const json& root, Plan& plan) {
  const auto found = root.find("forms");
  if (found == root.end()) return absl::OkStatus();
  if (!found->is_object()) return Bad("'forms' is no object");
  constexpr std::string_view kWhere = "forms: ";
  if (absl::Status keys =
          CheckKeys(*found, {"batchnorm", "dropout", "constants", "expose_trainable"}, kWhere);
      !keys.ok()) {
    return keys;
  }
  for (const Form& form : kForms) {
    const auto value = found->find(form.key);
    if (value == found->end()) continue;
    if (form.word != nullptr) {
      if (!value->is_string() || value->get_ref<const std::string&>() != form.word) {
        return Bad(
            fmt::format("{}'{}' is something else than \"{}\"", kWhere, form.key, form.word));
      }
      plan.forms.*form.on = true;
    } else {
      if (!value->is_boolean()) return Bad(fmt::format("{}'{}' is no boolean", kWhere, form.key));
      plan.forms.*form.on = value->get<bool>();
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSchema(const json& root) {
  const auto schema = root.find("schema");
  if (schema == root.end() || !schema->is_string()) {
    return Bad(fmt::format("'schema' is not there; this reads \"{}\"", kPlanSchema));
  }
  const std::string& name = schema->get_ref<const std::string&>();
  if (name == kPlanSchema) return absl::OkStatus();
  return Bad(fmt::format("the schema is {}; this reads \"{}\"", base::Quote(name), kPlanSchema));
}

absl::Status CheckUnique(const Plan& plan) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const List& list : kLists) {
    for (const Entry& entry : plan.*list.entries) {
      if (!seen.emplace(entry.scope, entry.name).second) {
        return Bad(fmt::format("tensor {} is listed twice", base::Quote(entry.name)));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string ToJson(const Plan& plan) {
  base::StringSink sink;
  base::JsonWriter out(sink);
  out.BeginObject();
  out.TextField("schema", kPlanSchema);
  for (const List& list : kLists) {
    out.Key(list.key);
    out.BeginArray();
    for (const Entry& entry : plan.*list.entries) WriteEntry(out, entry);
    out.EndArray();
  }
  out.Key("frozen_layers");
  out.BeginArray();
  for (const std::string& path : plan.frozen_layers) {
    if (base::IsValidUtf8(path)) {
      out.String(path);
    } else {
      out.BeginObject();
      out.NameField("path", path);
      out.EndObject();
    }
  }
  out.EndArray();
  if (plan.forms.any()) {
    out.Key("forms");
    WriteForms(out, plan.forms);
  }
  out.EndObject();
  out.Flush();
  return std::move(sink.text);
}

absl::StatusOr<Plan> FromJson(std::string_view text) {
  if (text.size() > kLargestPlan) {
    return Bad(fmt::format("{} bytes are more than any plan takes", text.size()));
  }
  const json root = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (root.is_discarded()) {
    ErrorFinder finder;
    (void)json::sax_parse(text, &finder);
    return Bad(fmt::format("no valid JSON at byte {}", finder.position));
  }
  if (!root.is_object()) return Bad("the JSON is no object");
  if (absl::Status schema = CheckSchema(root); !schema.ok()) return schema;
  if (absl::Status keys = CheckKeys(root,
                                    {"schema", "trainable", "frozen", "statistics",
                                     "frozen_statistics", "other", "frozen_layers", "forms"},
                                    "");
      !keys.ok()) {
    return keys;
  }
  Plan plan;
  for (const List& list : kLists) {
    if (absl::Status read = ReadList(root, list, plan); !read.ok()) return read;
  }
  if (absl::Status read = ReadLayers(root, plan); !read.ok()) return read;
  if (absl::Status read = ReadForms(root, plan); !read.ok()) return read;
  if (absl::Status unique = CheckUnique(plan); !unique.ok()) return unique;
  return plan;
}

}  // namespace hoarfrost::plan
