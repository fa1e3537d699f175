// What ReadSkeleton() refuses, and in which words.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "onnx/onnx_pb.h"
#include "wire/skeleton.h"
#include "wire/wire_text.h"

namespace hoarfrost::wire {
namespace {

using ::hoarfrost::testing::wire_text::Bytes;
using ::hoarfrost::testing::wire_text::Fixed32;
using ::hoarfrost::testing::wire_text::Fixed64;
using ::hoarfrost::testing::wire_text::Group;
using ::hoarfrost::testing::wire_text::Number;
using ::hoarfrost::testing::wire_text::Tag;
using ::hoarfrost::testing::wire_text::Varint;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// The message of the refusal; empty when the bytes were accepted.
std::string Refusal(const std::string& bytes) {
  const auto source = FromMemory("m.onnx", bytes);
  const absl::StatusOr<Skeleton> skeleton = ReadSkeleton(*source);
  if (skeleton.ok()) return "";
  EXPECT_EQ(skeleton.status().code(), absl::StatusCode::kInvalidArgument);
  const std::string message(skeleton.status().message());
  EXPECT_THAT(message, StartsWith("m.onnx: "));
  return message;
}

constexpr uint32_t kGraph = 7;
constexpr uint32_t kInitializer = 5;

// A legal beginning, 17 bytes long, with a byte that is no text.
const std::string kStart = Number(1, 8) + Bytes(2, std::string("producer\x01") + "names");

TEST(RefusalTest, StartIsLegal) {
  ASSERT_EQ(kStart.size(), 18u);
  EXPECT_EQ(Refusal(kStart + Bytes(kGraph, "")), "");
}

TEST(RefusalTest, EmptyFile) { EXPECT_THAT(Refusal(""), HasSubstr("empty (0 bytes)")); }

TEST(RefusalTest, NoGraph) { EXPECT_THAT(Refusal(kStart), HasSubstr("no graph")); }

TEST(RefusalTest, FieldNumberZero) {
  for (const uint32_t type : {0u, 1u, 2u, 5u}) {
    const std::string text =
        Refusal(kStart + Bytes(kGraph, "") + Tag(0, type) + "\1\1\1\1\1\1\1\1");
    EXPECT_THAT(text, HasSubstr("field number 0"));
    EXPECT_THAT(text, HasSubstr("byte 20"));
  }
  EXPECT_THAT(Refusal(kStart + Bytes(kGraph, "") + std::string(100, '\0')),
              HasSubstr("field number 0"));
  EXPECT_THAT(Refusal(kStart + Group(99, Number(0, 1)) + Bytes(kGraph, "")),
              HasSubstr("field number 0"));
}

TEST(RefusalTest, StrayEndOfAGroup) {
  const std::string text = Refusal(kStart + Bytes(kGraph, "") + Tag(3, 4));
  EXPECT_THAT(text, HasSubstr("byte 20"));
  EXPECT_THAT(text, HasSubstr("ends a group that was never begun"));
}

TEST(RefusalTest, GroupThatDoesNotEnd) {
  EXPECT_THAT(Refusal(kStart + Bytes(kGraph, Tag(99, 3) + Number(1, 1))),
              HasSubstr("begins a group that does not end"));
  EXPECT_THAT(Refusal(kStart + Bytes(kGraph, Tag(99, 3) + Tag(98, 4) + Tag(99, 4))),
              HasSubstr("ends a group that began as field 99"));
}

TEST(RefusalTest, WireTypesThatDoNotExist) {
  for (const uint32_t type : {6u, 7u}) {
    for (const uint32_t field : {1u, 99u}) {
      const std::string text = Refusal(kStart + Tag(field, type) + Bytes(kGraph, ""));
      EXPECT_THAT(text, HasSubstr("byte 18"));
      EXPECT_THAT(text, HasSubstr("wire type " + std::to_string(type)));
      EXPECT_THAT(text, HasSubstr("does not exist"));
    }
    EXPECT_THAT(Refusal(kStart + Group(99, Tag(1, type)) + Bytes(kGraph, "")),
                HasSubstr("does not exist"));
  }
}

TEST(RefusalTest, WireTypesThatAFieldCannotHave) {
  // ModelProto.ir_version is a varint, .producer_name a string, .graph a message.
  const std::string fields[] = {Bytes(1, "x"), Fixed32(1),    Fixed64(1),   Group(1, ""),
                                Number(2, 1),  Fixed64(2),    Group(2, ""), Number(kGraph, 0),
                                Fixed32(8),    Number(14, 1), Number(6, 1)};
  for (const std::string& field : fields) {
    const std::string text = Refusal(kStart + field + Bytes(kGraph, ""));
    EXPECT_THAT(text, HasSubstr("byte 18"));
    EXPECT_THAT(text, HasSubstr("which this field cannot have"));
  }
  // TensorProto: dims take varints or packed ones, float_data 32 bits, raw_data bytes.
  for (const std::string& field :
       {Fixed32(1), Number(4, 1), Fixed64(4), Fixed32(9), Number(9, 1), Number(6, 1), Fixed32(5),
        Fixed32(10), Number(10, 1), Fixed64(11)}) {
    EXPECT_THAT(Refusal(Bytes(kGraph, Bytes(kInitializer, field))),
                HasSubstr("graph.initializer."));
  }
}

TEST(RefusalTest, ParsersThatTakeAWrongWireTypeForAnUnknownFieldAreStricterHere) {
  const std::string bytes = Bytes(kGraph, "") + Bytes(1, "x");
  onnx::ModelProto model;
  EXPECT_TRUE(model.ParseFromString(bytes));
  EXPECT_FALSE(model.has_ir_version());
  EXPECT_NE(Refusal(bytes), "");
}

TEST(RefusalTest, LengthPastTheEndOfTheFile) {
  const std::string text = Refusal(kStart + Tag(kGraph, 2) + Varint(1000) + "\n\2ab");
  EXPECT_THAT(text, HasSubstr("cut off at byte 25"));
  EXPECT_THAT(text, HasSubstr("graph, which starts at byte 18, is 1000 bytes long"));
  EXPECT_THAT(text, HasSubstr("996 more than the file still holds"));
}

TEST(RefusalTest, LengthPastTheEndOfTheMessageAround) {
  const std::string tensor = Tag(9, 2) + Varint(500) + "abc";
  const std::string text = Refusal(kStart + Bytes(kGraph, Bytes(kInitializer, tensor)) +
                                   std::string("\x32\x7f", 2) + std::string(127, 'd'));
  EXPECT_THAT(text, HasSubstr("byte 22, graph.initializer.raw_data is 500 bytes long"));
  EXPECT_THAT(text, HasSubstr("only 3 remain"));
}

TEST(RefusalTest, LengthsOfAbsurdSizeAskForNoMemory) {
  for (const uint64_t length : {uint64_t{1} << 31, uint64_t{1} << 40, uint64_t{1} << 63,
                                ~uint64_t{0}, ~uint64_t{0} - 100}) {
    // A string that stays, a payload, a doc_string, a message, metadata, packed numbers; and in an
    // unknown group.
    for (const uint32_t field : {2u, 6u, 7u, 14u, 99u}) {
      EXPECT_THAT(Refusal(kStart + Tag(field, 2) + Varint(length) + "x"), HasSubstr("cut off"));
    }
    EXPECT_THAT(Refusal(kStart + Tag(99, 3) + Tag(1, 2) + Varint(length)), HasSubstr("cut off"));
    for (const uint32_t field : {1u, 4u, 6u, 7u, 9u}) {
      EXPECT_THAT(
          Refusal(kStart + Bytes(kGraph, Bytes(kInitializer, Tag(field, 2) + Varint(length)))),
          HasSubstr("only 0 remain"));
    }
  }
}

TEST(RefusalTest, VarintOfMoreThanTenBytes) {
  const std::string eleven = std::string(10, '\x80') + "\1";
  const std::string text = Refusal(kStart + Tag(1, 0) + eleven + Bytes(kGraph, ""));
  EXPECT_THAT(text, HasSubstr("byte 18, ir_version has a varint of more than 10 bytes"));
  EXPECT_THAT(Refusal(kStart + Tag(99, 0) + eleven + Bytes(kGraph, "")), HasSubstr("10 bytes"));
  EXPECT_THAT(Refusal(kStart + Tag(2, 2) + eleven + Bytes(kGraph, "")), HasSubstr("10 bytes"));
  EXPECT_THAT(Refusal(kStart + Bytes(kGraph, Bytes(kInitializer, Bytes(1, eleven)))),
              HasSubstr("10 bytes"));
  EXPECT_THAT(Refusal(kStart + Bytes(kGraph, Bytes(kInitializer, Bytes(7, eleven)))),
              HasSubstr("10 bytes"));
}

TEST(RefusalTest, TenBytesAreRead) {
  EXPECT_EQ(Refusal(kStart + Number(1, 8, 10) + Bytes(kGraph, "")), "");
}

TEST(RefusalTest, PackedNumbersThatAreCutShort) {
  const auto tensor = [](const std::string& fields) {
    return Refusal(kStart + Bytes(kGraph, Bytes(kInitializer, fields + Bytes(8, "w"))));
  };
  EXPECT_THAT(tensor(Bytes(1, "\1\x80")), HasSubstr("graph.initializer.dims reaches past"));
  EXPECT_THAT(tensor(Bytes(7, "\1\x80")), HasSubstr("graph.initializer.int64_data reaches past"));
}

TEST(RefusalTest, PackedFixedNumbersThatDoNotComeOutEven) {
  for (const size_t size : {3u, 5u, 1001u}) {
    EXPECT_THAT(
        Refusal(kStart + Bytes(kGraph, Bytes(kInitializer, Bytes(4, std::string(size, 'f'))))),
        HasSubstr("float_data packs values of 4 bytes"));
  }
  EXPECT_THAT(Refusal(kStart + Bytes(kGraph, Bytes(kInitializer, Bytes(10, std::string(4, 'd'))))),
              HasSubstr("double_data packs values of 8 bytes"));
}

TEST(RefusalTest, TagsThatAreNone) {
  EXPECT_THAT(Refusal(kStart + Tag(1, 0, 6) + "\1" + Bytes(kGraph, "")), HasSubstr("no tag"));
  EXPECT_THAT(Refusal(kStart + Varint(uint64_t{1} << 33 | 8) + "\1" + Bytes(kGraph, "")),
              HasSubstr("no tag"));
}

TEST(RefusalTest, LengthPaddedToMoreThanProtobufReads) {
  const std::string bytes = kStart + Tag(kGraph, 2) + Varint(0, 6);
  EXPECT_THAT(Refusal(bytes), HasSubstr("padded to more than 5 bytes"));
  EXPECT_FALSE(onnx::ModelProto().ParseFromString(bytes));
}

// --- nesting

// `graphs` graphs one in another take 3 levels each, save for the first: attribute, node, graph.
std::string NestedGraphs(int graphs, const std::string& innermost) {
  std::string graph = innermost;
  for (int i = 1; i < graphs; ++i) graph = Bytes(1, Bytes(5, Bytes(6, graph)));
  return Bytes(kGraph, graph);
}

TEST(RefusalTest, NestingIsRefusedJustWhereProtobufRefusesIt) {
  // 34 graphs: levels 1, 4, ..., 100. What lies in the last would be level 101.
  const std::string name = Bytes(2, "deepest");
  EXPECT_EQ(Refusal(NestedGraphs(34, name)), "");
  EXPECT_TRUE(onnx::ModelProto().ParseFromString(NestedGraphs(34, name)));

  const std::string deeper = Bytes(1, Bytes(3, "a node"));
  const std::string text = Refusal(NestedGraphs(34, deeper));
  EXPECT_THAT(text, HasSubstr("nested deeper than the 100 levels"));
  EXPECT_THAT(text, HasSubstr("graph.node.attribute."));
  EXPECT_LT(text.size(), 300u);
  EXPECT_FALSE(onnx::ModelProto().ParseFromString(NestedGraphs(34, deeper)));
}

TEST(RefusalTest, EveryWayToGoDeeperCounts) {
  const std::string key = Bytes(1, "k");
  for (const std::string& content :
       {Bytes(16, key + Bytes(2, "v")), Bytes(16, Bytes(2, "v") + key), Bytes(16, ""),
        Bytes(5, Bytes(8, "w")), Group(99, ""), Bytes(11, "")}) {
    EXPECT_EQ(Refusal(NestedGraphs(33, content)), "");
    EXPECT_TRUE(onnx::ModelProto().ParseFromString(NestedGraphs(33, content)));
    EXPECT_THAT(Refusal(NestedGraphs(34, content)), HasSubstr("nested deeper"));
    EXPECT_FALSE(onnx::ModelProto().ParseFromString(NestedGraphs(34, content)));
  }
  // Groups in groups, from level 97 (the 33rd graph) on.
  EXPECT_EQ(Refusal(NestedGraphs(33, Group(99, Group(98, Group(97, Number(1, 1)))))), "");
  EXPECT_THAT(Refusal(NestedGraphs(33, Group(99, Group(98, Group(97, Group(96, "")))))),
              HasSubstr("nested deeper"));
}

TEST(RefusalTest, NestingWithoutEndTakesNoStack) {
  std::string text;
  for (int i = 0; i < 200000; ++i) text += Tag(99, 3);
  EXPECT_THAT(Refusal(kStart + text), HasSubstr("nested deeper"));
}

// --- cuts

TEST(RefusalTest, CutAnywhereIsRefusedOrIsASmallerModel) {
  std::string tensor =
      Number(1, 3) + Number(2, 1) + Bytes(8, "w") + Bytes(9, std::string(300, 'r'));
  const std::string model =
      kStart + Bytes(kGraph, Bytes(2, "g") + Bytes(kInitializer, tensor)) + Bytes(8, Number(2, 17));
  ASSERT_EQ(Refusal(model), "");
  const size_t graph_end = model.size() - Bytes(8, Number(2, 17)).size();
  for (size_t size = 0; size < model.size(); ++size) {
    const std::string text = Refusal(model.substr(0, size));
    if (size == graph_end) {
      EXPECT_EQ(text, "");
    } else if (size != 0 && size != 2 && size != kStart.size()) {
      EXPECT_THAT(text, HasSubstr("cut off at byte " + std::to_string(size)));
    }
  }
}

// --- sources that fail

class FailingSource final : public ByteSource {
 public:
  FailingSource(std::string bytes, absl::Status at_end)
      : bytes_(std::move(bytes)), at_end_(std::move(at_end)) {}
  uint64_t size() const override { return bytes_.size(); }
  const std::string& name() const override { return name_; }
  absl::Status CheckUnchanged() const override { return at_end_; }
  absl::StatusOr<size_t> ReadAt(uint64_t offset, char* out, size_t n) const override {
    if (fail_from != 0 && offset + n > fail_from) return absl::DataLossError("m.onnx: it shrank");
    n = bytes_.copy(out, n, offset);
    return n;
  }
  uint64_t fail_from = 0;

 private:
  const std::string name_ = "m.onnx";
  const std::string bytes_;
  const absl::Status at_end_;
};

TEST(RefusalTest, SourceThatFailsAnywhereIsToldAsItSays) {
  std::string graph;
  for (int i = 0; i < 30; ++i) {
    graph +=
        Bytes(kInitializer, Bytes(8, std::string(900, 'n')) + Bytes(9, std::string(3000, 'r')));
    graph += Bytes(1, Bytes(9, Bytes(2, std::string(500, 'v')) + Bytes(1, "k")));
  }
  FailingSource source(kStart + Bytes(kGraph, graph), absl::OkStatus());
  ASSERT_TRUE(ReadSkeleton(source).ok());
  for (uint64_t from = 1; from < source.size(); from += 997) {
    source.fail_from = from;
    EXPECT_EQ(ReadSkeleton(source).status().message(), "m.onnx: it shrank") << from;
  }
}

TEST(RefusalTest, SourceThatChangedMeanwhileIsNoModel) {
  const FailingSource source(kStart + Bytes(kGraph, ""),
                             absl::FailedPreconditionError("m.onnx: it changed"));
  EXPECT_EQ(ReadSkeleton(source).status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace hoarfrost::wire
