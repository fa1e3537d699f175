#include "freeze/undo.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "freeze/digest.h"
#include "freeze/freezing.h"
#include "freeze/marks.h"
#include "plan/plan.h"

namespace hoarfrost::testing {
namespace {

using freeze::Undo;
using freeze::UndoItem;

TEST(Undo, JsonComesBackTheSame) {
  Undo undo;
  undo.length = 1234;
  undo.digest = "00112233445566778899aabbccddeeff";
  undo.original = {{{0, 10}, {}, {}},
                   {{}, std::string("\0\xff\"", 3), {}},
                   {{}, "Z\x03input", "graph_input", 7},
                   {{20, 1u << 31}, {}, {}}};
  const Undo read = Value(freeze::FromJson(freeze::ToJson(undo)));
  EXPECT_EQ(read.length, undo.length);
  EXPECT_EQ(read.digest, undo.digest);
  EXPECT_EQ(read.original, undo.original);
}

TEST(Undo, RangesThatLeaveTheFileOrComeTwiceAreRefused) {
  const uint64_t most = ~uint64_t{0};
  const std::vector<std::vector<UndoItem>> bad = {
      {{{0, 101}, {}, {}}},
      {{{100, 1}, {}, {}}},
      {{{most, 2}, {}, {}}},
      {{{1, most}, {}, {}}},
      {{{0, 50}, {}, {}}, {{49, 2}, {}, {}}},
      {{{49, 2}, {}, {}}, {{0, 50}, {}, {}}},
      {{{0, 1}, {}, {}}, {{5, 1}, {}, {}}, {{0, 1}, {}, {}}},
  };
  for (const std::vector<UndoItem>& items : bad) {
    EXPECT_FALSE(freeze::Restore({100, "", items}).ok());
  }
  EXPECT_TRUE(freeze::Restore({100, "", {{{0, 50}, {}, {}}, {{50, 50}, {}, {}}}}).ok());
  // Bytes that an edit moved.
  EXPECT_TRUE(freeze::Restore({100, "", {{{50, 50}, {}, {}}, {{0, 50}, {}, {}}}}).ok());
}

TEST(Digest, LeavesTensorValuesOutAndTheirLengthsIn) {
  const std::string bytes = BytesWithWeights(kDenseText);
  const std::string bias = ModelWithWeights(kDenseText).graph().initializer(1).raw_data();
  const auto digest = [](const std::string& of) {
    return Value(freeze::DigestOf(*wire::FromMemory("m", of), of.size(), "more"));
  };
  std::string other = bytes;
  other.replace(other.find(bias), bias.size(), std::string(bias.size(), 'x'));
  EXPECT_EQ(digest(other), digest(bytes));
  onnx::ModelProto shorter = ModelWithWeights(kDenseText);
  shorter.mutable_graph()->mutable_initializer(1)->mutable_raw_data()->pop_back();
  EXPECT_NE(digest(shorter.SerializeAsString()), digest(bytes));
  other = bytes;
  other[other.find("Gemm")] = 'H';
  EXPECT_NE(digest(other), digest(bytes));
  EXPECT_NE(Value(freeze::DigestOf(*wire::FromMemory("m", bytes), bytes.size(), "other")),
            digest(bytes));
}

TEST(Digest, ValuesOfAConstantInABranchAreLeftOutToo) {
  const char* const text = R"(
<ir_version: 8, opset_import: ["" : 17]>
g (bool c) => (float[2] y)
{
  y = If (c) <
    then_branch = t () => (float[2] a) { a = Constant <value = float[2] {1, 2}> () },
    else_branch = e () => (float[2] b) { b = Constant <value = float[2] {3, 4}> () }
  >
})";
  onnx::ModelProto model = ParseModel(text);
  const auto digest = [](const onnx::ModelProto& of) {
    const std::string bytes = of.SerializeAsString();
    return Value(freeze::DigestOf(*wire::FromMemory("m", bytes), bytes.size(), ""));
  };
  const std::string before = digest(model);
  auto& branch = *model.mutable_graph()->mutable_node(0)->mutable_attribute(1)->mutable_g();
  auto& tensor = *branch.mutable_node(0)->mutable_attribute(0)->mutable_t();
  ASSERT_EQ(tensor.float_data_size(), 2);
  tensor.set_float_data(0, 7);
  EXPECT_EQ(digest(model), before);
  tensor.add_float_data(8);
  EXPECT_NE(digest(model), before);
}

// A frozen file with this undo value, its digest made to fit: what a hostile writer would send.
std::string WithUndo(const std::string& frozen, Undo undo) {
  const freeze::Marks marks = Value(freeze::FindMarks(*wire::FromMemory("m", frozen)));
  std::string bytes = frozen.substr(0, marks.undos[0].field.offset);
  undo.digest = Value(freeze::DigestOf(*wire::FromMemory("m", bytes), bytes.size(),
                                       freeze::ItemsToJson(undo.original)));
  return bytes + freeze::MetadataField(plan::kUndoKey, freeze::ToJson(undo));
}

TEST(Undo, HostileUndoDataNeverDoesMoreThanGiveOtherBytesOfTheFile) {
  const std::string frozen = Value(
      Frozen(WithInitializersAsInputs(ModelWithWeights(kDenseBatchNormText), 3).SerializeAsString(),
             FreezeBy(All())));
  const freeze::Marks marks = Value(freeze::FindMarks(*wire::FromMemory("m", frozen)));
  const wire::Span value = marks.undos[0].value;
  const Undo good = Value(freeze::FromJson(frozen.substr(value.offset, value.length)));
  std::mt19937 random(11);
  const auto below = [&](uint64_t n) {
    return std::uniform_int_distribution<uint64_t>(0, n - 1)(random);
  };
  for (int round = 0; round < 3000; ++round) {
    Undo undo = good;
    for (uint64_t i = below(3); i < 3 && !undo.original.empty(); ++i) {
      UndoItem& item = undo.original[below(undo.original.size())];
      switch (below(6)) {
        case 0:
          item.range.offset = below(2) == 0 ? below(frozen.size() * 2) : ~below(9);
          break;
        case 1:
          item.range.length = below(2) == 0 ? below(frozen.size() * 2) : ~below(9);
          break;
        case 2:
          item.bytes = std::string(below(40), static_cast<char>(below(256)));
          break;
        case 3:
          item.edit = below(2) == 0 ? "graph_input" : "whatever";
          break;
        case 4:
          std::swap(item, undo.original[below(undo.original.size())]);
          break;
        default:
          undo.original.erase(undo.original.begin() +
                              static_cast<ptrdiff_t>(below(undo.original.size())));
      }
    }
    if (below(4) == 0) undo.length = below(frozen.size() * 2);
    const std::string hostile = WithUndo(frozen, undo);
    const absl::StatusOr<std::string> thawed = Thawed(hostile);
    EXPECT_TRUE(!thawed.ok() || thawed->size() <= hostile.size() * 2);
    (void)Frozen(hostile, FreezeBy(All()));
    const auto source = wire::FromMemory("m", hostile);
    (void)freeze::ThawByName(*source, "");
  }
}

TEST(Undo, BytesOfAFrozenFileChangedAtRandomNeverCrash) {
  const std::string frozen = Value(
      Frozen(WithInitializersAsInputs(ModelWithWeights(kDenseBatchNormText), 3).SerializeAsString(),
             FreezeBy(All())));
  const freeze::Marks marks = Value(freeze::FindMarks(*wire::FromMemory("m", frozen)));
  const uint64_t from = marks.plans[0].field.offset;
  std::mt19937 random(5);
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = frozen;
    const auto changes = 1 + random() % 4;
    for (unsigned i = 0; i < changes; ++i) {
      bytes[from + random() % (bytes.size() - from)] = static_cast<char>(random());
    }
    if (round % 10 == 0) bytes.resize(from + random() % (bytes.size() - from));
    const absl::StatusOr<std::string> thawed = Thawed(bytes);
    EXPECT_FALSE(thawed.ok() && bytes != frozen && thawed->empty());
    const auto source = wire::FromMemory("m", bytes);
    (void)freeze::ThawByName(*source, "");
    (void)freeze::PlanOf(*source, "");
  }
}

TEST(Undo, TextThatIsNoUndoDataIsRefused) {
  for (const char* text :
       {"", "{", "[]", "null", "{}", R"({"schema":"hoarfrost.undo/2"})",
        R"({"schema":"hoarfrost.undo/1","length":-1,"digest":"","original":[]})",
        R"({"schema":"hoarfrost.undo/1","length":1,"digest":0,"original":[]})",
        R"({"schema":"hoarfrost.undo/1","length":1,"digest":"","original":{}})",
        R"({"schema":"hoarfrost.undo/1","length":1,"digest":"","original":[[0]]})",
        R"({"schema":"hoarfrost.undo/1","length":1,"digest":"","original":[[0,0]]})",
        R"({"schema":"hoarfrost.undo/1","length":1,"digest":"","original":[[0,1.5]]})",
        R"({"schema":"hoarfrost.undo/1","length":1,"digest":"","original":["not base64!"]})",
        R"({"schema":"hoarfrost.undo/1","length":1,"digest":"","original":[{"edit":"x"}]})"}) {
    EXPECT_FALSE(freeze::FromJson(text).ok()) << text;
  }
  EXPECT_FALSE(freeze::FromJson(std::string(100'000, '[')).ok());
}

}  // namespace
}  // namespace hoarfrost::testing
