// From evidence to a role: what is stated counts first, then what operators and decompositions say,
// then names, then assumptions.
#ifndef HOARFROST_ROLES_DECIDE_H_
#define HOARFROST_ROLES_DECIDE_H_

#include "model/layers.h"
#include "roles/graph_view.h"
#include "roles/roles.h"
#include "roles/stated.h"
#include "roles/trace.h"

namespace hoarfrost::roles {

class Decider {
 public:
  Decider(const GraphView& view, const Traced& traced, const StatedSources& stated,
          model::Exporter exporter);

  TensorRole Decide(model::TensorId id) const;

 private:
  TensorRole FromStatement(const Statement& s, const model::Tensor& t, const Evidence& e) const;
  TensorRole FromEvidence(const model::Tensor& t, const Evidence& e) const;
  TensorRole FromName(Role role, const model::Tensor& t, const Evidence& e,
                      std::string_view why) const;
  TensorRole DecideTorchScript(const model::Tensor& t, const Evidence& e) const;
  TensorRole DecideByEvidence(const model::Tensor& t, const Evidence& e) const;
  bool IsUsed(const model::Tensor& t) const;
  bool HasSibling(const model::Tensor& t, std::string_view leaf) const;
  bool IsBareDepthwiseFilter(const model::Tensor& t, const Evidence& e) const;
  bool IsUnnamedNormOperand(const model::Tensor& t, const Evidence& e) const;
  bool IsInputNormalisation(const model::Tensor& t, const Evidence& e) const;

  const GraphView& view_;
  const model::Facts& facts_;
  const Traced& traced_;
  const StatedSources& stated_;
  model::Exporter exporter_;
};

}  // namespace hoarfrost::roles

#endif  // HOARFROST_ROLES_DECIDE_H_
