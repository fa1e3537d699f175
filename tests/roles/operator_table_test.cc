// The operator table against ONNX's own definitions.
#include "roles/operator_table.h"

#include <gtest/gtest.h>
#include <onnx/defs/schema.h>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace hoarfrost::roles {
namespace {

// Every version of every operator of ONNX that the table is checked against, oldest first.
std::map<std::pair<std::string, std::string>, std::vector<onnx::OpSchema>> Definitions() {
  std::map<std::pair<std::string, std::string>, std::vector<onnx::OpSchema>> all;
  for (const onnx::OpSchema& s : onnx::OpSchemaRegistry::get_all_schemas_with_history()) {
    all[{s.domain(), s.Name()}].push_back(s);
  }
  for (auto& [key, versions] : all) {
    std::sort(versions.begin(), versions.end(),
              [](const auto& a, const auto& b) { return a.SinceVersion() < b.SinceVersion(); });
  }
  return all;
}

bool IsOurs(const Operator& op) {
  // ONNX Runtime registers these in ONNX's domain; ONNX does not define them.
  return op.domain.substr(0, 3) != "com" && op.name != "SimplifiedLayerNormalization";
}

TEST(OperatorTable, EveryOperatorOfOnnxWithInputsIsKnown) {
  for (const auto& [key, versions] : Definitions()) {
    if (versions.back().inputs().empty()) continue;
    EXPECT_NE(OperatorTable::Get().Find(key.first, key.second), nullptr)
        << key.first << "::" << key.second;
  }
}

TEST(OperatorTable, EveryInputOfTheNewestDefinitionHasARowWithItsName) {
  const auto definitions = Definitions();
  for (const Operator& op : OperatorTable::Get().operators()) {
    if (!IsOurs(op)) continue;
    const auto found = definitions.find({std::string(op.domain), std::string(op.name)});
    ASSERT_NE(found, definitions.end()) << op.name;
    const auto inputs = found->second.back().inputs();
    for (size_t i = 0; i < inputs.size(); ++i) {
      const OperatorRow* row = FindRow(op, static_cast<int>(i), 0);
      ASSERT_NE(row, nullptr) << op.name << " input " << i;
      EXPECT_EQ(row->name, inputs[i].GetName()) << op.name << " input " << i;
      EXPECT_EQ(row->rest, inputs[i].GetOption() == onnx::OpSchema::Variadic)
          << op.name << " input " << i;
    }
    EXPECT_EQ(op.rows.back().input, static_cast<int>(inputs.size()) - 1) << op.name;
  }
}

TEST(OperatorTable, RowsBeginInTheOpsetThatBroughtTheirInput) {
  const auto definitions = Definitions();
  for (const Operator& op : OperatorTable::Get().operators()) {
    if (!IsOurs(op)) continue;
    const auto& versions = definitions.at({std::string(op.domain), std::string(op.name)});
    std::set<int> seen;
    for (const OperatorRow& row : op.rows) {
      const bool renamed = !seen.insert(row.input).second;
      for (const onnx::OpSchema& s : versions) {
        const auto& inputs = s.inputs();
        const auto i = static_cast<size_t>(row.input);
        if (s.SinceVersion() >= row.since || renamed) continue;
        EXPECT_LE(inputs.size(), i) << op.name << " input " << row.input << " is older";
      }
    }
  }
}

TEST(OperatorTable, BatchNormalizationCallsItsStatisticsByTheNamesOfTheOpset) {
  const Operator* bn = OperatorTable::Get().Find("", "BatchNormalization");
  ASSERT_NE(bn, nullptr);
  const auto definitions = Definitions();
  for (const onnx::OpSchema& s : definitions.at({"", "BatchNormalization"})) {
    for (const int slot : {3, 4}) {
      const OperatorRow* row = FindRow(*bn, slot, s.SinceVersion());
      ASSERT_NE(row, nullptr);
      EXPECT_EQ(row->meaning, Meaning::kStatistic);
      EXPECT_EQ(row->name, s.inputs()[static_cast<size_t>(slot)].GetName())
          << "opset " << s.SinceVersion();
    }
  }
}

TEST(OperatorTable, RowsOfAnOperatorStandTogetherInOrder) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const Operator& op : OperatorTable::Get().operators()) {
    EXPECT_TRUE(seen.insert({op.domain, op.name}).second) << op.name << " twice";
    for (size_t i = 1; i < op.rows.size(); ++i) {
      const bool ordered =
          op.rows[i - 1].input < op.rows[i].input ||
          (op.rows[i - 1].input == op.rows[i].input && op.rows[i - 1].since < op.rows[i].since);
      EXPECT_TRUE(ordered) << op.name;
      EXPECT_FALSE(op.rows[i - 1].rest) << op.name;
    }
  }
}

TEST(OperatorTable, BothSpellingsOfOnnxsDomainMeanTheSame) {
  const OperatorTable& table = OperatorTable::Get();
  EXPECT_EQ(table.Find("", "Conv"), table.Find("ai.onnx", "Conv"));
  EXPECT_EQ(table.Find("my.domain", "Conv"), nullptr);
  EXPECT_EQ(table.Find("", "FancyConv"), nullptr);
}

TEST(OperatorTable, InputsThatNoGradientReachesAreNoWeights) {
  // ONNX marks shape-like inputs NonDifferentiable; none of them may be a weight here.
  for (const auto& [key, versions] : Definitions()) {
    const Operator* op = OperatorTable::Get().Find(key.first, key.second);
    if (op == nullptr) continue;
    const auto inputs = versions.back().inputs();
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (inputs[i].GetDifferentiationCategory() != onnx::OpSchema::NonDifferentiable) continue;
      const OperatorRow* row = FindRow(*op, static_cast<int>(i), 0);
      ASSERT_NE(row, nullptr);
      // Integer convolution and product: trained before they were quantized.
      if (key.second.find("Integer") != std::string::npos || key.second.substr(0, 7) == "QLinear") {
        continue;
      }
      EXPECT_NE(row->meaning, Meaning::kWeight) << key.second << " input " << i;
    }
  }
}

}  // namespace
}  // namespace hoarfrost::roles
