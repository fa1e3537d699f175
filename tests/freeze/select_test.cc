#include "freeze/select.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "freeze/freezing.h"

namespace hoarfrost::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Two blocks and a head; names as PyTorch gives them. The nodes are named after their layers, and
// the tensors too, so that every source of layer names agrees.
constexpr const char* kBlocksText = R"(
<ir_version: 8, opset_import: ["" : 17]>
g (float[N, 4] x) => (float[N, 2] y)
<float[4, 4] "blocks.0.fc.weight", float[4] "blocks.0.fc.bias",
 float[4] "blocks.0.bn.weight", float[4] "blocks.0.bn.bias",
 float[4] "blocks.0.bn.running_mean", float[4] "blocks.0.bn.running_var",
 float[4, 4] "blocks.1.fc.weight", float[4] "blocks.1.fc.bias",
 float[4, 2] "head.weight", float[2] "head.bias">
{
  ["/blocks/0/fc/Gemm"] a = Gemm(x, "blocks.0.fc.weight", "blocks.0.fc.bias")
  ["/blocks/0/bn/BatchNormalization"] b = BatchNormalization(a, "blocks.0.bn.weight",
      "blocks.0.bn.bias", "blocks.0.bn.running_mean", "blocks.0.bn.running_var")
  ["/blocks/1/fc/Gemm"] c = Gemm(b, "blocks.1.fc.weight", "blocks.1.fc.bias")
  ["/head/Gemm"] y = Gemm(c, "head.weight", "head.bias")
})";

class SelectTest : public ::testing::Test {
 protected:
  std::vector<std::string> Hit(const Selection& selection) {
    freeze::Users users(model_);
    absl::StatusOr<freeze::Selected> selected = freeze::Select(selection, model_, users);
    EXPECT_TRUE(selected.ok()) << selected.status();
    std::vector<std::string> names;
    if (!selected.ok()) return names;
    for (size_t t = 0; t < selected->weights.size(); ++t) {
      if (selected->weights[t]) names.emplace_back(model_.facts.tensors[t].name);
    }
    statistics_ = selected->statistics;
    return names;
  }
  std::string Error(const Selection& selection) {
    freeze::Users users(model_);
    absl::StatusOr<freeze::Selected> selected = freeze::Select(selection, model_, users);
    EXPECT_FALSE(selected.ok());
    EXPECT_EQ(selected.status().code() == absl::StatusCode::kInvalidArgument ||
                  selected.status().code() == absl::StatusCode::kNotFound,
              true);
    return std::string(selected.status().message());
  }

  const std::string bytes_ = BytesWithWeights(kBlocksText);
  const summary::Summary model_ = SummaryOf(bytes_);
  uint64_t statistics_ = 0;
};

const std::vector<std::string> kFirstBlock = {"blocks.0.fc.weight", "blocks.0.fc.bias",
                                              "blocks.0.bn.weight", "blocks.0.bn.bias"};
const std::vector<std::string> kHead = {"head.weight", "head.bias"};

TEST_F(SelectTest, AnAncestorSelectsTheWholeSubtree) {
  EXPECT_EQ(Hit(Layers({"blocks.0"})), kFirstBlock);
  EXPECT_EQ(statistics_, 2u);
  EXPECT_EQ(Hit(Layers({"blocks"})).size(), 6u);
  EXPECT_EQ(Hit(Layers({"head"})), kHead);
  EXPECT_EQ(Hit(Layers({"blocks.0.bn"})).size(), 2u);
}

TEST_F(SelectTest, AStarCrossesSeparatorsAndARegexMatchesTheWholeName) {
  EXPECT_EQ(Hit(Layers({"b*n"})),
            (std::vector<std::string>{"blocks.0.bn.weight", "blocks.0.bn.bias"}));
  EXPECT_EQ(Hit(Tensors({"*.weight"})).size(), 4u);
  EXPECT_EQ(Hit(Tensors({"re:head\\.(weight|bias)"})), kHead);
  EXPECT_EQ(Hit(Tensors({"re:.*fc.bias"})).size(), 2u);
}

TEST_F(SelectTest, TypesAreLayerClassesOrOperators) {
  Selection types;
  types.types = {"BatchNormalization"};
  EXPECT_EQ(Hit(types), (std::vector<std::string>{"blocks.0.bn.weight", "blocks.0.bn.bias"}));
  types.types = {"Gemm"};
  EXPECT_EQ(Hit(types).size(), 6u);
}

TEST_F(SelectTest, UptoTakesWhatLiesUpstreamAndTheThingItself) {
  Selection upto;
  for (const char* name :
       {"/blocks/0/bn/BatchNormalization", "b", "blocks.0.bn", "blocks.0.bn.running_var"}) {
    upto.upto = {name};
    EXPECT_EQ(Hit(upto), kFirstBlock) << name;
  }
  upto.upto = {"blocks"};
  EXPECT_EQ(Hit(upto).size(), 6u);
  upto.upto = {"y"};
  EXPECT_EQ(Hit(upto).size(), 8u);
  upto.upto = {"x"};
  EXPECT_THAT(Error(upto), HasSubstr("no weight lies upstream"));
  upto.upto = {"blocks.0.bm"};
  EXPECT_THAT(Error(upto), HasSubstr("blocks.0.bn"));
}

TEST_F(SelectTest, FirstCountsLayersThatOwnParameters) {
  Selection first;
  first.first = 1;
  EXPECT_EQ(Hit(first), (std::vector<std::string>{"blocks.0.fc.weight", "blocks.0.fc.bias"}));
  first.first = 2;
  EXPECT_EQ(Hit(first), kFirstBlock);
  first.first = 99;
  EXPECT_EQ(Hit(first).size(), 8u);
}

TEST_F(SelectTest, SelectorsAddUpAndExceptTakesAway) {
  Selection selection = Layers({"head"});
  selection.tensors = {"blocks.0.fc.bias"};
  EXPECT_EQ(Hit(selection),
            (std::vector<std::string>{"blocks.0.fc.bias", "head.weight", "head.bias"}));
  selection.except = {"tensors:*.bias"};
  EXPECT_THAT(Hit(selection), ElementsAre("head.weight"));
  selection = All();
  selection.except = {"blocks"};
  EXPECT_EQ(Hit(selection), kHead);
  selection.except = {"layers:blocks", "types:Gemm"};
  EXPECT_THAT(Hit(selection), IsEmpty());
}

TEST_F(SelectTest, AMissShowsNearNames) {
  EXPECT_THAT(Error(Layers({"haed"})), HasSubstr("'head'"));
  EXPECT_THAT(Error(Layers({"haed*"})), HasSubstr("'head'"));
  EXPECT_THAT(Error(Layers({"encoder.stage.bnn"})), HasSubstr("'blocks.0.bn'"));
  EXPECT_THAT(Error(Layers({"backbone"})), HasSubstr("outermost layers are 'blocks', 'head'"));
  EXPECT_THAT(Error(Tensors({"head.wieght"})), HasSubstr("'head.weight'"));
  Selection selection;
  selection.types = {"Gem"};
  EXPECT_THAT(Error(selection), HasSubstr("'Gemm'"));
  selection = All();
  selection.except = {"haed"};
  EXPECT_THAT(Error(selection), HasSubstr("'head'"));
}

TEST_F(SelectTest, TheExactNameOfAStatisticIsAnErrorThatSaysWhatToDo) {
  const std::string error = Error(Tensors({"blocks.0.bn.running_mean"}));
  EXPECT_THAT(error, HasSubstr("statistic"));
  EXPECT_THAT(error, HasSubstr("select the layer"));
  EXPECT_THAT(Error(Tensors({"*running*"})), HasSubstr("hits no weight"));
}

TEST_F(SelectTest, APatternThatCannotBeReadIsAnError) {
  EXPECT_FALSE(Error(Layers({"re:("})).empty());
  EXPECT_FALSE(Error(Tensors({"[a"})).empty());
}

}  // namespace
}  // namespace hoarfrost::testing
