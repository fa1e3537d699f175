// Roles of a model for tests: by tensor name, and by scope and name.
#ifndef HOARFROST_TESTS_ROLES_ROLES_OF_H_
#define HOARFROST_TESTS_ROLES_ROLES_OF_H_

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "model/facts_of.h"
#include "model/layers.h"
#include "roles/roles.h"
#include "support/onnx_text.h"

namespace hoarfrost::roles {

class RolesOf {
 public:
  explicit RolesOf(std::string_view text) : RolesOf(testing::ParseModel(text)) {}
  explicit RolesOf(const onnx::ModelProto& model)
      : facts_(model), layers_(model::AssignLayers(*facts_)), roles_(Classify(*facts_, layers_)) {}

  const TensorRole& operator[](std::string_view name) const { return Find("", name); }
  const TensorRole& In(std::string_view scope, std::string_view name) const {
    return Find(scope, name);
  }
  // "weight operator", "constant assumed": role and kind of reason.
  std::string Said(std::string_view name, std::string_view scope = "") const {
    const TensorRole& r = Find(scope, name);
    return std::string(RoleName(r.role)) + " " + ReasonName(r.kind);
  }
  std::string Role(std::string_view name, std::string_view scope = "") const {
    return RoleName(Find(scope, name).role);
  }
  std::string Text(std::string_view name, std::string_view scope = "") const {
    return Find(scope, name).text;
  }
  const model::Facts& facts() const { return *facts_; }
  const Classification& all() const { return roles_; }
  std::vector<std::string> notes() const {
    std::vector<std::string> texts;
    texts.reserve(roles_.notes.size());
    for (const model::Note& n : roles_.notes) texts.push_back(n.text);
    return texts;
  }

 private:
  const TensorRole& Find(std::string_view scope, std::string_view name) const {
    static const TensorRole kMissing;
    for (size_t t = 0; t < facts_->tensors.size(); ++t) {
      const model::Tensor& tensor = facts_->tensors[t];
      if (tensor.name == name && facts_->scopes[static_cast<size_t>(tensor.scope)].path == scope) {
        return roles_.tensors[t];
      }
    }
    ADD_FAILURE() << "no tensor " << name << " in scope '" << scope << "'";
    return kMissing;
  }

  model::FactsOf facts_;
  model::Layers layers_;
  Classification roles_;
};

}  // namespace hoarfrost::roles

#endif  // HOARFROST_TESTS_ROLES_ROLES_OF_H_
