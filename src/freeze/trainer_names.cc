#include "freeze/trainer_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "freeze/torch_names.h"

namespace hoarfrost::freeze {
namespace {

// The names of those entries that a trainer finds among the initializers.
class Initializers {
 public:
  explicit Initializers(const summary::Summary& model) {
    for (const model::Tensor& tensor : model.facts.tensors) {
      const bool listed = tensor.scope == 0 && tensor.source == model::TensorSource::kInitializer;
      if (listed && !tensor.name.empty()) names_.insert(tensor.name);
    }
  }

  std::vector<std::string_view> Of(const std::vector<plan::Entry>& entries, std::string_view what,
                                   std::vector<std::string>& warnings) const {
    std::vector<std::string_view> found;
    std::vector<std::string_view> left;
    for (const plan::Entry& entry : entries) {
      const bool takes = entry.scope.empty() && names_.contains(entry.name) &&
                         base::IsValidUtf8(entry.name) &&
                         entry.name.find('\n') == std::string::npos;
      (takes ? found : left).push_back(entry.name);
    }
    if (!left.empty()) {
      warnings.push_back(
          fmt::format("{} {} tensor{} left out, as {}: no initializer of the main graph, or its "
                      "name is no line of text",
                      base::WithCommas(left.size()), what, left.size() == 1 ? "" : "s",
                      base::Quote(left.front())));
    }
    return found;
  }

 private:
  base::ViewSet names_;
};

template <typename T>
void WriteList(base::JsonWriter& out, std::string_view key, const std::vector<T>& names) {
  out.Key(key);
  out.BeginArray();
  for (const auto& name : names) out.String(name);
  out.EndArray();
}

void WriteTorch(base::JsonWriter& out, std::string_view key, const TorchNames& names) {
  out.Key(key);
  out.BeginObject();
  WriteList(out, "requires_grad", names.requires_grad);
  WriteList(out, "frozen", names.frozen);
  WriteList(out, "eval", names.eval);
  WriteList(out, "by_mapping", names.by_mapping);
  out.EndObject();
}

}  // namespace

TrainerNames NamesFor(Trainer trainer, const plan::Plan& plan, const summary::Summary& model) {
  TrainerNames names;
  base::StringSink sink;
  base::JsonWriter out(sink);
  const Initializers initializers(model);
  const auto trainable = initializers.Of(plan.trainable, "trainable", names.warnings);
  switch (trainer) {
    case Trainer::kOrt: {
      if (trainable.empty()) {
        names.warnings.emplace_back(
            "nothing is trainable, and ONNX Runtime training stops on an empty requires_grad");
      }
      out.BeginObject();
      WriteList(out, "requires_grad", trainable);
      WriteList(out, "frozen_params", initializers.Of(plan.frozen, "frozen", names.warnings));
      out.EndObject();
      out.EndLine();
      break;
    }
    case Trainer::kTorch: {
      const TorchNames torch = NamesInOnnx2Torch(plan, model.facts);
      const TorchNames pytorch = NamesInOnnx2Pytorch(plan, model.facts);
      if (!torch.by_mapping.empty() || !pytorch.by_mapping.empty()) {
        names.warnings.push_back(fmt::format(
            "{} trainable tensors in onnx2torch and {} in onnx2pytorch (by_mapping) become buffers "
            "that no optimizer sees, or several parameters; only the converter's own mapping tells "
            "where they are",
            torch.by_mapping.size(), pytorch.by_mapping.size()));
      }
      out.BeginObject();
      WriteTorch(out, "onnx2torch", torch);
      WriteTorch(out, "onnx2pytorch", pytorch);
      out.EndObject();
      out.EndLine();
      break;
    }
    case Trainer::kNames:
      for (const std::string_view name : trainable) names.text += fmt::format("{}\n", name);
      return names;
  }
  out.Flush();
  names.text = std::move(sink.text);
  return names;
}

}  // namespace hoarfrost::freeze
