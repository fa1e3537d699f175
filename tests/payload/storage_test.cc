#include "payload/storage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "onnx/onnx_pb.h"
#include "payload/dtype.h"
#include "wire/byte_source.h"
#include "wire/skeleton.h"

namespace hoarfrost::payload {
namespace {

using onnx::TensorProto;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A model of one initializer, serialised and read back as a skeleton.
class OneTensor {
 public:
  explicit OneTensor(const TensorProto& tensor) {
    onnx::ModelProto model;
    model.set_ir_version(8);
    *model.mutable_graph()->add_initializer() = tensor;
    Read(model);
  }
  explicit OneTensor(const onnx::SparseTensorProto& tensor) {
    onnx::ModelProto model;
    model.set_ir_version(8);
    *model.mutable_graph()->add_sparse_initializer() = tensor;
    Read(model);
  }
  explicit OneTensor(const onnx::AttributeProto& attribute) {
    onnx::ModelProto model;
    model.set_ir_version(8);
    *model.mutable_graph()->add_node()->add_attribute() = attribute;
    Read(model);
  }

  StorageReport Describe(const std::string& directory = "") const {
    return DescribeStorage(skeleton_->model().graph().initializer(0), *skeleton_, directory);
  }
  StorageReport DescribeSparse() const {
    return StorageInspector(*skeleton_, "")
        .Describe(skeleton_->model().graph().sparse_initializer(0));
  }
  std::optional<StorageInspector::AttributeValues> DescribeAttribute() const {
    return StorageInspector(*skeleton_, "")
        .Describe(skeleton_->model().graph().node(0).attribute(0));
  }
  std::string_view Bytes(const wire::Span& span) const {
    return std::string_view(bytes_).substr(span.offset, span.length);
  }

 private:
  void Read(const onnx::ModelProto& model) {
    bytes_ = model.SerializeAsString();
    source_ = wire::FromMemory("<test>", bytes_);
    auto skeleton = wire::ReadSkeleton(*source_);
    ASSERT_TRUE(skeleton.ok()) << skeleton.status().ToString();
    skeleton_ = std::make_unique<wire::Skeleton>(std::move(*skeleton));
  }

  std::string bytes_;
  std::unique_ptr<wire::ByteSource> source_;
  std::unique_ptr<wire::Skeleton> skeleton_;
};

TensorProto Tensor(int32_t dtype, const std::vector<int64_t>& dims) {
  TensorProto tensor;
  tensor.set_name("t");
  tensor.set_data_type(dtype);
  for (const int64_t d : dims) tensor.add_dims(d);
  return tensor;
}

std::vector<std::string> Texts(const StorageReport& report) {
  std::vector<std::string> texts;
  texts.reserve(report.problems.size());
  for (const Problem& p : report.problems) texts.push_back(p.text);
  return texts;
}

std::vector<int32_t> AllDtypes() {
  std::vector<int32_t> all;
  for (int32_t d = 1; onnx::TensorProto_DataType_IsValid(d); ++d) all.push_back(d);
  return all;
}

// How the specification stores a type in typed fields (comments on TensorProto's *_data fields):
// which field, and entries for n elements.
struct TypedForm {
  std::function<void(TensorProto&)> add_entry;
  std::function<uint64_t(uint64_t)> entries;
};

TypedForm FormOf(int32_t dtype) {
  const auto one = [](uint64_t n) { return n; };
  const auto two = [](uint64_t n) { return 2 * n; };
  const auto int32_data = [](TensorProto& t) { t.add_int32_data(1); };
  switch (dtype) {
    case TensorProto::FLOAT:
      return {[](TensorProto& t) { t.add_float_data(1); }, one};
    case TensorProto::COMPLEX64:
      return {[](TensorProto& t) { t.add_float_data(1); }, two};
    case TensorProto::DOUBLE:
      return {[](TensorProto& t) { t.add_double_data(1); }, one};
    case TensorProto::COMPLEX128:
      return {[](TensorProto& t) { t.add_double_data(1); }, two};
    case TensorProto::INT64:
      return {[](TensorProto& t) { t.add_int64_data(1); }, one};
    case TensorProto::UINT32:
    case TensorProto::UINT64:
      return {[](TensorProto& t) { t.add_uint64_data(1); }, one};
    case TensorProto::STRING:
      return {[](TensorProto& t) { t.add_string_data("ab"); }, one};
    case TensorProto::UINT4:
    case TensorProto::INT4:
    case TensorProto::FLOAT4E2M1:
      return {int32_data, [](uint64_t n) { return (n + 1) / 2; }};
    case TensorProto::UINT2:
    case TensorProto::INT2:
      return {int32_data, [](uint64_t n) { return (n + 3) / 4; }};
    default:
      return {int32_data, one};
  }
}

TEST(ElementCount, IsAProductWithScalarsZerosAndChecks) {
  const auto count = [](const std::vector<int64_t>& dims) {
    return ElementCount(Tensor(1, dims).dims());
  };
  const int64_t big = int64_t{1} << 40;
  EXPECT_EQ(count({}), 1u);
  EXPECT_EQ(count({0}), 0u);
  EXPECT_EQ(count({3, 0, 5}), 0u);
  EXPECT_EQ(count({1, 1, 1}), 1u);
  EXPECT_EQ(count({2, 3, 4}), 24u);
  EXPECT_EQ(count({big, big, 0}), 0u);
  EXPECT_EQ(count({big, big}), std::nullopt);
  EXPECT_EQ(count({-4}), std::nullopt);
  EXPECT_EQ(count({0, -1}), std::nullopt);
  EXPECT_EQ(count({std::numeric_limits<int64_t>::min()}), std::nullopt);
  EXPECT_EQ(count({1 << 20, 1 << 20, 1 << 20}), uint64_t{1} << 60);
}

TEST(Storage, RawDataOfTheRightLengthIsFineForEveryType) {
  for (const int32_t dtype : AllDtypes()) {
    if (!DtypeBits(dtype)) continue;
    for (uint64_t n : {1, 3, 4, 7, 100}) {
      SCOPED_TRACE(DtypeName(dtype) + " " + std::to_string(n));
      TensorProto tensor = Tensor(dtype, {static_cast<int64_t>(n)});
      const uint64_t bytes = (n * static_cast<uint64_t>(*DtypeBits(dtype)) + 7) / 8;
      tensor.set_raw_data(std::string(bytes, 'x'));
      const OneTensor model(tensor);
      const StorageReport report = model.Describe();
      EXPECT_THAT(Texts(report), IsEmpty());
      EXPECT_EQ(report.elements, n);
      EXPECT_EQ(report.bytes, bytes);
      EXPECT_EQ(report.storage.kind, StorageKind::kInline);
      ASSERT_EQ(report.storage.spans.size(), 1u);
      EXPECT_EQ(model.Bytes(report.storage.spans[0]), tensor.raw_data());
    }
  }
}

TEST(Storage, RawDataOneByteOffIsAProblemForEveryType) {
  for (const int32_t dtype : AllDtypes()) {
    if (!DtypeBits(dtype)) continue;
    const uint64_t bytes = (101 * static_cast<uint64_t>(*DtypeBits(dtype)) + 7) / 8;
    for (const uint64_t length : {bytes - 1, bytes + 1}) {
      SCOPED_TRACE(DtypeName(dtype));
      TensorProto tensor = Tensor(dtype, {101});
      tensor.set_raw_data(std::string(length, 'x'));
      const StorageReport report = OneTensor(tensor).Describe();
      ASSERT_EQ(report.problems.size(), 1u);
      EXPECT_EQ(report.problems[0].kind, ProblemKind::kSize);
      EXPECT_EQ(report.elements, 101u);
      EXPECT_EQ(report.bytes, bytes);
    }
  }
}

TEST(Storage, TheSizeProblemTellsBothSizes) {
  TensorProto tensor = Tensor(TensorProto::FLOAT, {4});
  tensor.set_raw_data(std::string(20, 'x'));
  EXPECT_THAT(Texts(OneTensor(tensor).Describe()),
              ElementsAre("float32 [4] takes 16 bytes, but raw_data holds 20"));
}

TEST(Storage, TypedFieldsOfTheRightCountAreFineForEveryType) {
  for (const int32_t dtype : AllDtypes()) {
    const TypedForm form = FormOf(dtype);
    for (const uint64_t n : {1u, 2u, 3u, 5u, 300u}) {
      SCOPED_TRACE(DtypeName(dtype) + " " + std::to_string(n));
      TensorProto tensor = Tensor(dtype, {static_cast<int64_t>(n)});
      for (uint64_t i = 0; i < form.entries(n); ++i) form.add_entry(tensor);
      const StorageReport report = OneTensor(tensor).Describe();
      EXPECT_THAT(Texts(report), IsEmpty());
      EXPECT_EQ(report.storage.kind, StorageKind::kFields);
      EXPECT_FALSE(report.storage.spans.empty());
      EXPECT_EQ(report.elements, n);
      EXPECT_EQ(report.bytes, PackedBytes(dtype, n).value_or(report.bytes));
    }
  }
}

TEST(Storage, TypedFieldsOneEntryOffAreAProblemForEveryType) {
  for (const int32_t dtype : AllDtypes()) {
    const TypedForm form = FormOf(dtype);
    for (const int off : {-1, 1}) {
      SCOPED_TRACE(DtypeName(dtype));
      TensorProto tensor = Tensor(dtype, {9});
      for (uint64_t i = 0; i < form.entries(9) + static_cast<uint64_t>(off); ++i) {
        form.add_entry(tensor);
      }
      const StorageReport report = OneTensor(tensor).Describe();
      ASSERT_EQ(report.problems.size(), 1u);
      EXPECT_EQ(report.problems[0].kind, ProblemKind::kSize);
    }
  }
}

TEST(Storage, ManyTypedEntriesOffByFarAreAProblemEvenIfSkippedUncounted) {
  TensorProto tensor = Tensor(TensorProto::INT64, {4});
  for (int i = 0; i < 1000; ++i) tensor.add_int64_data(i);
  EXPECT_EQ(OneTensor(tensor).Describe().problems.size(), 1u);
}

TEST(Storage, SignExtendedFourBitEntriesCountAsOneEntryEach) {
  TensorProto tensor = Tensor(TensorProto::INT4, {7});
  for (int i = 0; i < 4; ++i) tensor.add_int32_data(-1);  // ten bytes each
  const StorageReport report = OneTensor(tensor).Describe();
  EXPECT_THAT(Texts(report), IsEmpty());
  EXPECT_EQ(report.bytes, 4u);
}

TEST(Storage, ValuesInAFieldOfAnotherTypeAreAProblem) {
  TensorProto tensor = Tensor(TensorProto::FLOAT, {1});
  tensor.add_int64_data(1);
  EXPECT_THAT(Texts(OneTensor(tensor).Describe()),
              ElementsAre("float32 values lie in int64_data, a field of other types"));
}

TEST(Storage, RawAndTypedValuesTogetherAreAProblemAndRawWins) {
  TensorProto tensor = Tensor(TensorProto::FLOAT, {1});
  tensor.add_float_data(1);
  tensor.set_raw_data("abcd");
  const StorageReport report = OneTensor(tensor).Describe();
  EXPECT_EQ(report.problems.size(), 1u);
  EXPECT_EQ(report.storage.kind, StorageKind::kInline);
}

TEST(Storage, AnEmptyRawDataBesideTypedValuesIsNothing) {
  TensorProto tensor = Tensor(TensorProto::FLOAT, {1});
  tensor.add_float_data(1);
  tensor.set_raw_data("");
  const StorageReport report = OneTensor(tensor).Describe();
  EXPECT_THAT(Texts(report), IsEmpty());
  EXPECT_EQ(report.storage.kind, StorageKind::kFields);
}

TEST(Storage, NoDataIsFineForNoElementsOnly) {
  EXPECT_THAT(Texts(OneTensor(Tensor(TensorProto::FLOAT, {0})).Describe()), IsEmpty());
  EXPECT_THAT(Texts(OneTensor(Tensor(TensorProto::FLOAT, {2})).Describe()),
              ElementsAre("float32 [2] takes 8 bytes, but it has no data"));
  EXPECT_THAT(Texts(OneTensor(Tensor(TensorProto::STRING, {2})).Describe()),
              ElementsAre("string [2] has no data"));
  EXPECT_EQ(OneTensor(Tensor(TensorProto::FLOAT, {1000000, 1000000})).Describe().elements,
            1000000000000u);
}

TEST(Storage, DimsThatAreNoCountGiveNoElementsAndOneProblem) {
  TensorProto negative = Tensor(TensorProto::FLOAT, {3, -4});
  negative.set_raw_data("abcd");
  const StorageReport a = OneTensor(negative).Describe();
  EXPECT_THAT(Texts(a), ElementsAre("its shape [3, -4] has the negative dimension -4"));
  EXPECT_EQ(a.elements, 0u);
  TensorProto huge = Tensor(TensorProto::FLOAT, {int64_t{1} << 40, int64_t{1} << 40});
  const StorageReport b = OneTensor(huge).Describe();
  EXPECT_THAT(Texts(b), ElementsAre(HasSubstr("overflows 64 bits")));
  EXPECT_EQ(b.elements, 0u);
  // Countable, but their bytes are not.
  TensorProto bytes = Tensor(TensorProto::DOUBLE, {int64_t{1} << 62});
  EXPECT_THAT(Texts(OneTensor(bytes).Describe()), testing::Contains(HasSubstr("overflow")));
}

TEST(Storage, UnknownTypesKeepTheirElementsAndTheBytesFound) {
  TensorProto tensor = Tensor(99, {4});
  tensor.set_raw_data(std::string(12, 'x'));
  const StorageReport report = OneTensor(tensor).Describe();
  EXPECT_THAT(Texts(report), ElementsAre("its data type 99 is unknown"));
  EXPECT_EQ(report.elements, 4u);
  EXPECT_EQ(report.bytes, 12u);
  EXPECT_THAT(Texts(OneTensor(Tensor(0, {4})).Describe()),
              ElementsAre("its data type is undefined"));
}

TEST(Storage, StringsInRawDataAreAProblem) {
  TensorProto tensor = Tensor(TensorProto::STRING, {1});
  tensor.set_raw_data("abc");
  EXPECT_THAT(Texts(OneTensor(tensor).Describe()), ElementsAre(HasSubstr("raw_data")));
}

TEST(Storage, ASegmentIsAProblem) {
  TensorProto tensor = Tensor(TensorProto::FLOAT, {1});
  tensor.set_raw_data("abcd");
  tensor.mutable_segment()->set_begin(0);
  EXPECT_THAT(Texts(OneTensor(tensor).Describe()), ElementsAre(HasSubstr("segment")));
}

onnx::SparseTensorProto Sparse(const std::vector<int64_t>& dims, int64_t stored,
                               const std::vector<int64_t>& index_dims) {
  onnx::SparseTensorProto sparse;
  for (const int64_t d : dims) sparse.add_dims(d);
  *sparse.mutable_values() = Tensor(TensorProto::FLOAT, {stored});
  for (int64_t i = 0; i < stored; ++i) sparse.mutable_values()->add_float_data(1);
  *sparse.mutable_indices() = Tensor(TensorProto::INT64, index_dims);
  int64_t indices = 1;
  for (const int64_t d : index_dims) indices *= d;
  for (int64_t i = 0; i < indices; ++i) sparse.mutable_indices()->add_int64_data(i);
  return sparse;
}

TEST(Storage, ASparseTensorCountsItsDenseDimsAndTheBytesOfItsValues) {
  for (const auto& index_dims : {std::vector<int64_t>{7}, std::vector<int64_t>{7, 2}}) {
    const StorageReport report = OneTensor(Sparse({6, 6}, 7, index_dims)).DescribeSparse();
    EXPECT_THAT(Texts(report), IsEmpty());
    EXPECT_EQ(report.elements, 36u);
    EXPECT_EQ(report.bytes, 28u);
  }
}

TEST(Storage, SparseIndicesThatDoNotFitAreAProblem) {
  for (const auto& index_dims :
       {std::vector<int64_t>{6}, std::vector<int64_t>{7, 3}, std::vector<int64_t>{}}) {
    EXPECT_THAT(Texts(OneTensor(Sparse({6, 6}, 7, index_dims)).DescribeSparse()),
                ElementsAre(HasSubstr("indices")));
  }
}

TEST(Storage, ConstantAttributesOfEveryFormHaveTheirTypeAndCount) {
  onnx::AttributeProto floats;
  floats.set_name("value_floats");
  for (int i = 0; i < 500; ++i) floats.add_floats(1);
  auto values = OneTensor(floats).DescribeAttribute();
  ASSERT_TRUE(values);
  EXPECT_EQ(values->dtype, TensorProto::FLOAT);
  EXPECT_THAT(values->dims, ElementsAre(500));
  EXPECT_EQ(values->report.elements, 500u);
  EXPECT_EQ(values->report.bytes, 2000u);

  onnx::AttributeProto ints;
  ints.set_name("value_ints");
  for (int i = 0; i < 500; ++i) ints.add_ints(i * 1000);
  values = OneTensor(ints).DescribeAttribute();
  ASSERT_TRUE(values);
  EXPECT_EQ(values->dtype, TensorProto::INT64);
  EXPECT_THAT(values->dims, ElementsAre(500));
  EXPECT_EQ(values->report.bytes, 4000u);

  onnx::AttributeProto strings;
  strings.set_name("value_strings");
  for (int i = 0; i < 3; ++i) strings.add_strings(std::string(200, 's'));
  values = OneTensor(strings).DescribeAttribute();
  ASSERT_TRUE(values);
  EXPECT_EQ(values->dtype, TensorProto::STRING);
  EXPECT_THAT(values->dims, ElementsAre(3));

  onnx::AttributeProto empty;
  empty.set_name("value_ints");
  values = OneTensor(empty).DescribeAttribute();
  ASSERT_TRUE(values);
  EXPECT_THAT(values->dims, ElementsAre(0));
  EXPECT_EQ(values->report.elements, 0u);

  for (const char* name : {"value_float", "value_int", "value_string"}) {
    onnx::AttributeProto scalar;
    scalar.set_name(name);
    scalar.set_f(1);
    scalar.set_i(1);
    scalar.set_s("abc");
    values = OneTensor(scalar).DescribeAttribute();
    ASSERT_TRUE(values) << name;
    EXPECT_THAT(values->dims, IsEmpty());
    EXPECT_EQ(values->report.elements, 1u);
    EXPECT_THAT(Texts(values->report), IsEmpty());
  }

  onnx::AttributeProto other;
  other.set_name("axis");
  EXPECT_FALSE(OneTensor(other).DescribeAttribute());
}

}  // namespace
}  // namespace hoarfrost::payload
