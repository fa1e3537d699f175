#include "report/explain.h"

#include <fmt/format.h>

#include <vector>

#include "base/json_writer.h"
#include "base/text.h"
#include "payload/dtype.h"
#include "report/json.h"

namespace hoarfrost::report {
namespace {

using model::kNone;
using model::NodeId;
using model::TensorId;
using roles::Role;

size_t Index(int32_t id) { return static_cast<size_t>(id); }

constexpr size_t kMostUsers = 20;  // lines for people; the JSON has them all

std::string NodeText(const summary::Summary& model, NodeId n) {
  const model::Node& node = model.facts.nodes[Index(n)];
  const std::string& name = node.proto->name();
  const std::string& scope = model.facts.scopes[Index(node.scope)].path;
  std::string text = base::Escape(node.proto->op_type());
  text += name.empty() ? fmt::format(" (node {})", node.index) : " " + base::Quote(name);
  if (!scope.empty()) text += fmt::format(" in {}", base::Escape(scope));
  return text;
}

std::string LayerText(const summary::Summary& model, model::LayerId layer) {
  if (layer == kNone) return "";
  const model::Layer& found = model.layers.layers[Index(layer)];
  return fmt::format("{} ({})", base::Escape(found.path), base::Escape(found.type));
}

std::string StorageText(const model::Tensor& tensor) {
  const payload::Storage& storage = tensor.storage;
  if (storage.kind == payload::StorageKind::kExternal) {
    return fmt::format("external data in {}, from byte {}{}", base::Quote(storage.location),
                       storage.offset,
                       storage.length ? fmt::format(", {} bytes", *storage.length) : "");
  }
  const std::string_view where = storage.kind == payload::StorageKind::kInline
                                     ? "in the model file (raw_data)"
                                     : "in the model file (typed fields)";
  if (storage.spans.empty()) return fmt::format("{}, nothing stored", where);
  return fmt::format(
      "{}, from byte {}, {} bytes{}", where, storage.spans[0].offset, storage.spans[0].length,
      storage.spans.size() > 1 ? fmt::format(" and {} more parts", storage.spans.size() - 1) : "");
}

struct User {
  NodeId node;
  int32_t slot;
};

std::vector<User> UsersOf(const summary::Summary& model, TensorId t) {
  std::vector<User> users;
  const model::ValueId value = model.tensor(t).value;
  if (value == kNone) return users;
  for (const model::Use& use : model.facts.uses(value)) users.push_back({use.node, use.slot});
  return users;
}

std::string ShapeText(const model::Tensor& tensor) {
  return fmt::format("{} [{}]", payload::DtypeName(tensor.dtype), fmt::join(tensor.dims, ", "));
}

void WriteNode(const summary::Summary& model, NodeId n, base::JsonWriter& json) {
  const model::Node& node = model.facts.nodes[Index(n)];
  json.NameField("node", node.proto->name());
  json.NameField("op_type", node.proto->op_type());
  json.NameField("scope", model.facts.scopes[Index(node.scope)].path);
  json.Field("index", static_cast<uint64_t>(node.index));
}

bool IsFrozenStatistic(const summary::Summary& model, TensorId t) {
  if (!model.frozen.plan.has_value()) return false;
  const model::Tensor& tensor = model.tensor(t);
  const std::string& scope = model.facts.scopes[Index(tensor.scope)].path;
  for (const plan::Entry& entry : model.frozen.plan->frozen_statistics) {
    if (entry.name == tensor.name && entry.scope == scope) return true;
  }
  return false;
}

}  // namespace

std::string FrozenText(const summary::Summary& model, TensorId t) {
  const model::Tensor& tensor = model.tensor(t);
  switch (model.role(t).role) {
    case Role::kStatistic:
      return IsFrozenStatistic(model, t)
                 ? "no, but it must not move: its layer is frozen by the model's plan "
                   "(hoarfrost.plan)"
                 : "no, but never trainable: a statistic is estimated from data and takes no "
                   "gradient";
    case Role::kWeight:
      break;
    default:
      return "no, but never trainable: it is no weight";
  }
  if (model.frozen.frozen[Index(t)]) return "yes: the model's plan (hoarfrost.plan) says so";
  if (model.frozen.stated_outside[Index(t)]) {
    return "yes: no update_binding of the model's training_info writes it";
  }
  if (!payload::IsTrainableFloat(tensor.dtype)) {
    return fmt::format("no, but not trainable either: no gradient reaches {} values",
                       payload::DtypeName(tensor.dtype));
  }
  return model.frozen.plan.has_value() ? "no: the model's plan does not freeze it"
                                       : "no: the model has no plan";
}

void WriteExplanation(const summary::Summary& model, TensorId t, base::Sink& sink) {
  const model::Tensor& tensor = model.tensor(t);
  const roles::TensorRole& role = model.role(t);
  std::string text;
  const auto line = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) text += fmt::format("  {:<9} {}\n", key, value);
  };
  text += fmt::format("{}  {}  {}\n", base::Escape(tensor.name), ShapeText(tensor),
                      base::Escape(model.file));
  line("scope", base::Escape(model.facts.scopes[Index(tensor.scope)].path));
  line("role", RoleName(role.role));
  line("reason", fmt::format("{} ({})", base::Escape(role.text), ReasonName(role.kind)));
  std::string path;
  for (const NodeId node : role.path) path += fmt::format("{} > ", NodeText(model, node));
  if (role.decided_by.node != kNone) {
    path +=
        fmt::format("{}, input {}", NodeText(model, role.decided_by.node), role.decided_by.slot);
  }
  line("path", path);
  line("frozen", FrozenText(model, t));
  line("layer", LayerText(model, model.layers.tensor_layer[Index(t)]));
  const std::vector<User> users = UsersOf(model, t);
  line("users", users.empty() ? "none" : "");
  for (size_t i = 0; i < users.size() && i < kMostUsers; ++i) {
    const model::LayerId layer = model.layers.node_layer[Index(users[i].node)];
    line(i == 0 ? "users" : "",
         fmt::format("{}, input {}{}", NodeText(model, users[i].node), users[i].slot,
                     layer == kNone ? "" : ", layer " + LayerText(model, layer)));
  }
  if (users.size() > kMostUsers) line("", fmt::format("and {} more", users.size() - kMostUsers));
  line("storage", StorageText(tensor));
  sink.Write(text);
}

void WriteExplanationJson(const summary::Summary& model, TensorId t, base::Sink& sink) {
  const roles::TensorRole& role = model.role(t);
  base::JsonWriter json(sink);
  json.BeginObject();
  json.TextField("schema", kExplainSchema);
  json.NameField("file", model.file);
  json.Key("tensor");
  WriteTensor(model, t, json);
  json.Key("path");
  json.BeginArray();
  for (const NodeId node : role.path) {
    json.BeginObject();
    WriteNode(model, node, json);
    json.EndObject();
  }
  if (role.decided_by.node != kNone) {
    json.BeginObject();
    WriteNode(model, role.decided_by.node, json);
    json.Field("input", static_cast<uint64_t>(role.decided_by.slot));
    json.EndObject();
  }
  json.EndArray();
  json.Key("users");
  json.BeginArray();
  for (const User& user : UsersOf(model, t)) {
    json.BeginObject();
    WriteNode(model, user.node, json);
    json.Field("input", static_cast<uint64_t>(user.slot));
    const model::LayerId layer = model.layers.node_layer[Index(user.node)];
    json.NameField("layer", layer == kNone ? "" : model.layers.layers[Index(layer)].path);
    json.EndObject();
  }
  json.EndArray();
  json.Key("frozen");
  json.BeginObject();
  json.Field("frozen", model.is_frozen(t));
  json.TextField("text", FrozenText(model, t));
  json.EndObject();
  json.EndObject();
  json.EndLine();
  json.Flush();
}

}  // namespace hoarfrost::report
