#include "roles/trained_attributes.h"

#include <gtest/gtest.h>

#include "roles/roles_of.h"

namespace hoarfrost::roles {
namespace {

// A model of one node; the counts follow from the lengths of the lists that the text gives.
std::string ModelOf(std::string_view node) {
  return R"(<ir_version: 8, opset_import: ["": 17, "ai.onnx.ml": 3]>
g (float[N, 2] x) => (float[N, 1] y) { )" +
         std::string(node) + " }";
}

uint64_t Values(std::string_view node) {
  const RolesOf roles(ModelOf(node));
  uint64_t values = 0;
  for (const TrainedAttributes& found : roles.all().trained_attributes) values += found.values;
  return values;
}

TEST(TrainedAttributes, OfALinearModelAreCoefficientsAndIntercepts) {
  EXPECT_EQ(Values("y = ai.onnx.ml.LinearRegressor <coefficients = [1.0, 2.0], intercepts = [3.0], "
                   "targets = 1>(x)"),
            3);
}

TEST(TrainedAttributes, OfATreeAreThresholdsAndLeavesAndNotItsShape) {
  EXPECT_EQ(Values("y = ai.onnx.ml.TreeEnsembleRegressor <nodes_values = [0.5, 0.0, 0.0], "
                   "nodes_featureids = [0, 0, 0], nodes_nodeids = [0, 1, 2], "
                   "nodes_truenodeids = [1, 0, 0], target_weights = [1.0, 2.0]>(x)"),
            5);
}

TEST(TrainedAttributes, OfAnSvmAreSupportVectorsToo) {
  EXPECT_EQ(Values("y = ai.onnx.ml.SVMRegressor <coefficients = [1.0, 2.0], rho = [0.5], "
                   "support_vectors = [1.0, 2.0, 3.0, 4.0], kernel_params = [0.1, 0.0, 3.0]>(x)"),
            7);
}

TEST(TrainedAttributes, AreCountedInATensorByItsShape) {
  EXPECT_EQ(Values("y = ai.onnx.ml.TreeEnsembleRegressor <nodes_values_as_tensor = "
                   "double[3] {0.5, 0.0, 0.0}>(x)"),
            3);
}

TEST(TrainedAttributes, AreCountedWhereTheyWereLeftOutOfTheSkeleton) {
  std::string list = "1.0";
  for (int i = 1; i < 5000; ++i) list += ", 1.0";
  EXPECT_EQ(Values("y = ai.onnx.ml.LinearRegressor <coefficients = [" + list + "]>(x)"), 5000);
}

TEST(TrainedAttributes, AreNeitherTensorsNorOfOtherDomains) {
  const RolesOf roles(
      ModelOf("y = ai.onnx.ml.Scaler <offset = [1.0, 2.0], scale = [1.0, 2.0]>(x)"));
  EXPECT_TRUE(roles.all().tensors.empty());
  EXPECT_EQ(roles.all().trained_attributes.size(), 1);
  EXPECT_EQ(Values("y = other.Scaler <offset = [1.0, 2.0]>(x)"), 0);
  EXPECT_EQ(Values("y = ai.onnx.ml.Normalizer <norm = \"L2\">(x)"), 0);
}

}  // namespace
}  // namespace hoarfrost::roles
