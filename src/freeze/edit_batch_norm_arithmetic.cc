// A frozen BatchNormalization as arithmetic on its own four tensors.
//
//   before   Y = BatchNormalization <epsilon> (X, scale, B, mean, var)
//   after    e     = Constant <epsilon> ()
//            s     = Mul(scale, Reciprocal(Sqrt(Add(var, e))))
//            t     = Sub(B, Mul(mean, s))
//            Y     = Add(Mul(X, Reshape(s, [1, -1, 1, 1])), Reshape(t, [1, -1, 1, 1]))
//
// ONNX Runtime training runs every BatchNormalization on the statistics of the batch, whatever the
// file says; arithmetic it runs as it is. The order of the operations is that of ONNX Runtime's own
// kernel, and Reciprocal is not Div(1, .), which its optimizer would fuse with the Mul into another
// rounding: so the results are the same to the bit there.
//
// The node itself becomes the last Add, so that its name, its output and what else it carries stay.
// Tensors of less than 32 bits are computed with as float, which is what ONNX Runtime does for the
// operator: Cast goes around. A BatchNormalization in a function, one whose input has no known rank
// or type, and one with statistics per activation (spatial = 0) stays what it is.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/text.h"
#include "freeze/edits.h"
#include "freeze/node_path.h"
#include "freeze/value_types.h"
#include "wire/field_scan.h"

namespace hoarfrost::freeze {
namespace {

using model::kNone;
using model::NodeId;
using onnx::TensorProto;

constexpr int64_t kOpsetInference = 7;      // before, the attribute is_test tells
constexpr int64_t kOpsetTrainingMode = 14;  // the attribute training_mode tells
constexpr int64_t kOpsetOwnTypes = 15;      // scale and B may have another type than X
constexpr int kInputs = 5;
// What a tool may have written beside a node and the helpers of it should carry too, such as the
// module it came from; stack traces are longer.
constexpr size_t kLongestProperty = 4096;

size_t Index(int32_t id) { return static_cast<size_t>(id); }

bool ComputesIn(int32_t dtype) {
  return dtype == TensorProto::FLOAT || dtype == TensorProto::DOUBLE ||
         dtype == TensorProto::FLOAT16 || dtype == TensorProto::BFLOAT16;
}

template <typename T>
TensorProto Stored(int32_t dtype, const std::vector<int64_t>& dims, const std::vector<T>& values) {
  TensorProto tensor;
  for (const int64_t dim : dims) tensor.add_dims(dim);
  tensor.set_data_type(dtype);
  std::string bytes(values.size() * sizeof(T), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());  // little-endian, as the machine is
  tensor.set_raw_data(bytes);
  return tensor;
}

// Names that no value or node of the model has.
class FreshNames {
 public:
  explicit FreshNames(const model::Facts& facts) {
    for (const model::Value& value : facts.values) taken_.insert(value.name);
    for (const model::Node& node : facts.nodes) taken_.insert(node.proto->name());
  }

  std::string Make(std::string_view stem) {
    std::string name(stem);
    for (int n = 1; taken_.contains(name) || made_.contains(name); ++n) {
      name = fmt::format("{}_{}", stem, n);
    }
    made_.insert(name);
    return name;
  }

 private:
  base::ViewSet taken_;
  absl::flat_hash_set<std::string> made_;
};

// The nodes that one BatchNormalization becomes, but for the last.
class Arithmetic {
 public:
  Arithmetic(const onnx::NodeProto& norm, FreshNames& names) : norm_(norm), names_(names) {}

  std::string Op(const char* op, std::vector<std::string> inputs, std::string_view what,
                 std::optional<onnx::AttributeProto> attribute = std::nullopt) {
    onnx::NodeProto node;
    for (std::string& input : inputs) node.add_input(std::move(input));
    std::string output = names_.Make(fmt::format("{}_{}", norm_.output(0), what));
    node.add_output(output);
    // Layers are told by the beginnings of names.
    if (!norm_.name().empty()) node.set_name(names_.Make(fmt::format("{}_{}", norm_.name(), what)));
    node.set_op_type(op);
    if (attribute.has_value()) *node.add_attribute() = *std::move(attribute);
    for (const onnx::StringStringEntryProto& property : norm_.metadata_props()) {
      const bool carries = !property.value().empty() && property.value().size() < kLongestProperty;
      if (carries) *node.add_metadata_props() = property;
    }
    wire::AppendBytesField(kGraphNode, node.SerializeAsString(), bytes_);
    return output;
  }

  std::string Constant(TensorProto value, std::string_view what) {
    onnx::AttributeProto attribute;
    attribute.set_name("value");
    attribute.set_type(onnx::AttributeProto::TENSOR);
    *attribute.mutable_t() = std::move(value);
    return Op("Constant", {}, what, std::move(attribute));
  }

  static onnx::AttributeProto To(int32_t dtype) {
    onnx::AttributeProto attribute;
    attribute.set_name("to");
    attribute.set_type(onnx::AttributeProto::INT);
    attribute.set_i(dtype);
    return attribute;
  }

  std::string CastTo(int32_t dtype, int32_t from, std::string value, std::string_view what) {
    if (dtype == from) return value;
    return Op("Cast", {std::move(value)}, what, To(dtype));
  }

  std::string& bytes() { return bytes_; }

 private:
  const onnx::NodeProto& norm_;
  FreshNames& names_;
  std::string bytes_;
};

class Writer {
 public:
  Writer(const EditContext& context, EditList& list)
      : context_(context),
        facts_(context.model.facts),
        list_(list),
        types_(facts_),
        names_(facts_) {}

  void Visit(NodeId id) {
    const model::Node& node = facts_.nodes[Index(id)];
    const onnx::NodeProto& proto = *node.proto;
    const int64_t opset = facts_.opset(node.scope, "");
    if (!IsInferenceNode(facts_, id, "BatchNormalization") || opset < kOpsetInference) return;
    if (!context_.is_frozen_norm(id) || proto.output_size() == 0 || proto.output(0).empty()) return;
    if (MoreOutputsAreUsed(facts_, id)) return;  // stays in training mode, which is said elsewhere
    const model::ScopeId root = facts_.scopes[Index(node.scope)].root;
    if (facts_.scopes[Index(root)].kind == model::ScopeKind::kFunction) {
      in_functions_.Add(NameOf(proto));
      return;
    }
    float epsilon = 1e-5F;
    bool trains = opset < kOpsetTrainingMode && proto.output_size() > 1;
    bool spatial = true;
    for (const onnx::AttributeProto& attribute : proto.attribute()) {
      if (attribute.name() == "epsilon") epsilon = attribute.f();
      if (attribute.name() == "training_mode") trains = trains || attribute.i() != 0;
      if (attribute.name() == "spatial" && opset < 9) spatial = attribute.i() != 0;
    }
    if (!spatial || !Read(id, opset)) {
      unknown_.Add(NameOf(proto));
      return;
    }
    WriteOut(id, epsilon);
    list_.written_out.push_back(id);
    written_.Add(NameOf(proto));
    if (trains) changed_.Add(NameOf(proto));
  }

  void SayNotes() {
    if (!written_.empty()) {
      list_.notes.push_back({model::Severity::kInfo,
                             fmt::format("{}, frozen, written out as arithmetic", written_.Say())});
    }
    if (!changed_.empty()) list_.notes.push_back(LeftTrainingMode(changed_));
    if (!in_functions_.empty()) {
      list_.notes.push_back(
          {model::Severity::kWarning,
           fmt::format("{}, frozen, not written out as arithmetic: in a function of the model, "
                       "where the rank of its input is not known",
                       in_functions_.Say())});
    }
    if (!unknown_.empty()) {
      list_.notes.push_back(
          {model::Severity::kWarning,
           fmt::format(
               "{}, frozen, not written out as arithmetic: the rank or type of its input is "
               "not known (onnx.shape_inference writes them into the file), or its "
               "statistics are per activation",
               unknown_.Say())});
    }
  }

 private:
  // Rank and types of the inputs. False where they are not known well enough.
  bool Read(NodeId id, int64_t opset) {
    const auto inputs = facts_.inputs(id);
    if (inputs.size() != kInputs) return false;
    for (size_t slot = 0; slot < kInputs; ++slot) {
      if (inputs[slot] == kNone) return false;
      dtypes_[slot] = types_.of(inputs[slot]).dtype;
    }
    if (opset < kOpsetOwnTypes) {
      // One type for X, scale and B; mean and variance too before opset 14.
      for (const size_t slot : {0, 1, 2}) {
        for (const size_t other : {0, 1, 2}) {
          if (dtypes_[slot] == 0) dtypes_[slot] = dtypes_[other];
        }
      }
    }
    for (const int32_t dtype : dtypes_) {
      if (!ComputesIn(dtype)) return false;
    }
    rank_ = types_.of(inputs[0]).rank;
    const model::ValueId out = facts_.outputs(id)[0];
    if (rank_ < 0) rank_ = types_.of(out).rank;
    for (const model::Use& use : facts_.uses(out)) {  // a convolution has the rank of its kernel
      if (rank_ >= 0) break;
      const onnx::NodeProto& user = *facts_.nodes[Index(use.node)].proto;
      const auto of_user = facts_.inputs(use.node);
      if (use.slot != 0 || user.op_type() != "Conv" || !user.domain().empty()) continue;
      if (of_user.size() > 1) rank_ = types_.of(of_user[1]).rank;
    }
    return rank_ >= 2;
  }

  void WriteOut(NodeId id, float epsilon) {
    const onnx::NodeProto& norm = *facts_.nodes[Index(id)].proto;
    const bool wide =
        std::find(dtypes_.begin(), dtypes_.end(), TensorProto::DOUBLE) != dtypes_.end();
    const int32_t in = wide ? TensorProto::DOUBLE : TensorProto::FLOAT;
    Arithmetic make(norm, names_);
    constexpr std::array<std::string_view, kInputs> kCasts = {"x", "weight", "bias", "mean", "var"};
    std::array<std::string, kInputs> operands;
    for (size_t slot = 0; slot < kInputs; ++slot) {
      operands[slot] = make.CastTo(in, dtypes_[slot], norm.input(static_cast<int>(slot)),
                                   fmt::format("{}_cast", kCasts[slot]));
    }
    const auto& [x, scale, bias, mean, variance] = operands;
    const std::string eps =
        make.Constant(wide ? Stored<double>(in, {}, {static_cast<double>(epsilon)})
                           : Stored<float>(in, {}, {epsilon}),
                      "epsilon");
    const std::string padded = make.Op("Add", {variance, eps}, "variance");
    const std::string deviation = make.Op("Sqrt", {padded}, "deviation");
    const std::string inverse = make.Op("Reciprocal", {deviation}, "inverse");
    std::string factor = make.Op("Mul", {scale, inverse}, "factor");
    const std::string offset = make.Op("Mul", {mean, factor}, "offset");
    std::string shift = make.Op("Sub", {bias, offset}, "shift");
    if (rank_ > 2) {  // with two axes the last is that of the channels
      std::vector<int64_t> shape(static_cast<size_t>(rank_), 1);
      shape[1] = -1;
      const std::string wanted =
          make.Constant(Stored<int64_t>(TensorProto::INT64, {rank_}, shape), "shape");
      factor = make.Op("Reshape", {factor, wanted}, "factor_shaped");
      shift = make.Op("Reshape", {shift, wanted}, "shift_shaped");
    }
    const std::string scaled = make.Op("Mul", {x, factor}, "scaled");
    std::vector<std::string> last_inputs = {scaled, shift};
    const bool casts = dtypes_[0] != in;
    if (casts) last_inputs = {make.Op("Add", {scaled, shift}, "shifted")};
    list_.Add({wire::EditKind::kInsertBefore, NodePath(facts_, id), std::move(make.bytes())}, {});
    Become(id, casts ? "Cast" : "Add", last_inputs);
    if (!casts) return;
    std::string attribute;
    wire::AppendBytesField(kNodeAttribute, Arithmetic::To(dtypes_[0]).SerializeAsString(),
                           attribute);
    list_.Add({wire::EditKind::kAppend, NodePath(facts_, id), std::move(attribute)}, {});
  }

  // Makes the node one of another operator, with its name and first output.
  void Become(NodeId id, std::string_view op, const std::vector<std::string>& inputs) {
    const model::Node& node = facts_.nodes[Index(id)];
    const onnx::NodeProto& proto = *node.proto;
    const std::string of = node.scope == 0 ? proto.output(0) : "";
    const auto edit = [&](uint32_t field, int ordinal, std::string bytes) {
      wire::FieldPath path = NodePath(facts_, id);
      path.push_back({field, ordinal < 0 ? wire::kLast : static_cast<uint32_t>(ordinal)});
      list_.Add({bytes.empty() ? wire::EditKind::kErase : wire::EditKind::kReplace, std::move(path),
                 std::move(bytes)},
                {kEditArithmetic, static_cast<uint64_t>(std::max(ordinal, 0)), of});
    };
    for (int i = 0; i < proto.input_size(); ++i) {
      std::string field;
      if (Index(i) < inputs.size()) wire::AppendBytesField(kNodeInput, inputs[Index(i)], field);
      edit(kNodeInput, i, std::move(field));
    }
    for (int o = 1; o < proto.output_size(); ++o) edit(kNodeOutput, o, "");
    for (int a = 0; a < proto.attribute_size(); ++a) edit(kNodeAttribute, a, "");
    std::string field;
    wire::AppendBytesField(kNodeOperator, op, field);
    edit(kNodeOperator, -1, std::move(field));
  }

  const EditContext& context_;
  const model::Facts& facts_;
  EditList& list_;
  const ValueTypes types_;
  FreshNames names_;
  std::array<int32_t, kInputs> dtypes_ = {};
  int rank_ = -1;
  NodeNames written_{"BatchNormalization"};
  NodeNames changed_{"BatchNormalization"};
  NodeNames in_functions_{"BatchNormalization"};
  NodeNames unknown_{"BatchNormalization"};
};

}  // namespace

absl::Status WriteOutBatchNorms(const EditContext& context, EditList& list) {
  if (!context.plan.forms.batchnorm_arithmetic || context.outcome.norms.empty()) {
    return absl::OkStatus();
  }
  Writer writer(context, list);
  for (const NodeId id : context.outcome.norms) writer.Visit(id);
  writer.SayNotes();
  return absl::OkStatus();
}

}  // namespace hoarfrost::freeze
