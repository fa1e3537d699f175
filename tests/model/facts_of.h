// The facts of a model for tests, with everything they point into.
#ifndef HOARFROST_TESTS_MODEL_FACTS_OF_H_
#define HOARFROST_TESTS_MODEL_FACTS_OF_H_

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/facts.h"
#include "onnx/onnx_pb.h"
#include "support/onnx_text.h"
#include "wire/byte_source.h"
#include "wire/skeleton.h"

namespace hoarfrost::model {

class FactsOf {
 public:
  // ONNX text.
  explicit FactsOf(std::string_view text) : FactsOf(testing::ParseModel(text)) {}
  explicit FactsOf(const onnx::ModelProto& model, const std::string& directory = "")
      : bytes_(model.SerializeAsString()), source_(wire::FromMemory("<test>", bytes_)) {
    Read(directory);
  }
  static FactsOf Bytes(std::string bytes) { return FactsOf(std::move(bytes), 0); }

  const Facts& operator*() const { return *facts_; }
  const Facts* operator->() const { return facts_.get(); }

  ScopeId scope(std::string_view path) const {
    for (size_t s = 0; s < facts_->scopes.size(); ++s) {
      if (facts_->scopes[s].path == path) return static_cast<ScopeId>(s);
    }
    ADD_FAILURE() << "no scope " << path;
    return 0;
  }
  // The value of a name that is defined (or dangling) in that very scope.
  ValueId value(std::string_view name, std::string_view path = "") const {
    const ScopeId s = scope(path);
    for (size_t v = 0; v < facts_->values.size(); ++v) {
      if (facts_->values[v].scope == s && facts_->values[v].name == name) {
        return static_cast<ValueId>(v);
      }
    }
    return kNone;
  }
  const Value& operator[](ValueId v) const { return facts_->values[static_cast<size_t>(v)]; }
  NodeId node(std::string_view op_type, std::string_view path = "") const {
    const ScopeId s = scope(path);
    for (size_t n = 0; n < facts_->nodes.size(); ++n) {
      if (facts_->nodes[n].scope == s && facts_->nodes[n].proto->op_type() == op_type) {
        return static_cast<NodeId>(n);
      }
    }
    ADD_FAILURE() << "no node " << op_type;
    return 0;
  }
  // "PATH/OP:slot" of each use of a value, in order.
  std::vector<std::string> uses(ValueId v) const {
    std::vector<std::string> found;
    for (const Use& use : facts_->uses(v)) {
      const Node& n = facts_->nodes[static_cast<size_t>(use.node)];
      const std::string& path = facts_->scopes[static_cast<size_t>(n.scope)].path;
      found.push_back((path.empty() ? "" : path + "/") + n.proto->op_type() + ":" +
                      std::to_string(use.slot));
    }
    return found;
  }
  // "SCOPE:NAME" of each value that a value flows to (or comes from).
  std::vector<std::string> flows(ValueId v) const { return Names(facts_->flows(v)); }
  std::vector<std::string> flows_into(ValueId v) const { return Names(facts_->flows_into(v)); }

  std::vector<std::string> notes() const {
    std::vector<std::string> texts;
    for (const Note& note : facts_->notes) texts.push_back(note.text);
    return texts;
  }

 private:
  FactsOf(std::string bytes, int /*raw*/)
      : bytes_(std::move(bytes)), source_(wire::FromMemory("<test>", bytes_)) {
    Read("");
  }
  void Read(const std::string& directory) {
    auto skeleton = wire::ReadSkeleton(*source_);
    if (!skeleton.ok()) {
      ADD_FAILURE() << skeleton.status().ToString();
      facts_ = std::make_unique<Facts>();
      return;
    }
    skeleton_ = std::make_unique<wire::Skeleton>(std::move(*skeleton));
    facts_ = std::make_unique<Facts>(BuildFacts(*skeleton_, directory));
  }
  std::vector<std::string> Names(absl::Span<const Flow> flows) const {
    std::vector<std::string> names;
    for (const Flow& flow : flows) {
      const Value& to = facts_->values[static_cast<size_t>(flow.to)];
      names.push_back(facts_->scopes[static_cast<size_t>(to.scope)].path + ":" +
                      std::string(to.name));
    }
    return names;
  }

  std::string bytes_;
  std::unique_ptr<wire::ByteSource> source_;
  std::unique_ptr<wire::Skeleton> skeleton_;
  std::unique_ptr<Facts> facts_;
};

}  // namespace hoarfrost::model

#endif  // HOARFROST_TESTS_MODEL_FACTS_OF_H_
