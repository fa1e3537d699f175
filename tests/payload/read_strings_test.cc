// Strings, the values of Constant nodes' attributes, and the places of sparse values.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "payload/read.h"

namespace hoarfrost::payload {
namespace {

using onnx::AttributeProto;
using onnx::TensorProto;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A model read back as a skeleton, with the source that it was read from.
struct ReadBack {
  explicit ReadBack(onnx::ModelProto model)
      : bytes((model.set_ir_version(10), model.SerializeAsString())) {
    source = wire::FromMemory("<test>", bytes);
    skeleton.emplace(wire::ReadSkeleton(*source).value());
  }
  const onnx::GraphProto& graph() const { return skeleton->model().graph(); }

  std::string bytes;
  std::unique_ptr<wire::ByteSource> source;
  std::optional<wire::Skeleton> skeleton;
};

absl::StatusOr<std::vector<std::string>> Strings(const TensorProto& tensor) {
  onnx::ModelProto model;
  *model.mutable_graph()->add_initializer() = tensor;
  const ReadBack back(model);
  return ReadStrings(*back.source, *back.skeleton, back.graph().initializer(0));
}

ReadBack Constant(const AttributeProto& attribute) {
  onnx::ModelProto model;
  *model.mutable_graph()->add_node()->add_attribute() = attribute;
  return ReadBack(model);
}

TensorProto StringTensor(int64_t size) {
  TensorProto tensor;
  tensor.set_name("t");
  tensor.set_data_type(TensorProto::STRING);
  tensor.add_dims(size);
  return tensor;
}

TEST(ReadStrings, EveryElementComesBackAsItWasWritten) {
  TensorProto tensor = StringTensor(3);
  tensor.add_string_data("hello");
  tensor.add_string_data("");
  tensor.add_string_data(std::string("\0\xff", 2));
  EXPECT_THAT(Strings(tensor).value(), ElementsAre("hello", "", std::string("\0\xff", 2)));
}

TEST(ReadStrings, ThousandsThatTheSkeletonLeavesOutAreReadToo) {
  TensorProto tensor = StringTensor(5000);
  for (int i = 0; i < 5000; ++i) tensor.add_string_data(std::to_string(i));
  const std::vector<std::string> read = Strings(tensor).value();
  ASSERT_EQ(read.size(), 5000u);
  EXPECT_EQ(read[4999], "4999");
}

TEST(ReadStrings, ACountThatIsNotTheShapesIsDataLossThatNamesTheTensor) {
  TensorProto tensor = StringTensor(2);
  tensor.add_string_data("one");
  const auto read = Strings(tensor);
  EXPECT_EQ(read.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(read.status().message()), HasSubstr("'t'"));
}

TEST(ReadStrings, AConstantsStringsAreReadFromItsAttribute) {
  AttributeProto one;
  one.set_name("value_string");
  one.set_s("text");
  const ReadBack single = Constant(one);
  const auto& a = single.graph().node(0).attribute(0);
  EXPECT_THAT(ReadStrings(*single.source, *single.skeleton, a).value(), ElementsAre("text"));

  AttributeProto list;
  list.set_name("value_strings");
  list.add_strings("a");
  list.add_strings("b");
  const ReadBack several = Constant(list);
  const auto& b = several.graph().node(0).attribute(0);
  EXPECT_THAT(ReadStrings(*several.source, *several.skeleton, b).value(), ElementsAre("a", "b"));
}

template <typename T>
std::string BytesOf(const std::vector<T>& values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

std::string Elements(const AttributeProto& attribute) {
  const ReadBack back = Constant(attribute);
  return ReadElements(*back.source, *back.skeleton, back.graph().node(0).attribute(0)).value();
}

TEST(ReadElements, AConstantsNumbersAreReadFromItsAttribute) {
  AttributeProto f;
  f.set_name("value_float");
  f.set_f(1.5f);
  EXPECT_EQ(Elements(f), BytesOf(std::vector<float>{1.5f}));
  AttributeProto i;
  i.set_name("value_int");
  i.set_i(-7);
  EXPECT_EQ(Elements(i), BytesOf(std::vector<int64_t>{-7}));

  // More than a skeleton keeps.
  std::vector<float> floats(5000);
  std::vector<int64_t> ints(5000);
  AttributeProto many_floats, many_ints;
  many_floats.set_name("value_floats");
  many_ints.set_name("value_ints");
  for (size_t k = 0; k < floats.size(); ++k) {
    many_floats.add_floats(floats[k] = static_cast<float>(k) / 4);
    many_ints.add_ints(ints[k] = 3 - static_cast<int64_t>(k));
  }
  EXPECT_EQ(Elements(many_floats), BytesOf(floats));
  EXPECT_EQ(Elements(many_ints), BytesOf(ints));
}

onnx::SparseTensorProto Sparse(std::vector<int64_t> dims, std::vector<int64_t> index_dims,
                               std::vector<int64_t> indices) {
  onnx::SparseTensorProto sparse;
  for (const int64_t d : dims) sparse.add_dims(d);
  sparse.mutable_values()->set_name("s");
  sparse.mutable_values()->set_data_type(TensorProto::FLOAT);
  sparse.mutable_values()->add_dims(index_dims[0]);
  for (int64_t k = 0; k < index_dims[0]; ++k) sparse.mutable_values()->add_float_data(1);
  sparse.mutable_indices()->set_data_type(TensorProto::INT64);
  for (const int64_t d : index_dims) sparse.mutable_indices()->add_dims(d);
  for (const int64_t v : indices) sparse.mutable_indices()->add_int64_data(v);
  return sparse;
}

absl::StatusOr<std::vector<uint64_t>> Positions(const onnx::SparseTensorProto& sparse) {
  onnx::ModelProto model;
  *model.mutable_graph()->add_sparse_initializer() = sparse;
  const ReadBack back(model);
  return ReadPositions(*back.source, *back.skeleton, back.graph().sparse_initializer(0), "");
}

// onnx-ml.proto, SparseTensorProto.indices: [NNZ] linear positions, or [NNZ, rank] coordinates.
TEST(ReadPositions, BothFormsOfIndicesSayTheSame) {
  EXPECT_THAT(Positions(Sparse({2, 3}, {2}, {1, 5})).value(), ElementsAre(1u, 5u));
  EXPECT_THAT(Positions(Sparse({2, 3}, {2, 2}, {0, 1, 1, 2})).value(), ElementsAre(1u, 5u));
}

TEST(ReadPositions, AnIndexOutsideOfTheShapeIsDataLossThatNamesTheTensor) {
  for (const auto& sparse : {Sparse({2, 3}, {1}, {6}), Sparse({2, 3}, {1}, {-1}),
                             Sparse({2, 3}, {1, 2}, {0, 3}), Sparse({2, 3}, {1, 2}, {-1, 0})}) {
    const auto read = Positions(sparse);
    EXPECT_EQ(read.status().code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(read.status().message()), HasSubstr("'s'"));
  }
}

TEST(ReadPositions, IndicesOfAnotherShapeAreDataLoss) {
  EXPECT_EQ(Positions(Sparse({2, 3}, {1, 3}, {0, 0, 0})).status().code(),
            absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace hoarfrost::payload
