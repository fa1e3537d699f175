// Which tensors a model holds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "model/facts_of.h"

namespace hoarfrost::model {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

onnx::TensorProto Floats(const std::string& name, int n) {
  onnx::TensorProto tensor;
  tensor.set_name(name);
  tensor.set_data_type(onnx::TensorProto::FLOAT);
  tensor.add_dims(n);
  tensor.set_raw_data(std::string(static_cast<size_t>(n) * 4, 'x'));
  return tensor;
}

std::vector<std::string> Names(const Facts& facts) {
  std::vector<std::string> names;
  for (const Tensor& t : facts.tensors) {
    const std::string& path = facts.scopes[static_cast<size_t>(t.scope)].path;
    names.push_back((path.empty() ? "" : path + "/") + std::string(t.name));
  }
  return names;
}

TEST(Tensors, EveryConstantFormIsATensorNamedByItsOutput) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[2] x) => (float[2] y) {
  [node_name] a = Constant <value = float[2] named {1, 2}> ()
  b = Constant <value_float = 1.5> ()
  c = Constant <value_floats = [1.5, 2.5, 3.5]> ()
  d = Constant <value_int = 1> ()
  e = Constant <value_ints = [1, 2]> ()
  f = Constant <value_string = "s"> ()
  h = Constant <value_strings = ["s", "t"]> ()
  y = Add(x, a)
})");
  EXPECT_THAT(Names(*facts), ElementsAre("a", "b", "c", "d", "e", "f", "h"));
  std::vector<std::vector<int64_t>> dims;
  std::vector<int32_t> dtypes;
  for (const Tensor& t : facts->tensors) {
    dims.push_back(t.dims);
    dtypes.push_back(t.dtype);
    EXPECT_EQ(t.source, TensorSource::kConstantNode);
    EXPECT_EQ(facts[t.value].producer, t.node);
    EXPECT_EQ(facts[t.value].tensor, &t - facts->tensors.data());
    EXPECT_NE(t.attribute, nullptr);
  }
  using Dims = std::vector<int64_t>;
  EXPECT_THAT(dims, ElementsAre(Dims{2}, Dims{}, Dims{3}, Dims{}, Dims{2}, Dims{}, Dims{2}));
  using T = onnx::TensorProto;
  EXPECT_THAT(dtypes,
              ElementsAre(T::FLOAT, T::FLOAT, T::FLOAT, T::INT64, T::INT64, T::STRING, T::STRING));
  EXPECT_EQ(facts->tensors[0].elements, 2u);
  EXPECT_EQ(facts->tensors[0].bytes, 8u);
  EXPECT_EQ(facts->tensors[1].elements, 1u);
  EXPECT_EQ(facts->tensors[1].bytes, 4u);
  EXPECT_EQ(facts->tensors[2].bytes, 12u);
  EXPECT_EQ(facts->tensors[4].bytes, 16u);
  EXPECT_THAT(facts.notes(), IsEmpty());
}

TEST(Tensors, SparseOnesCountTheirDenseDimsAndTellWhatIsStored) {
  onnx::ModelProto model = testing::ParseModel(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[6, 6] x) => (float[6, 6] y) { y = MatMul(x, w) z = Constant <value_int = 1> () })");
  onnx::SparseTensorProto sparse;
  sparse.add_dims(6);
  sparse.add_dims(6);
  *sparse.mutable_values() = Floats("w", 7);
  sparse.mutable_indices()->set_data_type(onnx::TensorProto::INT64);
  sparse.mutable_indices()->add_dims(7);
  for (int i = 0; i < 7; ++i) sparse.mutable_indices()->add_int64_data(i);
  *model.mutable_graph()->add_sparse_initializer() = sparse;
  auto& constant = *model.mutable_graph()->mutable_node(1)->mutable_attribute(0);
  constant.Clear();
  constant.set_name("sparse_value");
  constant.set_type(onnx::AttributeProto::SPARSE_TENSOR);
  *constant.mutable_sparse_tensor() = sparse;
  const FactsOf facts(model);
  EXPECT_THAT(Names(*facts), ElementsAre("w", "z"));
  EXPECT_EQ(facts->tensors[0].source, TensorSource::kSparseInitializer);
  EXPECT_EQ(facts->tensors[1].source, TensorSource::kConstantNode);
  for (const Tensor& t : facts->tensors) {
    EXPECT_EQ(t.elements, 36u);
    EXPECT_EQ(t.stored_elements, 7u);
    EXPECT_EQ(t.bytes, 28u);
    EXPECT_THAT(t.dims, ElementsAre(6, 6));
    EXPECT_NE(t.sparse, nullptr);
  }
  EXPECT_THAT(facts.uses(facts.value("w")), ElementsAre("MatMul:1"));
  EXPECT_THAT(facts.notes(), IsEmpty());
}

TEST(Tensors, AreListedByScopeInitializersBeforeConstants) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17, "local": 1]>
g (bool c, float[2] x) => (float[2] y) <float[2] w = {1, 2}> {
  k = Constant <value_int = 1> ()
  [i] z = If (c) <
    then_branch = t () => (float[2] u) <float[2] w2 = {1, 2}> {
      k = Constant <value_int = 2> ()
      u = Add(x, w2)
    },
    else_branch = e () => (float[2] v) { v = Neg(x) }>
  y = local.f(z)
}
<domain: "local", opset_import: ["": 17]>
f (a) => (b) {
  k = Constant <value_float = 2.0> ()
  b = Mul(a, k)
})");
  EXPECT_THAT(Names(*facts),
              ElementsAre("w", "k", "i.then_branch/w2", "i.then_branch/k", "function:local::f/k"));
}

TEST(Tensors, AConstantThatTheCallerGivesIsNone) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17, "local": 1]>
g (float[2] x) => (float[2] y) { y = local.f <k: float = 1.0> (x) }
<domain: "local", opset_import: ["": 17]>
f <k> (a) => (b) {
  c = Constant <value_float: float = @k> ()
  b = Mul(a, c)
})");
  EXPECT_THAT(facts->tensors, IsEmpty());
  EXPECT_THAT(facts.notes(), IsEmpty());
}

TEST(Tensors, AConstantWithoutAValueIsNoted) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g () => (float y) { [k] y = Constant () })");
  EXPECT_THAT(facts->tensors, IsEmpty());
  EXPECT_THAT(facts.notes(), ElementsAre("Constant node 'k' has no value"));
}

TEST(Tensors, OfInitializersOfOneNameTheLastCountsOnce) {
  onnx::ModelProto model = testing::ParseModel(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[2] x) => (float[2] y) { y = Add(x, w) })");
  *model.mutable_graph()->add_initializer() = Floats("w", 2);
  *model.mutable_graph()->add_initializer() = Floats("v", 3);
  *model.mutable_graph()->add_initializer() = Floats("w", 5);
  const FactsOf facts(model);
  EXPECT_THAT(Names(*facts), ElementsAre("w", "v"));
  EXPECT_EQ(facts->tensors[0].elements, 5u);
  EXPECT_EQ(facts->tensors[0].proto, &facts->model().graph().initializer(2));
  EXPECT_EQ(facts[facts.value("w")].tensor, 0);
  EXPECT_THAT(facts.notes(), ElementsAre(HasSubstr("same name 'w'")));
}

TEST(Tensors, OnesWithoutANameAreListedEachAndNoted) {
  onnx::ModelProto model = testing::ParseModel(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[2] x) => (float[2] y) { y = Neg(x) })");
  *model.mutable_graph()->add_initializer() = Floats("", 2);
  *model.mutable_graph()->add_initializer() = Floats("", 3);
  const FactsOf facts(model);
  ASSERT_EQ(facts->tensors.size(), 2u);
  EXPECT_NE(facts->tensors[0].value, facts->tensors[1].value);
  EXPECT_THAT(facts.uses(facts->tensors[0].value), IsEmpty());
  EXPECT_THAT(facts.notes(), ElementsAre(HasSubstr("empty name"), HasSubstr("empty name")));
}

TEST(Tensors, FaultsOfStorageAreNotesWithTheTensorsName) {
  onnx::ModelProto model = testing::ParseModel(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[2] x) => (float[2] y) { y = Neg(x) })");
  onnx::TensorProto shrunk = Floats("w", 4);
  shrunk.set_raw_data(std::string(12, 'x'));
  *model.mutable_graph()->add_initializer() = shrunk;
  EXPECT_THAT(FactsOf(model).notes(),
              ElementsAre("tensor 'w': float32 [4] takes 16 bytes, but raw_data holds 12"));
}

TEST(Tensors, AMissingDataFileIsOneNoteForAllItsTensors) {
  onnx::ModelProto model = testing::ParseModel(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[2] x) => (float[2] y) { y = Neg(x) })");
  for (int i = 0; i < 39; ++i) {
    onnx::TensorProto tensor = Floats("w" + std::to_string(i), 4);
    tensor.clear_raw_data();
    tensor.set_data_location(onnx::TensorProto::EXTERNAL);
    auto& entry = *tensor.add_external_data();
    entry.set_key("location");
    entry.set_value("nowhere.bin");
    *model.mutable_graph()->add_initializer() = tensor;
  }
  EXPECT_THAT(FactsOf(model, ::testing::TempDir()).notes(),
              ElementsAre("data file 'nowhere.bin' is missing: the bytes of tensor 'w0' and 38 "
                          "more tensors should be there"));
}

TEST(Tensors, AMillionFaultsAreAFewNotesAndOneThatCountsTheRest) {
  onnx::ModelProto model;
  model.set_ir_version(8);
  model.add_opset_import()->set_version(17);
  for (int i = 0; i < 1000; ++i) {
    onnx::TensorProto tensor = Floats("w" + std::to_string(i), 4);
    tensor.clear_raw_data();
    *model.mutable_graph()->add_initializer() = tensor;
  }
  const FactsOf facts(model);
  EXPECT_EQ(facts->notes.size(), 21u);
  EXPECT_THAT(facts->notes.back().text, HasSubstr("980 more"));
}

TEST(Tensors, AnInputDeclaredOtherwiseThanItsInitializerIsNoted) {
  const FactsOf shape(R"(<ir_version: 3, opset_import: ["": 7]>
g (float[2] x, float[3] w) => (float[2] y) <float[2] w = {1, 2}> { y = Add(x, w) })");
  EXPECT_THAT(shape.notes(), ElementsAre(HasSubstr("declared float32 [3]")));
  const FactsOf type(R"(<ir_version: 3, opset_import: ["": 7]>
g (float[2] x, int64[2] w) => (float[2] y) <float[2] w = {1, 2}> { y = Add(x, w) })");
  EXPECT_THAT(type.notes(), ElementsAre(HasSubstr("declared int64 [2]")));
  const FactsOf symbol(R"(<ir_version: 3, opset_import: ["": 7]>
g (float[2] x, float[n] w) => (float[2] y) <float[2] w = {1, 2}> { y = Add(x, w) })");
  EXPECT_THAT(symbol.notes(), IsEmpty());
}

TEST(Tensors, NamesThatAreNoUtf8AreKeptAndNoted) {
  // The text parser and the generated classes refuse such a name, so it goes in as bytes.
  onnx::ModelProto model = testing::ParseModel(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[2] x) => (float[2] y) { y = Neg(x) })");
  *model.mutable_graph()->add_initializer() = Floats("w_name", 2);
  std::string bytes = model.SerializeAsString();
  bytes.replace(bytes.find("w_name"), 6, "w\xff\xfe\x80me");
  const FactsOf facts = FactsOf::Bytes(bytes);
  ASSERT_EQ(facts->tensors.size(), 1u);
  EXPECT_EQ(facts->tensors[0].name, "w\xff\xfe\x80me");
  EXPECT_THAT(facts.notes(), ElementsAre(HasSubstr("UTF-8")));
}

TEST(Duplicates, ANameDefinedTwiceKeepsItsFirstProducerAndIsNoted) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[2] x) => (float[2] y) {
  [one] y = Neg(x)
  [two] y = Abs(x)
})");
  EXPECT_EQ(facts[facts.value("y")].producer, facts.node("Neg"));
  EXPECT_THAT(facts->outputs(facts.node("Abs")), ElementsAre(facts.value("y")));
  EXPECT_THAT(facts.notes(), ElementsAre(HasSubstr("'y' is output by two nodes")));
}

TEST(Duplicates, ANodeOutputNamedLikeAnInitializerIsNoted) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[2] x) => (float[2] w) <float[2] w = {1, 2}> { w = Neg(x) })");
  EXPECT_EQ(facts[facts.value("w")].producer, kNone);
  EXPECT_THAT(facts.notes(), ElementsAre(HasSubstr("defined more than once")));
}

TEST(Duplicates, AConstantNamedLikeAnInitializerAddsNoTensor) {
  const FactsOf facts(R"(<ir_version: 8, opset_import: ["": 17]>
g (float[2] x) => (float[2] y) <float[2] w = {1, 2}> {
  w = Constant <value = float[3] {1, 2, 3}> ()
  y = Add(x, w)
})");
  ASSERT_EQ(facts->tensors.size(), 1u);
  EXPECT_EQ(facts->tensors[0].source, TensorSource::kInitializer);
  EXPECT_THAT(facts.notes(), Contains(HasSubstr("defined more than once")));
}

TEST(Duplicates, OldBatchNormalizationWritesItsStatisticsInPlace) {
  // Opset 6: "mean: Output variable: the running mean ... Must be in-place with the input mean".
  const FactsOf facts(R"(<ir_version: 3, opset_import: ["": 6]>
g (float[1, 2] x, float[2] s, float[2] b, float[2] mu, float[2] va) => (float[1, 2] y)
<float[2] s = {1, 1}, float[2] b = {0, 0}, float[2] mu = {0, 0}, float[2] va = {1, 1}> {
  y, mu, va, sm, sv = BatchNormalization(x, s, b, mu, va)
})");
  const Value& mu = facts[facts.value("mu")];
  EXPECT_EQ(mu.producer, kNone);
  EXPECT_NE(mu.tensor, kNone);
  EXPECT_EQ(facts->tensors.size(), 4u);
  EXPECT_THAT(facts.notes(), IsEmpty());
}

}  // namespace
}  // namespace hoarfrost::model
