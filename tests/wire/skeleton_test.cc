// What stays in a skeleton, what is left out, and where the index says that payloads lie.
#include "wire/skeleton.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "support/onnx_text.h"
#include "wire/scan.h"
#include "wire/wire_text.h"

namespace hoarfrost::wire {
namespace {

using ::hoarfrost::testing::ParseModel;
using ::hoarfrost::testing::wire_text::Bytes;
using ::hoarfrost::testing::wire_text::Fixed32;
using ::hoarfrost::testing::wire_text::Fixed64;
using ::hoarfrost::testing::wire_text::Group;
using ::hoarfrost::testing::wire_text::Number;
using ::hoarfrost::testing::wire_text::Tag;
using ::hoarfrost::testing::wire_text::Varint;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Field numbers of onnx-ml.proto.
constexpr uint32_t kModelGraph = 7;
constexpr uint32_t kGraphNode = 1;
constexpr uint32_t kGraphInitializer = 5;
constexpr uint32_t kNodeAttribute = 5;
constexpr uint32_t kAttributeS = 4;
constexpr uint32_t kAttributeT = 5;
constexpr uint32_t kAttributeInts = 8;
constexpr uint32_t kAttributeStrings = 9;
constexpr uint32_t kAttributeSparse = 22;
constexpr uint32_t kTensorDims = 1;
constexpr uint32_t kTensorFloats = 4;
constexpr uint32_t kTensorInt64s = 7;
constexpr uint32_t kTensorName = 8;
constexpr uint32_t kTensorRaw = 9;
constexpr uint32_t kMetadataOfModel = 14;

// A skeleton and the bytes it was read from.
struct Read {
  explicit Read(std::string source) : bytes(std::move(source)) {
    memory = FromMemory("m.onnx", bytes);
    absl::StatusOr<Skeleton> result = ReadSkeleton(*memory);
    EXPECT_TRUE(result.ok()) << result.status();
    if (result.ok()) skeleton = std::make_unique<Skeleton>(*std::move(result));
  }
  const onnx::ModelProto& model() const { return skeleton->model(); }
  const onnx::TensorProto& tensor(int i = 0) const { return model().graph().initializer(i); }
  std::string Content(const PayloadPart& part) const {
    return bytes.substr(part.span.offset, part.span.length);
  }

  std::string bytes;
  std::unique_ptr<ByteSource> memory;
  std::unique_ptr<Skeleton> skeleton;
};

std::string ModelOf(const std::string& graph) { return Bytes(kModelGraph, graph); }
std::string ModelOfTensor(const std::string& tensor) {
  return ModelOf(Bytes(kGraphInitializer, tensor));
}
std::string ModelOfAttribute(const std::string& attribute) {
  return ModelOf(Bytes(kGraphNode, Bytes(kNodeAttribute, attribute)));
}

// Compares all fields of a part; gtest prints which differ.
::testing::Matcher<const PayloadPart&> Part(int field, PayloadEncoding encoding, bool kept,
                                            Span span, uint64_t count) {
  return ::testing::AllOf(::testing::Field("field", &PayloadPart::field, field),
                          ::testing::Field("encoding", &PayloadPart::encoding, encoding),
                          ::testing::Field("kept", &PayloadPart::kept, kept),
                          ::testing::Field("span", &PayloadPart::span, span),
                          ::testing::Field("count", &PayloadPart::count, count));
}

TEST(SkeletonTest, RawDataStaysUpToTheLimitAndGoesAboveIt) {
  for (const uint64_t size :
       {uint64_t{0}, uint64_t{1}, kKeepPayload, kKeepPayload + 1, uint64_t{100000}}) {
    const std::string raw(size, 'r');
    const std::string head = Bytes(kTensorName, "w");
    const Read read(ModelOfTensor(head + Bytes(kTensorRaw, raw)));
    const bool kept = size <= kKeepPayload;
    EXPECT_EQ(read.tensor().name(), "w");
    EXPECT_EQ(read.tensor().has_raw_data(), kept) << size;
    EXPECT_EQ(read.tensor().raw_data(), kept ? raw : "");
    const uint64_t offset = read.bytes.size() - size;  // it is the last thing of all
    EXPECT_THAT(read.skeleton->PayloadOf(read.tensor()),
                ElementsAre(Part(9, PayloadEncoding::kBytes, kept, {offset, size}, size)));
  }
}

TEST(SkeletonTest, SourceBytesAreThoseOfTheFile) {
  const Read read(ModelOfTensor(Bytes(kTensorRaw, std::string(1000, 'r'))));
  EXPECT_EQ(read.skeleton->source_bytes(), read.bytes.size());
}

TEST(SkeletonTest, LastRawDataCounts) {
  const std::string small(10, 's');
  const std::string large(300, 'l');
  {
    const Read read(ModelOfTensor(Bytes(kTensorRaw, small) + Bytes(kTensorRaw, large)));
    EXPECT_FALSE(read.tensor().has_raw_data()) << "the first, which does not count, was kept";
    const auto parts = read.skeleton->PayloadOf(read.tensor());
    ASSERT_EQ(parts.size(), 2u);
    EXPECT_FALSE(parts[0].kept);
    EXPECT_FALSE(parts[1].kept);
    EXPECT_EQ(read.Content(parts[1]), large);
  }
  {
    const Read read(ModelOfTensor(Bytes(kTensorRaw, large) + Bytes(kTensorRaw, small)));
    EXPECT_EQ(read.tensor().raw_data(), small);
    const auto parts = read.skeleton->PayloadOf(read.tensor());
    ASSERT_EQ(parts.size(), 2u);
    EXPECT_FALSE(parts[0].kept);
    EXPECT_TRUE(parts[1].kept);
  }
}

TEST(SkeletonTest, PackedChunksAreWeighedTogether) {
  // Two chunks of 32 floats come to 256 bytes: both stay. With one float more, none does.
  const std::string chunk(128, 'f');
  {
    const Read read(ModelOfTensor(Bytes(kTensorFloats, chunk) + Bytes(kTensorFloats, chunk)));
    EXPECT_EQ(read.tensor().float_data_size(), 64);
    const auto parts = read.skeleton->PayloadOf(read.tensor());
    ASSERT_EQ(parts.size(), 2u);
    for (const PayloadPart& part : parts) {
      EXPECT_THAT(part, Part(4, PayloadEncoding::kPacked, true, part.span, 32));
      EXPECT_EQ(read.Content(part), chunk);
    }
  }
  {
    const Read read(ModelOfTensor(Bytes(kTensorFloats, chunk) + Bytes(kTensorName, "between") +
                                  Bytes(kTensorFloats, chunk) + Fixed32(kTensorFloats) +
                                  Bytes(kTensorFloats, "abcd")));
    EXPECT_EQ(read.tensor().float_data_size(), 0);
    EXPECT_EQ(read.tensor().name(), "between");
    const auto parts = read.skeleton->PayloadOf(read.tensor());
    ASSERT_EQ(parts.size(), 4u);
    EXPECT_THAT(parts[2], Part(4, PayloadEncoding::kUnpacked, false, {parts[2].span.offset, 5}, 1));
    for (const PayloadPart& part : parts) EXPECT_FALSE(part.kept);
  }
}

TEST(SkeletonTest, EachFieldIsWeighedByItself) {
  const Read read(ModelOfTensor(Bytes(kTensorFloats, std::string(256, 'f')) +
                                Bytes(kTensorInt64s, std::string(300, '\7')) +
                                Bytes(kTensorRaw, std::string(256, 'r'))));
  EXPECT_EQ(read.tensor().float_data_size(), 64);
  EXPECT_EQ(read.tensor().int64_data_size(), 0);
  EXPECT_EQ(read.tensor().raw_data().size(), 256u);
}

TEST(SkeletonTest, CountOfPackedVarintsIsKnownOnlyWhereTheyWereRead) {
  const Read read(ModelOfTensor(Bytes(kTensorInt64s, Varint(1) + Varint(300) + Varint(2, 10))));
  EXPECT_THAT(
      read.skeleton->PayloadOf(read.tensor()),
      ElementsAre(Part(7, PayloadEncoding::kPacked, true, {read.bytes.size() - 13, 13}, 3)));
  EXPECT_THAT(read.tensor().int64_data(), ElementsAre(1, 300, 2));

  const Read large(ModelOfTensor(Bytes(kTensorInt64s, std::string(257, '\5'))));
  EXPECT_THAT(large.skeleton->PayloadOf(large.tensor()),
              ElementsAre(Part(7, PayloadEncoding::kPacked, false, {large.bytes.size() - 257, 257},
                               PayloadPart::kUnknownCount)));
}

TEST(SkeletonTest, PackedIntegersOfAnAttributeAreCountedEvenIfLeftOut) {
  std::string ints;
  for (uint64_t i = 0; i < 50000; ++i) ints += Varint(i * i, i % 7 == 0 ? 10 : 0);
  const Read read(ModelOfAttribute(Bytes(1, "a") + Bytes(kAttributeInts, Varint(1) + Varint(2)) +
                                   Bytes(kAttributeInts, ints) + Number(20, 7)));
  const onnx::AttributeProto& attribute = read.model().graph().node(0).attribute(0);
  EXPECT_EQ(attribute.name(), "a");
  EXPECT_EQ(attribute.ints_size(), 0);
  EXPECT_EQ(attribute.type(), onnx::AttributeProto::INTS);
  const auto parts = read.skeleton->PayloadOf(attribute);
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].count, 2u);
  EXPECT_EQ(parts[1].count, 50000u);
  EXPECT_EQ(parts[1].span.length, ints.size());
  EXPECT_FALSE(parts[0].kept || parts[1].kept);
}

TEST(SkeletonTest, AdjacentUnpackedElementsAreOneRun) {
  // 128 elements of two bytes (tag and value) come to 256.
  for (const int n : {1, 128, 129, 5000}) {
    std::string ints;
    for (int i = 0; i < n; ++i) ints += Number(kAttributeInts, static_cast<uint64_t>(i % 100));
    const Read read(ModelOfAttribute(Bytes(1, "a") + ints + Number(20, 7)));
    const onnx::AttributeProto& attribute = read.model().graph().node(0).attribute(0);
    EXPECT_EQ(attribute.ints_size(), n <= 128 ? n : 0);
    EXPECT_EQ(attribute.type(), onnx::AttributeProto::INTS);
    EXPECT_THAT(read.skeleton->PayloadOf(attribute),
                ElementsAre(Part(8, PayloadEncoding::kUnpacked, n <= 128,
                                 {read.bytes.size() - 3 - ints.size(), ints.size()},
                                 static_cast<uint64_t>(n))));
  }
}

TEST(SkeletonTest, AdjacentStringsAreOneRunThatIsSteppedOverWhenLong) {
  const std::string one = Bytes(kAttributeStrings, "one");
  const std::string two = Bytes(kAttributeStrings, std::string(9000, 't'));
  const std::string three = Bytes(kAttributeStrings, "");
  const Read read(ModelOfAttribute(one + two + three));
  const onnx::AttributeProto& attribute = read.model().graph().node(0).attribute(0);
  EXPECT_EQ(attribute.strings_size(), 0);
  const uint64_t size = one.size() + two.size() + three.size();
  EXPECT_THAT(
      read.skeleton->PayloadOf(attribute),
      ElementsAre(Part(9, PayloadEncoding::kStrings, false, {read.bytes.size() - size, size}, 3)));

  const Read small(ModelOfAttribute(one + three + Bytes(kAttributeS, "s") + one));
  const onnx::AttributeProto& kept = small.model().graph().node(0).attribute(0);
  EXPECT_THAT(kept.strings(), ElementsAre("one", "", "one"));
  EXPECT_EQ(kept.s(), "s");
  EXPECT_EQ(small.skeleton->PayloadOf(kept).size(), 3u);
}

TEST(SkeletonTest, AttributeOfWhichMuchIsLeftOutKeepsTheRest) {
  const std::string graph = Bytes(2, "inner") + Bytes(kGraphInitializer, Bytes(kTensorName, "i"));
  const Read read(ModelOfAttribute(Bytes(kAttributeS, std::string(200, 'a')) + Bytes(6, graph) +
                                   Bytes(kAttributeS, std::string(300, 'b')) + Bytes(1, "name")));
  const onnx::AttributeProto& attribute = read.model().graph().node(0).attribute(0);
  EXPECT_FALSE(attribute.has_s());
  EXPECT_EQ(attribute.name(), "name");
  EXPECT_EQ(attribute.g().name(), "inner");
  EXPECT_EQ(attribute.g().initializer(0).name(), "i");
  EXPECT_THAT(read.skeleton->PayloadOf(attribute.g().initializer(0)), IsEmpty());
}

TEST(SkeletonTest, TensorGivenInPartsIsWeighedAsOne) {
  const std::string chunk(200, 'f');
  const Read read(
      ModelOfAttribute(Bytes(kAttributeT, Bytes(kTensorFloats, chunk) + Bytes(kTensorRaw, "old")) +
                       Bytes(1, "value") +
                       Bytes(kAttributeT, Bytes(kTensorFloats, chunk) + Bytes(kTensorRaw, "new") +
                                              Bytes(kTensorName, "t"))));
  const onnx::TensorProto& tensor = read.model().graph().node(0).attribute(0).t();
  EXPECT_EQ(tensor.name(), "t");
  EXPECT_EQ(tensor.float_data_size(), 0) << "400 bytes in all";
  EXPECT_EQ(tensor.raw_data(), "new");
  const auto parts = read.skeleton->PayloadOf(tensor);
  ASSERT_EQ(parts.size(), 4u);
  EXPECT_THAT(parts[0], Part(4, PayloadEncoding::kPacked, false, parts[0].span, 50));
  EXPECT_THAT(parts[1], Part(9, PayloadEncoding::kBytes, false, parts[1].span, 3));
  EXPECT_THAT(parts[2], Part(4, PayloadEncoding::kPacked, false, parts[2].span, 50));
  EXPECT_THAT(parts[3], Part(9, PayloadEncoding::kBytes, true, parts[3].span, 3));
  EXPECT_EQ(read.Content(parts[1]), "old");
  EXPECT_EQ(read.Content(parts[3]), "new");
}

TEST(SkeletonTest, SparseTensorGivenInPartsFindsAllOfItsPayload) {
  const auto values = [](const std::string& floats) {
    return Bytes(1, Bytes(kTensorFloats, floats));
  };
  const Read read(ModelOfAttribute(Bytes(kAttributeSparse, values("aaaa") + values("bbbb")) +
                                   Bytes(kAttributeSparse, values("cccc"))));
  const onnx::TensorProto& tensor =
      read.model().graph().node(0).attribute(0).sparse_tensor().values();
  EXPECT_EQ(tensor.float_data_size(), 3);
  std::string all;
  for (const PayloadPart& part : read.skeleton->PayloadOf(tensor)) all += read.Content(part);
  EXPECT_EQ(all, "aaaabbbbcccc");
}

TEST(SkeletonTest, GraphGivenInPartsIsOneGraph) {
  const Read read(
      Bytes(kModelGraph, Bytes(kGraphInitializer, Bytes(kTensorName, "a"))) + Number(1, 8) +
      Bytes(kModelGraph, Bytes(2, "g") + Bytes(kGraphInitializer, Bytes(kTensorName, "b"))));
  EXPECT_EQ(read.model().graph().name(), "g");
  ASSERT_EQ(read.model().graph().initializer_size(), 2);
  EXPECT_EQ(read.tensor(0).name(), "a");
  EXPECT_EQ(read.tensor(1).name(), "b");
}

TEST(SkeletonTest, OneofGivenTwiceIsWhatProtobufMakesOfIt) {
  // Type: a tensor of element type 1, then of 7 with a shape, then a sequence after all.
  const std::string shape = Bytes(2, Bytes(1, Number(1, 5)));
  const std::string tensor = Bytes(1, Number(1, 1)) + Bytes(1, Number(1, 7) + shape);
  const auto model = [](const std::string& type) {
    return ModelOf(Bytes(11, Bytes(1, "x") + Bytes(2, type)));
  };
  const Read merged(model(tensor));
  EXPECT_EQ(merged.model().graph().input(0).type().tensor_type().elem_type(), 7);
  EXPECT_EQ(merged.model().graph().input(0).type().tensor_type().shape().dim(0).dim_value(), 5);
  const Read replaced(model(tensor + Bytes(4, "")));
  EXPECT_TRUE(replaced.model().graph().input(0).type().has_sequence_type());
  EXPECT_FALSE(replaced.model().graph().input(0).type().has_tensor_type());
}

TEST(SkeletonTest, FieldsInReverseOrderMakeTheSameModel) {
  const std::string raw = Bytes(kTensorRaw, std::string(1000, 'r'));
  const std::string name = Bytes(kTensorName, "w");
  const Read read(ModelOfTensor(raw + name + Number(2, 1) + Number(kTensorDims, 250)) +
                  Bytes(8, Number(2, 17)) + Number(1, 8));
  EXPECT_EQ(read.model().ir_version(), 8);
  EXPECT_EQ(read.model().opset_import(0).version(), 17);
  EXPECT_EQ(read.tensor().name(), "w");
  EXPECT_THAT(read.tensor().dims(), ElementsAre(250));
  EXPECT_EQ(read.skeleton->PayloadOf(read.tensor()).size(), 1u);
}

TEST(SkeletonTest, PaddedNumbersAndLengthsAreRead) {
  const std::string tensor = Number(kTensorDims, 3, 10) + Tag(kTensorName, 2, 5) + Varint(1, 5) +
                             "w" + Bytes(kTensorRaw, std::string(500, 'r'), 5);
  const Read read(Tag(kModelGraph, 2, 3) + Varint(tensor.size() + 6, 5) +
                  Bytes(kGraphInitializer, tensor, 5));
  EXPECT_THAT(read.tensor().dims(), ElementsAre(3));
  EXPECT_EQ(read.tensor().name(), "w");
  EXPECT_EQ(read.skeleton->PayloadOf(read.tensor())[0].span.length, 500u);
}

TEST(SkeletonTest, UnknownFieldsAreLeftOutEverywhere) {
  const std::string unknown = Number(99, 1) + Bytes(98, std::string(5000, 'u')) + Fixed32(97) +
                              Fixed64(96) + Group(95, Group(94, Number(1, 1)) + Bytes(1, "x"));
  const Read read(unknown + ModelOfTensor(unknown + Bytes(kTensorName, "w") + unknown) + unknown);
  EXPECT_EQ(read.tensor().name(), "w");
  onnx::ModelProto expected;
  expected.mutable_graph()->add_initializer()->set_name("w");
  EXPECT_EQ(read.model().SerializeAsString(), expected.SerializeAsString());
}

TEST(SkeletonTest, ValueThatAnEnumDoesNotHaveIsUnknown) {
  const Read read(ModelOfAttribute(Number(20, 2) + Number(20, 99)));
  EXPECT_EQ(read.model().graph().node(0).attribute(0).type(), onnx::AttributeProto::INT);
  EXPECT_TRUE(read.model().graph().node(0).attribute(0).unknown_fields().empty());
  // Enums are 32 bits wide: the bits above do not count.
  const Read wide(ModelOfAttribute(Number(20, (uint64_t{1} << 32) + 2)));
  EXPECT_EQ(wide.model().graph().node(0).attribute(0).type(), onnx::AttributeProto::INT);
}

TEST(SkeletonTest, DocStringsAreLeftOut) {
  onnx::ModelProto model = ParseModel(R"(<ir_version: 8, opset_import: ["" : 17]>
      g (float[N] x) => (float[N] y) { y = Relu(x) })");
  model.set_doc_string(std::string(3000, 'd'));
  model.mutable_graph()->set_doc_string("d");
  model.mutable_graph()->mutable_node(0)->set_doc_string("d");
  model.mutable_graph()->mutable_node(0)->add_attribute()->set_doc_string("d");
  model.mutable_graph()->mutable_input(0)->set_doc_string("d");
  model.mutable_graph()->add_initializer()->set_doc_string("d");
  model.add_functions()->set_doc_string("d");
  const Read read(model.SerializeAsString());
  model.clear_doc_string();
  model.mutable_graph()->clear_doc_string();
  model.mutable_graph()->mutable_node(0)->clear_doc_string();
  model.mutable_graph()->mutable_node(0)->mutable_attribute(0)->clear_doc_string();
  model.mutable_graph()->mutable_input(0)->clear_doc_string();
  model.mutable_graph()->mutable_initializer(0)->clear_doc_string();
  model.mutable_functions(0)->clear_doc_string();
  EXPECT_EQ(read.model().SerializeAsString(), model.SerializeAsString());
}

// --- metadata

std::string Entry(const std::string& key, const std::string& value) {
  return Bytes(kMetadataOfModel, Bytes(1, key) + Bytes(2, value));
}

TEST(SkeletonTest, MetadataKeepsEveryKeyAndTheValuesThatMatter) {
  const std::string kLong(65537, 'v');
  const std::string kLimit(65536, 'v');
  const Read read(Entry("pkg.torch.onnx.stack_trace", "short") + Entry("hoarfrost.undo", "u") +
                  Entry("hoarfrost.plan", kLong) +
                  Entry("pkg.torch.export.ExportedProgram.graph_signature", kLong) +
                  Entry("other", kLimit) + Entry("another", kLong) + Entry("", "") + ModelOf(""));
  std::vector<std::string> shown;
  for (const onnx::StringStringEntryProto& entry : read.model().metadata_props()) {
    shown.push_back(entry.key() + (entry.has_value() ? "=" : "") +
                    std::to_string(entry.value().size()));
  }
  EXPECT_THAT(shown,
              ElementsAre("pkg.torch.onnx.stack_trace0", "hoarfrost.undo0", "hoarfrost.plan=65537",
                          "pkg.torch.export.ExportedProgram.graph_signature=65537", "other=65536",
                          "another0", "=0"));
}

TEST(SkeletonTest, MetadataIsJudgedByTheLastKeyWhateverTheOrder) {
  const std::string trace = Bytes(1, "pkg.torch.onnx.stack_trace");
  const std::string other = Bytes(1, "other");
  const std::string value = Bytes(2, "value");
  const auto entry = [](const std::string& content) { return Bytes(kMetadataOfModel, content); };
  const Read read(entry(value + trace) + entry(value + other) + entry(trace + value + other) +
                  entry(other + value + trace) + entry(value) + entry(other) +
                  entry(other + value + Bytes(2, "last")) + entry(other + value + Number(9, 1)) +
                  entry("") + ModelOf(""));
  std::vector<std::string> shown;
  for (const onnx::StringStringEntryProto& e : read.model().metadata_props()) {
    shown.push_back(e.key() + (e.has_value() ? "=" + e.value() : ""));
  }
  EXPECT_THAT(shown, ElementsAre("pkg.torch.onnx.stack_trace", "other=value", "other=value",
                                 "pkg.torch.onnx.stack_trace", "=value", "other", "other=last",
                                 "other=value", ""));
}

TEST(SkeletonTest, StackTracesOfNodesGoAndTheRestOfTheirMetadataStays) {
  onnx::ModelProto model;
  for (int i = 0; i < 500; ++i) {
    onnx::NodeProto* node = model.mutable_graph()->add_node();
    node->set_op_type("Relu");
    for (const char* key : {"namespace", "pkg.torch.onnx.stack_trace", "pkg.torch.onnx.fx_node"}) {
      onnx::StringStringEntryProto* entry = node->add_metadata_props();
      entry->set_key(key);
      entry->set_value(std::string(static_cast<size_t>(i * 7), 'x'));
    }
  }
  const Read read(model.SerializeAsString());
  for (onnx::NodeProto& node : *model.mutable_graph()->mutable_node()) {
    node.mutable_metadata_props(1)->clear_value();
  }
  EXPECT_EQ(read.model().SerializeAsString(), model.SerializeAsString());
}

TEST(SkeletonTest, EntriesThatAreNoMetadataKeepTheirValues) {
  onnx::ModelProto model;
  onnx::TensorProto* tensor = model.mutable_graph()->add_initializer();
  onnx::StringStringEntryProto* entry = tensor->add_external_data();
  entry->set_key("hoarfrost.undo");
  entry->set_value("a");
  const Read read(model.SerializeAsString());
  EXPECT_EQ(read.model().SerializeAsString(), model.SerializeAsString());
}

TEST(KeepMetadataValueTest, FollowsItsRules) {
  EXPECT_FALSE(KeepMetadataValue("pkg.torch.onnx.stack_trace", 1));
  EXPECT_FALSE(KeepMetadataValue("hoarfrost.undo", 0));
  EXPECT_TRUE(KeepMetadataValue("hoarfrost.plan", uint64_t{1} << 30));
  EXPECT_TRUE(
      KeepMetadataValue("pkg.torch.export.ExportedProgram.graph_signature", uint64_t{1} << 30));
  EXPECT_TRUE(KeepMetadataValue("pkg.torch.onnx.name_scopes", 65536));
  EXPECT_FALSE(KeepMetadataValue("pkg.torch.onnx.name_scopes", 65537));
}

// --- the index

TEST(SkeletonTest, PayloadIsFoundInEveryScope) {
  const std::string raw = Bytes(kTensorRaw, std::string(300, 'r'));
  const auto named = [&](const std::string& name) { return Bytes(kTensorName, name) + raw; };
  const std::string inner = Bytes(kGraphInitializer, named("inner"));
  const std::string node = Bytes(
      kGraphNode, Bytes(kNodeAttribute, Bytes(6, inner)) +
                      Bytes(kNodeAttribute, Bytes(10, named("ts0")) + Bytes(10, named("ts1"))) +
                      Bytes(kNodeAttribute, Bytes(23, Bytes(2, named("indices")))));
  const std::string function = Bytes(25, Bytes(11, Bytes(kAttributeT, named("default"))));
  const std::string training = Bytes(20, Bytes(2, Bytes(kGraphInitializer, named("moment"))));
  const Read read(ModelOf(node + Bytes(15, Bytes(1, named("values")))) + function + training);
  const onnx::GraphProto& graph = read.model().graph();
  const onnx::TensorProto* tensors[] = {
      &graph.node(0).attribute(0).g().initializer(0),
      &graph.node(0).attribute(1).tensors(0),
      &graph.node(0).attribute(1).tensors(1),
      &graph.node(0).attribute(2).sparse_tensors(0).indices(),
      &graph.sparse_initializer(0).values(),
      &read.model().functions(0).attribute_proto(0).t(),
      &read.model().training_info(0).algorithm().initializer(0),
  };
  for (const onnx::TensorProto* tensor : tensors) {
    const auto parts = read.skeleton->PayloadOf(*tensor);
    ASSERT_EQ(parts.size(), 1u) << tensor->name();
    EXPECT_EQ(read.Content(parts[0]), std::string(300, 'r'));
    // Its name stands before the payload: the span is this tensor's own.
    const std::string before =
        Bytes(kTensorName, tensor->name()) + Tag(kTensorRaw, 2) + Varint(300);
    EXPECT_EQ(read.bytes.substr(parts[0].span.offset - before.size(), before.size()), before);
  }
}

TEST(SkeletonTest, MessageThatIsNotOfTheSkeletonHasNoPayload) {
  const Read read(ModelOfTensor(Bytes(kTensorRaw, "abc")));
  onnx::TensorProto stranger;
  EXPECT_THAT(read.skeleton->PayloadOf(stranger), IsEmpty());
  stranger.mutable_unknown_fields()->AddVarint(2047, 99);
  EXPECT_THAT(read.skeleton->PayloadOf(stranger), IsEmpty());
  stranger.mutable_unknown_fields()->AddFixed32(2047, 0);
  EXPECT_THAT(read.skeleton->PayloadOf(stranger), IsEmpty());
}

TEST(SkeletonTest, UnknownFieldWithTheIndexsNumberIsLeftOutToo) {
  const Read read(ModelOfTensor(Number(2047, 0) + Bytes(kTensorName, "w")) +
                  Bytes(kModelGraph, Bytes(kGraphInitializer, Bytes(kTensorRaw, "abc"))));
  EXPECT_THAT(read.skeleton->PayloadOf(read.tensor(0)), IsEmpty());
  EXPECT_EQ(read.skeleton->PayloadOf(read.tensor(1)).size(), 1u);
}

TEST(SkeletonTest, MovedSkeletonKeepsItsModel) {
  Read read(ModelOfTensor(Bytes(kTensorRaw, std::string(300, 'r'))));
  const onnx::TensorProto* tensor = &read.tensor();
  Skeleton moved = std::move(*read.skeleton);
  EXPECT_EQ(&moved.model().graph().initializer(0), tensor);
  EXPECT_EQ(moved.PayloadOf(*tensor).size(), 1u);
}

TEST(SkeletonTest, LengthThatOutgrowsItsBytesIsWidened) {
  // The index adds a few bytes: messages of just under 128 or 16384 bytes need a longer length.
  for (size_t size = 100; size < 140; ++size) {
    for (const size_t more : {size_t{0}, size_t{16384 - 128}}) {
      const std::string name(size + more, 'n');
      const Read read(ModelOfTensor(Bytes(kTensorRaw, "abc") + Bytes(kTensorName, name)));
      EXPECT_EQ(read.tensor().name(), name);
      EXPECT_EQ(read.tensor().raw_data(), "abc");
    }
  }
}

TEST(ScanTest, WhatTensorDataTakesIsNotRead) {
  class Counting final : public ByteSource {
   public:
    explicit Counting(const ByteSource& inner) : inner_(inner) {}
    uint64_t size() const override { return inner_.size(); }
    const std::string& name() const override { return inner_.name(); }
    absl::Status CheckUnchanged() const override { return inner_.CheckUnchanged(); }
    absl::StatusOr<size_t> ReadAt(uint64_t offset, char* out, size_t n) const override {
      bytes += n;
      return inner_.ReadAt(offset, out, n);
    }
    mutable uint64_t bytes = 0;

   private:
    const ByteSource& inner_;
  };
  std::string graph;
  for (int i = 0; i < 20; ++i) {
    graph += Bytes(kGraphInitializer, Bytes(kTensorName, "w" + std::to_string(i)) +
                                          Bytes(kTensorRaw, std::string(1 << 20, 'r')));
  }
  const std::string bytes = ModelOf(graph);
  const auto memory = FromMemory("m.onnx", bytes);
  const Counting source(*memory);
  ASSERT_TRUE(Scan(source).ok());
  EXPECT_LE(source.bytes, 22u * 4096);
}

}  // namespace
}  // namespace hoarfrost::wire
