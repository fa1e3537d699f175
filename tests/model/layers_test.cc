// Layers of whole models, one way of exporting after the other.
#include "model/layers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "model/facts_of.h"
#include "support/exported_model.h"

namespace hoarfrost::model {
namespace {

using ::hoarfrost::testing::ExportedModel;
using ::testing::Contains;
using ::testing::ElementsAre;

class LayersOf {
 public:
  explicit LayersOf(std::string_view text) : facts_(text), layers(AssignLayers(*facts_)) {}
  explicit LayersOf(const ExportedModel& exported)
      : facts_(exported.model), layers(AssignLayers(*facts_)) {}

  // "path (type)" of every layer, in order.
  std::vector<std::string> all() const {
    std::vector<std::string> out;
    out.reserve(layers.layers.size());
    for (const Layer& layer : layers.layers) out.push_back(layer.path + " (" + layer.type + ")");
    return out;
  }
  std::string of_tensor(std::string_view name) const {
    for (size_t t = 0; t < facts_->tensors.size(); ++t) {
      if (facts_->tensors[t].name == name) return Path(layers.tensor_layer[t]);
    }
    return "no tensor";
  }
  // Of the node that writes `output`.
  std::string of_node(std::string_view output) const {
    const ValueId v = facts_.value(output);
    return v == kNone ? "no value"
                      : Path(layers.node_layer[static_cast<size_t>(facts_[v].producer)]);
  }

 private:
  std::string Path(LayerId layer) const {
    return layer == kNone ? "none" : layers.layers[static_cast<size_t>(layer)].path;
  }

  FactsOf facts_;

 public:
  Layers layers;
};

// ---- PyTorch dynamo ----

ExportedModel DynamoBlock() {
  ExportedModel model(R"(<ir_version: 10, opset_import: ["": 20], producer_name: "pytorch">
g (float[1, 8] x) => (float[1, 4] y) {
  h = Gemm (x, "blocks.0.fc.weight", "blocks.0.fc.bias")
  r = Relu (h)
  m = MatMul (r, val_2)
  s = Add (m, "head.bias")
  y = Softmax (s)
})");
  model.Float("blocks.0.fc.weight", {8, 8}).Float("blocks.0.fc.bias", {8});
  model.Float("head.bias", {4}).Float("val_2", {8, 4});
  model.FoldedFrom("val_2", "['head.weight']");
  model.Signature(
      "p_blocks_0_fc_weight: PARAMETER target='blocks.0.fc.weight'\n"
      "p_blocks_0_fc_bias: PARAMETER target='blocks.0.fc.bias'\n"
      "p_head_weight: PARAMETER target='head.weight'\n"
      "p_head_bias: PARAMETER target='head.bias'");
  model.Module("h", {"", "blocks.0", "blocks.0.fc", "linear"},
               {"m.Net", "m.Block", "torch.nn.modules.linear.Linear", "aten.linear.default"});
  model.Module("r", {"", "blocks.0", "relu"}, {"m.Net", "m.Block", "aten.relu.default"});
  model.Module("m", {"", "head", "linear_1"},
               {"m.Net", "torch.nn.modules.linear.Linear", "aten.linear.default"});
  model.Module("s", {"", "head", "linear_1"},
               {"m.Net", "torch.nn.modules.linear.Linear", "aten.linear.default"});
  model.Module("y", {"", "softmax"}, {"m.Net", "aten.softmax.int"});
  return model;
}

TEST(DynamoLayers, ModulePathAndClassComeFromTheLastScopeButOne) {
  const LayersOf layers(DynamoBlock());
  EXPECT_EQ(layers.layers.exporter, Exporter::kTorchDynamo);
  EXPECT_THAT(layers.all(), ElementsAre("blocks.0.fc (Linear)", "blocks.0 (Block)", "head (Linear)",
                                        "Softmax_0 (Softmax)"));
}

TEST(DynamoLayers, AFoldedTensorBelongsToTheModuleOfItsSource) {
  EXPECT_EQ(LayersOf(DynamoBlock()).of_tensor("val_2"), "head");
}

TEST(DynamoLayers, TheNamespaceWillDoWithoutScopes) {
  ExportedModel model(R"(<ir_version: 10, opset_import: ["": 20], producer_name: "pytorch">
g (float[1, 8] x) => (float[1, 8] y) { y = Relu (x) })");
  model.NodeMetadata("y", "namespace",
                     "m.Net/layer1: torch.nn.modules.container.Sequential/layer1.0: m.Act/relu: "
                     "aten.relu.default");
  model.NodeMetadata("y", "pkg.torch.onnx.fx_node", "%relu");
  EXPECT_THAT(LayersOf(model).all(), ElementsAre("layer1.0 (Act)"));
}

// The node that a rule made of Conv and BatchNorm stands in the scope of the BatchNorm.
ExportedModel FusedConvBatchNorm() {
  ExportedModel model(R"(<ir_version: 10, opset_import: ["": 20], producer_name: "pytorch">
g (float[1, 2, 4, 4] x) => (float[1, 3, 4, 4] y) {
  ["node_Conv_9"] y = Conv (x, "stem.weight", "stem.weight_bias")
})");
  model.Float("stem.weight", {3, 2, 1, 1}).Float("stem.weight_bias", {3});
  model.Signature(
      "p_stem_weight: PARAMETER target='stem.weight'\n"
      "p_norm_weight: PARAMETER target='norm.weight'\n"
      "p_norm_bias: PARAMETER target='norm.bias'\n"
      "b_norm_running_mean: BUFFER target='norm.running_mean' persistent=True\n"
      "b_norm_running_var: BUFFER target='norm.running_var' persistent=True");
  model.Module("y", {"", "norm", "_native_batch_norm_legit_no_training"},
               {"m.Net", "torch.nn.modules.batchnorm.BatchNorm2d", "aten._native_batch_norm"});
  model.NodeMetadata("y", "pkg.onnxscript.rewriter.rule_name", "FuseBatchNormIntoConv");
  return model;
}

TEST(DynamoLayers, AFusedBatchNormLeavesItsShiftAndTheConvolutionItsWeight) {
  const LayersOf layers(FusedConvBatchNorm());
  EXPECT_EQ(layers.of_tensor("stem.weight"), "stem");
  EXPECT_EQ(layers.of_tensor("stem.weight_bias"), "norm");
  EXPECT_EQ(layers.of_node("y"), "stem");
  EXPECT_THAT(layers.all(), ElementsAre("stem (Conv)", "norm (BatchNorm2d)"));
}

TEST(DynamoLayers, ATiedTableBelongsToTheFirstModuleThatReadsIt) {
  ExportedModel model(R"(<ir_version: 10, opset_import: ["": 20], producer_name: "pytorch">
g (int64[1, 5] x) => (float[1, 5, 9] y) {
  e = Gather ("head.weight", x)
  y = MatMul (e, val_3)
})");
  model.Float("head.weight", {9, 4}).Float("val_3", {4, 9});
  model.FoldedFrom("val_3", "['head.weight']");
  model.Signature(
      "p_embed_weight: PARAMETER target='embed.weight'\n"
      "p_head_weight: PARAMETER target='head.weight'");
  model.Module("e", {"", "embed", "embedding"}).Module("y", {"", "head", "linear"});
  const LayersOf layers(model);
  EXPECT_EQ(layers.of_tensor("head.weight"), "embed");
  EXPECT_EQ(layers.of_tensor("val_3"), "embed");
  EXPECT_EQ(layers.of_node("y"), "head");
}

// ---- PyTorch TorchScript ----

TEST(TorchScriptLayers, NumberedTensorsBelongToTheNodeThatReadsThem) {
  ExportedModel model(R"(<ir_version: 8, opset_import: ["": 17], producer_name: "pytorch">
g (float[1, 8] x) => (float[1, 4] y) {
  ["/blocks/blocks.0/fc/MatMul"] m = MatMul (x, "onnx::MatMul_20")
  ["/blocks/blocks.0/fc/Add"] h = Add ("blocks.0.fc.bias", m)
  ["/act/Relu"] y = Relu (h)
})");
  model.Float("onnx::MatMul_20", {8, 4}).Float("blocks.0.fc.bias", {4});
  const LayersOf layers(model);
  EXPECT_EQ(layers.layers.exporter, Exporter::kTorchScript);
  EXPECT_EQ(layers.of_tensor("onnx::MatMul_20"), "blocks.0.fc");
  EXPECT_THAT(layers.all(), ElementsAre("blocks.0.fc (MatMul)", "act (Relu)"));
}

TEST(TorchScriptLayers, ACutPathIsMendedByTheTensorsName) {
  ExportedModel model(R"(<ir_version: 8, opset_import: ["": 17], producer_name: "pytorch">
g (float[1, 8] x) => (float[1, 4] y) {
  ["/a/MatMul"] m = MatMul (x, "onnx::MatMul_20")
  ["/a/Add"] y = Add ("blocks.a.bias", m)
})");
  model.Float("onnx::MatMul_20", {8, 4}).Float("blocks.a.bias", {4});
  EXPECT_THAT(LayersOf(model).all(), ElementsAre("blocks.a (MatMul)"));
}

TEST(TorchScriptLayers, TheSecondCallOfAModuleIsTheSameLayer) {
  ExportedModel model(R"(<ir_version: 8, opset_import: ["": 17], producer_name: "pytorch">
g (float[1, 8] x) => (float[1, 8] y) {
  ["/fc/Gemm"] h = Gemm (x, "fc.weight", "fc.bias")
  ["/fc_1/Gemm"] y = Gemm (h, "fc.weight", "fc.bias")
})");
  model.Float("fc.weight", {8, 8}).Float("fc.bias", {8});
  EXPECT_THAT(LayersOf(model).all(), ElementsAre("fc (Gemm)"));
}

// Two numbered operands: a BatchNorm was folded, and the numbers of Sequential leave a gap.
TEST(TorchScriptLayers, TheShiftOfAFoldedBatchNormFillsTheGap) {
  ExportedModel model(R"(<ir_version: 8, opset_import: ["": 17], producer_name: "pytorch">
g (float[1, 2, 4, 4] x) => (float[1, 3, 4, 4] y) {
  ["/net/net.0/Conv"] c = Conv (x, "onnx::Conv_10", "onnx::Conv_11")
  ["/net/net.2/Relu"] y = Relu (c)
})");
  model.Float("onnx::Conv_10", {3, 2, 1, 1}).Float("onnx::Conv_11", {3});
  const LayersOf layers(model);
  EXPECT_EQ(layers.of_tensor("onnx::Conv_10"), "net.0");
  EXPECT_EQ(layers.of_tensor("onnx::Conv_11"), "net.1");
  EXPECT_THAT(layers.all(), Contains("net.1 (BatchNormalization)"));
}

TEST(TorchScriptLayers, ATakenPlaceIsNoGap) {
  ExportedModel model(R"(<ir_version: 8, opset_import: ["": 17], producer_name: "pytorch">
g (float[1, 2, 4, 4] x) => (float[1, 3, 4, 4] y) {
  ["/net/net.0/Conv"] c = Conv (x, "onnx::Conv_10", "onnx::Conv_11")
  ["/net/net.1/Relu"] y = Relu (c)
})");
  model.Float("onnx::Conv_10", {3, 2, 1, 1}).Float("onnx::Conv_11", {3});
  EXPECT_EQ(LayersOf(model).of_tensor("onnx::Conv_11"), "net.0");
}

TEST(TorchScriptLayers, AnExportedFunctionIsNoModulePath) {
  const LayersOf layers(R"(<ir_version: 8, opset_import: ["": 17, "m": 1], producer_name: "pytorch">
g (float[1, 8] x) => (float[1, 8] y) { ["/fc/Block"] y = m.Block (x, "body.fc.weight") }
<opset_import: ["": 17], domain: "m">
Block (a, w) => (b) { b = MatMul (a, w) })");
  EXPECT_THAT(layers.all(), ElementsAre("Block_0 (Block)", "MatMul_0 (MatMul)"));
}

// ---- PyTorch, rewritten by optimizers ----

TEST(RewrittenLayers, FusionsOfOnnxRuntimeStandBehindTheOperator) {
  ExportedModel model(R"(<ir_version: 8, opset_import: ["": 17], producer_name: "pytorch">
g (float[1, 8] x) => (float[1, 4] y) {
  ["/net/net.0/MatMul/MatMulAddFusion"] y = Gemm (x, "onnx::MatMul_12", "net.0.bias")
})");
  model.Float("onnx::MatMul_12", {8, 4}).Float("net.0.bias", {4});
  EXPECT_EQ(LayersOf(model).of_tensor("onnx::MatMul_12"), "net.0");
}

// no metadata is left, but the names are the dynamo exporter's
TEST(RewrittenLayers, AWeightWithoutANameLiesWithTheBiasOfItsProduct) {
  ExportedModel model(R"(<ir_version: 10, opset_import: ["": 20], producer_name: "pytorch">
g (float[1, 6, 8] x) => (float[1, 6, 4] y) {
  ["node_MatMul_3"] m = MatMul (x, val_2)
  ["node_linear"] y = Add (m, "net.fc.bias")
})");
  model.Float("val_2", {8, 4}).Float("net.fc.bias", {4});
  const LayersOf layers(model);
  EXPECT_EQ(layers.layers.exporter, Exporter::kTorchDynamo);
  EXPECT_EQ(layers.of_tensor("val_2"), "net.fc");
}

// ---- TensorFlow ----

TEST(TensorflowLayers, Keras3NamesAreMadeKerasNamesAgain) {
  ExportedModel model(R"(<ir_version: 8, opset_import: ["": 15], producer_name: "tf2onnx">
g (float[1, 8] x) => (float[1, 4] y) {
  ["sequential_1/dense_1_2/MatMul"] m = MatMul (x, "sequential_1/dense_1_2/Cast/ReadVariableOp:0")
  ["sequential_1/dense_1_2/BiasAdd"] y = Add (m, "const_fold_opt__7")
})");
  model.Float("sequential_1/dense_1_2/Cast/ReadVariableOp:0", {8, 4});
  model.Float("const_fold_opt__7", {4});
  const LayersOf layers(model);
  EXPECT_EQ(layers.layers.exporter, Exporter::kKeras3Tensorflow);
  EXPECT_EQ(layers.of_tensor("const_fold_opt__7"), "sequential/dense_1");
  EXPECT_THAT(layers.all(), ElementsAre("sequential/dense_1 (MatMul)"));
}

TEST(TensorflowLayers, AConvertedNodeIsNamedByWhatItReads) {
  ExportedModel model(R"(<ir_version: 8, opset_import: ["": 15], producer_name: "tf2onnx">
g (float[1, 2, 4, 4] x) => (float[1, 2, 4, 4] y) {
  ["Conv__198"] y = Conv (x, "const_fold_opt__207", "net/depthwise/Squeeze/ReadVariableOp:0")
})");
  model.Float("const_fold_opt__207", {2, 2, 1, 1});
  model.Float("net/depthwise/Squeeze/ReadVariableOp:0", {2});
  const LayersOf layers(model);
  EXPECT_EQ(layers.layers.exporter, Exporter::kTensorflow);
  EXPECT_EQ(layers.of_tensor("const_fold_opt__207"), layers.of_node("y"));
}

// the second cell reads what the layer before it wrote, and starts from a state of its own scope
TEST(TensorflowLayers, ARecurrentNodeLiesWhereItsInitialStateDoes) {
  ExportedModel model(R"(<ir_version: 8, opset_import: ["": 15], producer_name: "tf2onnx">
g (float[3, 1, 8] x, float[1, 5] shape) => (float[3, 1, 1, 5] y) {
  ["net/norm/batchnorm/mul_1"] n = Mul (x, "net/norm/batchnorm/mul:0")
  ["net/lstm/zeros"] s = Identity (shape)
  ["Unsqueeze__6"] u = Unsqueeze (s, "axes__5")
  ["LSTM__7"] y = LSTM <hidden_size = 5> (n, W0__1, R0__2, , , u, u)
})");
  model.Float("net/norm/batchnorm/mul:0", {8}).Float("axes__5", {1});
  model.Float("W0__1", {1, 20, 8}).Float("R0__2", {1, 20, 5});
  const LayersOf layers(model);
  EXPECT_EQ(layers.of_tensor("W0__1"), "net/lstm");
  EXPECT_EQ(layers.of_node("y"), "net/lstm");
}

// ---- others ----

TEST(PaddleLayers, ParametersCarryTheirLayer) {
  ExportedModel model(R"(<ir_version: 8, opset_import: ["": 15]>
"PaddlePaddle Graph" (float[1, 8] x) => (float[1, 4] y) {
  ["MatMul.0"] m = MatMul (x, "linear_2.w_0")
  ["Add.0"] y = Add (m, "linear_2.b_0")
})");
  model.Float("linear_2.w_0", {8, 4}).Float("linear_2.b_0", {4});
  const LayersOf layers(model);
  EXPECT_EQ(layers.layers.exporter, Exporter::kPaddle);
  EXPECT_THAT(layers.all(), ElementsAre("linear_2 (MatMul)"));
}

TEST(OtherLayers, ANodesOwnNameNamesItsLayer) {
  ExportedModel model(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[1, 8] x) => (float[1, 4] y) {
  ["dense"] h = Gemm (x, w, b)
  ["bn"] y = BatchNormalization (h, scale, bias, mean, var)
})");
  model.Float("w", {8, 4}).Float("b", {4}).Float("scale", {4}).Float("bias", {4});
  model.Float("mean", {4}).Float("var", {4});
  const LayersOf layers(model);
  EXPECT_EQ(layers.of_tensor("var"), "bn");
  EXPECT_THAT(layers.all(), ElementsAre("dense (Gemm)", "bn (BatchNormalization)"));
}

constexpr char kNothingNamed[] = R"(<ir_version: 8, opset_import: ["": 17]>
g (float[4, 4] x) => (float[4, 4] y) {
  t = Transpose (w1)
  a = MatMul (x, t)
  c = Constant <value = float[4] {1, 2, 3, 4}> ()
  d = Add (a, c)
  y = MatMul (d, w2)
})";

TEST(OtherLayers, WithoutANameLayersCountTheirOperator) {
  ExportedModel model(kNothingNamed);
  model.Float("w1", {4, 4}).Float("w2", {4, 4});
  const LayersOf layers(model);
  EXPECT_THAT(layers.all(), ElementsAre("MatMul_0 (MatMul)", "Add_0 (Add)", "MatMul_1 (MatMul)"));
  EXPECT_FALSE(layers.layers.layers[0].named);
}

TEST(OtherLayers, StoredValuesAreFollowedToTheNodeThatUsesThem) {
  ExportedModel model(kNothingNamed);
  model.Float("w1", {4, 4}).Float("w2", {4, 4});
  const LayersOf layers(model);
  EXPECT_EQ(layers.of_tensor("w1"), "MatMul_0");
  EXPECT_EQ(layers.of_node("t"), "MatMul_0");
  EXPECT_EQ(layers.of_tensor("c"), "Add_0");
}

TEST(OtherLayers, ATensorOfSeveralLayersBelongsToTheFirst) {
  ExportedModel model(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[4, 4] x) => (float[4, 4] y) {
  ["first"] a = MatMul (x, w)
  ["second"] y = MatMul (a, w)
})");
  model.Float("w", {4, 4});
  EXPECT_EQ(LayersOf(model).of_tensor("w"), "first");
}

TEST(OtherLayers, AMadeUpNameGivesWayToAModuleOfThatName) {
  ExportedModel model(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[4, 4] x) => (float[4, 4] y) {
  a = MatMul (x, w)
  y = MatMul (a, "MatMul_0.weight")
})");
  model.Float("w", {4, 4}).Float("MatMul_0.weight", {4, 4});
  const LayersOf layers(model);
  EXPECT_EQ(layers.of_tensor("MatMul_0.weight"), "MatMul_0");
  EXPECT_EQ(layers.of_tensor("w"), "MatMul_0'");
}

TEST(OtherLayers, AWeightOfALoopBodyBelongsToTheNodeInside) {
  const LayersOf layers(R"(<ir_version: 8, opset_import: ["": 17]>
g (int64 m, bool c, float[2, 2] s0) => (float[2, 2] y) <float[2, 2] w = {1, 2, 3, 4}> {
  ["loop"] y = Loop (m, c, s0) <
    body = b (int64 i, bool cin, float[2, 2] sin) => (bool cout, float[2, 2] sout) {
      cout = Identity (cin)
      ["cell"] sout = MatMul (sin, w) }>
})");
  EXPECT_EQ(layers.of_tensor("w"), "cell");
}

TEST(OtherLayers, LayersComeInGraphOrderWithBodiesWhereTheyAreEntered) {
  const LayersOf layers(R"(<ir_version: 8, opset_import: ["": 17]>
g (bool c, float[2] x) => (float[2] y) {
  ["choose"] a = If (c) <
    then_branch = t () => (float[2] b) { ["inside"] b = Neg (x) },
    else_branch = e () => (float[2] d) { ["other"] d = Abs (x) }>
  ["after"] y = Exp (a)
})");
  EXPECT_THAT(layers.all(),
              ElementsAre("choose (If)", "inside (Neg)", "other (Abs)", "after (Exp)"));
}

TEST(OtherLayers, ACycleOfStoredValuesEnds) {
  ExportedModel model(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[4] x) => (float[4] y) {
  a = Concat <axis = 0> (b, w)
  b = Identity (a)
  y = Add (x, b)
})");
  model.Float("w", {4});
  EXPECT_EQ(LayersOf(model).layers.tensor_layer.size(), 1u);
}

// Last node first: each joins the one before it in the file, a chain as long as the graph.
TEST(OtherLayers, ALongChainInReverseOrderIsFollowed) {
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(17);
  onnx::GraphProto& graph = *model.mutable_graph();
  graph.add_output()->set_name("y");
  onnx::NodeProto& use = *graph.add_node();
  use.set_op_type("Neg");
  use.set_name("user");
  use.add_output("y");
  constexpr int kLong = 50'000;
  use.add_input("v" + std::to_string(kLong));
  for (int i = kLong; i > 0; --i) {
    onnx::NodeProto& node = *graph.add_node();
    node.set_op_type("Identity");
    node.add_input("v" + std::to_string(i - 1));
    node.add_output("v" + std::to_string(i));
  }
  onnx::TensorProto& w = *graph.add_initializer();
  w.set_name("v0");
  w.set_data_type(onnx::TensorProto::FLOAT);
  w.add_dims(1);
  w.set_raw_data(std::string(4, '\0'));
  const FactsOf facts(model);
  const Layers layers = AssignLayers(*facts);
  ASSERT_EQ(layers.tensor_layer.size(), 1u);
  EXPECT_NE(layers.tensor_layer[0], kNone);
}

}  // namespace
}  // namespace hoarfrost::model
