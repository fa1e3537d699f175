#include "freeze/torch_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "base/hash.h"

namespace hoarfrost::freeze {
namespace {

using model::kNone;
using model::NodeId;
using model::TensorId;

size_t Index(int32_t id) { return static_cast<size_t>(id); }

constexpr std::array<const char*, 4> kSlots = {"weight", "bias", "running_mean", "running_var"};

enum class Converter : uint8_t { kOnnx2Torch, kOnnx2Pytorch };

int64_t IntOf(const onnx::NodeProto& node, std::string_view name) {
  for (const onnx::AttributeProto& attribute : node.attribute()) {
    if (attribute.name() == name) return attribute.i();
  }
  return 0;
}

class Namer {
 public:
  Namer(Converter converter, const plan::Plan& plan, const model::Facts& facts)
      : converter_(converter), facts_(facts), places_(facts.tensors.size()) {
    for (const plan::Entry& e : plan.trainable) Note(e, listed_, List::kTrainable);
    for (const plan::Entry& e : plan.frozen) Note(e, listed_, List::kFrozen);
    for (const plan::Entry& e : plan.frozen_statistics) Note(e, listed_, List::kStill);
  }

  TorchNames Run() {
    std::map<std::string, int> times;
    for (size_t i = 0; i < facts_.nodes.size(); ++i) {
      const auto n = static_cast<NodeId>(i);
      const model::Node& node = facts_.nodes[i];
      std::string module;
      if (node.scope == 0) module = ModuleOf(*node.proto, times);
      Visit(n, module);
    }
    for (size_t t = 0; t < places_.size(); ++t) {
      const model::Tensor& tensor = facts_.tensors[t];
      if (ListOf(static_cast<TensorId>(t)) != List::kTrainable) continue;
      const Places& places = places_[t];
      if (places.parameters != 1 || places.others > 0) names_.by_mapping.emplace_back(tensor.name);
    }
    return std::move(names_);
  }

 private:
  enum class List : uint8_t { kNone, kTrainable, kFrozen, kStill };
  using Listed = base::ViewMap<List>;
  struct Places {
    size_t parameters = 0;
    size_t others = 0;
  };

  static void Note(const plan::Entry& entry, Listed& listed, List list) {
    if (entry.scope.empty()) listed.emplace(entry.name, list);
  }

  List ListOf(TensorId t) const {
    const model::Tensor& tensor = facts_.tensors[Index(t)];
    if (tensor.scope != 0 || tensor.source != model::TensorSource::kInitializer) return List::kNone;
    const auto found = listed_.find(tensor.name);
    return found == listed_.end() ? List::kNone : found->second;
  }

  std::string ModuleOf(const onnx::NodeProto& node, std::map<std::string, int>& times) const {
    if (converter_ == Converter::kOnnx2Pytorch) {
      return fmt::format("{}_{}", node.op_type(), node.output_size() > 0 ? node.output(0) : "");
    }
    std::string own = node.name();
    std::replace(own.begin(), own.end(), '.', '/');
    std::string name = fmt::format("{}/{}", node.domain(), own.empty() ? node.op_type() : own);
    name.erase(0, name.find_first_not_of('/'));
    const int before = times[name]++;
    return before == 0 ? name : fmt::format("{}_{}", name, before);
  }

  TensorId InitializerAt(NodeId n, size_t slot) const {
    const auto inputs = facts_.inputs(n);
    if (slot >= inputs.size() || inputs[slot] == kNone) return kNone;
    const TensorId t = facts_.values[Index(inputs[slot])].tensor;
    if (t == kNone || facts_.tensors[Index(t)].source != model::TensorSource::kInitializer ||
        facts_.tensors[Index(t)].scope != 0) {
      return kNone;
    }
    return t;
  }

  // Whether the converter makes inputs 1 and up of the node parameters of one module.
  bool MakesParameters(NodeId n) const {
    const onnx::NodeProto& node = *facts_.nodes[Index(n)].proto;
    if (facts_.nodes[Index(n)].scope != 0 || !node.domain().empty()) return false;
    const std::string& op = node.op_type();
    const bool torch = converter_ == Converter::kOnnx2Torch;
    const bool known = op == "Conv" || op == "ConvTranspose" || op == "Gemm" ||
                       op == "BatchNormalization" ||
                       (torch && (op == "LayerNormalization" || op == "InstanceNormalization")) ||
                       (!torch && op == "MatMul");
    if (!known || node.input_size() < 2 || InitializerAt(n, 0) != kNone) return false;
    for (size_t slot = 1; slot < facts_.inputs(n).size(); ++slot) {
      if (InitializerAt(n, slot) == kNone) return false;
    }
    if (op == "BatchNormalization") return node.output_size() == 1;
    if (op == "MatMul") return !TakesBiasAlong(n);
    if (op != "Gemm") return true;
    const TensorId bias = InitializerAt(n, 2);
    return IntOf(node, "transA") == 0 &&
           (bias == kNone || facts_.tensors[Index(bias)].dims.size() == 1);
  }

  // onnx2pytorch draws an Add that comes next into the module, and renames it.
  bool TakesBiasAlong(NodeId n) const {
    const size_t next = Index(n) + 1;
    if (next >= facts_.nodes.size() || facts_.nodes[next].scope != 0) return false;
    return facts_.nodes[next].proto->op_type() == "Add";
  }

  void Visit(NodeId n, const std::string& module) {
    const onnx::NodeProto& node = *facts_.nodes[Index(n)].proto;
    const bool parameters = MakesParameters(n);
    const bool norm = node.op_type() == "BatchNormalization";
    const char* const within = norm && converter_ == Converter::kOnnx2Pytorch ? ".bnu" : "";
    for (size_t slot = 0; slot < facts_.inputs(n).size(); ++slot) {
      const TensorId t = InitializerAt(n, slot);
      const List list = t == kNone ? List::kNone : ListOf(t);
      if (list != List::kTrainable && list != List::kFrozen) continue;
      if (!parameters || slot == 0 || slot > kSlots.size()) {
        ++places_[Index(t)].others;
        continue;
      }
      ++places_[Index(t)].parameters;
      (list == List::kTrainable ? names_.requires_grad : names_.frozen)
          .push_back(fmt::format("{}{}.{}", module, within, kSlots[slot - 1]));
    }
    if (norm && !module.empty() && node.domain().empty() && StatisticsAreStill(n)) {
      names_.eval.push_back(module);
    }
  }

  bool StatisticsAreStill(NodeId n) const {
    for (const size_t slot : {size_t{3}, size_t{4}}) {
      const TensorId t = InitializerAt(n, slot);
      if (t == kNone || ListOf(t) != List::kStill) return false;
    }
    return true;
  }

  const Converter converter_;
  const model::Facts& facts_;
  Listed listed_;
  std::vector<Places> places_;  // by TensorId
  TorchNames names_;
};

}  // namespace

TorchNames NamesInOnnx2Torch(const plan::Plan& plan, const model::Facts& facts) {
  return Namer(Converter::kOnnx2Torch, plan, facts).Run();
}

TorchNames NamesInOnnx2Pytorch(const plan::Plan& plan, const model::Facts& facts) {
  return Namer(Converter::kOnnx2Pytorch, plan, facts).Run();
}

}  // namespace hoarfrost::freeze
