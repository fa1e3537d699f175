#include "model/exporter_metadata.h"

namespace hoarfrost::model {
namespace {

// The quoted string that starts at or after `from`, and where it ends; npos if there is none.
struct Quoted {
  std::string_view text;
  size_t end = std::string_view::npos;
};

Quoted NextQuoted(std::string_view s, size_t from) {
  const size_t open = s.find_first_of("'\"", from);
  if (open == std::string_view::npos) return {};
  const size_t close = s.find(s[open], open + 1);
  if (close == std::string_view::npos) return {};
  return {s.substr(open + 1, close - open - 1), close + 1};
}

// The last but one quoted entry of a Python list, found from its end: the strings are long and
// there is one per node.
std::string_view LastButOne(std::string_view list, bool* found) {
  *found = false;
  size_t end = list.size();
  std::string_view entry;
  for (int k = 0; k < 2; ++k) {
    if (end == 0) return {};
    const size_t close = list.find_last_of("'\"", end - 1);
    if (close == std::string_view::npos || close == 0) return {};
    const size_t open = list.rfind(list[close], close - 1);
    if (open == std::string_view::npos) return {};
    entry = list.substr(open + 1, close - open - 1);
    end = open;
  }
  *found = true;
  return entry;
}

// "a.B/layer1: c.D/layer1.0: e.F/relu: aten.relu.default": scopes joined by "/", each
// "name: class", the first one a class alone.
TracedModule FromNamespace(std::string_view text) {
  TracedModule module;
  const size_t last = text.rfind('/');
  if (last == std::string_view::npos) return module;
  std::string_view scope = text.substr(0, last);
  const size_t before = scope.rfind('/');
  module.known = true;
  if (before == std::string_view::npos) {
    module.class_name = scope.substr(scope.rfind(' ') + 1);
    return module;
  }
  scope = scope.substr(before + 1);
  const size_t colon = scope.find(": ");
  if (colon == std::string_view::npos) {
    module.path = scope;
  } else {
    module.path = scope.substr(0, colon);
    module.class_name = scope.substr(colon + 2);
  }
  return module;
}

}  // namespace

std::string_view FindMetadata(const MetadataProps& props, std::string_view key) {
  for (const auto& entry : props) {
    if (entry.key() == key) return entry.value();
  }
  return {};
}

TracedModule FindTracedModule(const onnx::NodeProto& node) {
  std::string_view scopes, classes, spelled;
  for (const auto& entry : node.metadata_props()) {
    const std::string_view key = entry.key();
    if (key == kNameScopesKey) {
      scopes = entry.value();
    } else if (key == kClassHierarchyKey) {
      classes = entry.value();
    } else if (key == kNamespaceKey) {
      spelled = entry.value();
    }
  }
  TracedModule module;
  module.path = LastButOne(scopes, &module.known);
  if (module.known) {
    bool has_class = false;
    module.class_name = LastButOne(classes, &has_class);
    return module;
  }
  // Inside If and Loop bodies the scopes are cut to the operation alone: nothing is known there.
  if (!scopes.empty()) return module;
  return FromNamespace(spelled);
}

std::vector<std::string_view> PythonStrings(std::string_view list) {
  std::vector<std::string_view> out;
  for (Quoted q = NextQuoted(list, 0); q.end != std::string_view::npos;
       q = NextQuoted(list, q.end)) {
    out.push_back(q.text);
  }
  return out;
}

GraphSignature::GraphSignature(const onnx::ModelProto& model) {
  Parse(FindMetadata(model.graph().metadata_props(), kSignatureKey));
  by_target_.reserve(entries_.size());
  for (size_t i = 0; i < entries_.size(); ++i) by_target_.emplace(entries_[i].target, i);
}

void GraphSignature::Parse(std::string_view text) {
  // One line per input; after "# outputs" nothing is a parameter. The dataclass repr of older
  // releases is one line with an InputSpec(...) per input: it is cut at those instead.
  const bool repr = text.find("InputSpec(") != std::string_view::npos;
  const std::string_view separator = repr ? "InputSpec(" : "\n";
  if (const size_t outputs = text.find(repr ? "output_specs=" : "# outputs");
      outputs != std::string_view::npos) {
    text = text.substr(0, outputs);
  }
  for (size_t begin = 0; begin < text.size();) {
    size_t end = text.find(separator, begin);
    if (end == std::string_view::npos) end = text.size();
    const std::string_view line = text.substr(begin, end - begin);
    begin = end + separator.size();

    SignatureEntry entry;
    size_t kind = std::string_view::npos;
    const auto is = [&](std::string_view word) {
      kind = line.find(word);
      return kind != std::string_view::npos;
    };
    if (is(repr ? "InputKind.PARAMETER" : ": PARAMETER")) {
      entry.kind = SignatureKind::kParameter;
    } else if (is(repr ? "InputKind.BUFFER" : ": BUFFER")) {
      entry.kind = SignatureKind::kBuffer;
    } else if (is(repr ? "InputKind.CONSTANT_TENSOR" : ": CONSTANT_TENSOR")) {
      entry.kind = SignatureKind::kConstant;
    } else {
      continue;
    }
    const size_t target = line.find("target=");
    if (target == std::string_view::npos) continue;
    entry.target = NextQuoted(line, target).text;
    if (entry.target.empty()) continue;
    if (!repr) {
      entry.node = line.substr(0, kind);
    } else if (const size_t name = line.find("name="); name != std::string_view::npos) {
      entry.node = NextQuoted(line, name).text;
    }
    entry.persistent = line.find("persistent=False") == std::string_view::npos;
    entries_.push_back(entry);
  }
}

const SignatureEntry* GraphSignature::Find(std::string_view target) const {
  const auto it = by_target_.find(target);
  return it == by_target_.end() ? nullptr : &entries_[it->second];
}

}  // namespace hoarfrost::model
