// What freezing promises of every file: thawing gives its bytes back, two steps give the bytes of
// one, thawing a part is freezing the rest, and the counts are Keras's.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "freeze/freezing.h"
#include "freeze/respell.h"
#include "support/temp_folder.h"

namespace hoarfrost::testing {
namespace {

std::string Literal(const std::string& name) {
  std::string pattern;
  for (const char c : name) {
    if (c == '*' || c == '?' || c == '[' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern;
}

// Frees the caller of saying what it looked at.
struct Tally {
  size_t models = 0;
  size_t frozen = 0;
};

void CheckThaw(const std::string& bytes, const std::string& frozen, const std::string& what) {
  const absl::StatusOr<std::string> thawed = Thawed(frozen);
  ASSERT_TRUE(thawed.ok()) << what << ": " << thawed.status();
  ASSERT_TRUE(*thawed == bytes) << what << ": thawing gives other bytes";
}

// The plain form, each form on its own, and all of them together.
struct NamedForms {
  const char* name;
  Forms forms;
};
constexpr NamedForms kForms[] = {{"plain", {}},
                                 {"batchnorm arithmetic", {.batchnorm_arithmetic = true}},
                                 {"dropout identity", {.dropout_identity = true}},
                                 {"constants", {.constants = true}},
                                 {"expose trainable", {.expose_trainable = true}},
                                 {"all forms",
                                  {.batchnorm_arithmetic = true,
                                   .dropout_identity = true,
                                   .constants = true,
                                   .expose_trainable = true}}};

using Roles = std::map<std::pair<std::string, std::string>, roles::Role>;

// Of parameters and quantization values: what is a constant to a Dropout is unused to an Identity.
Roles RolesOf(const summary::Summary& model) {
  Roles found;
  for (size_t t = 0; t < model.facts.tensors.size(); ++t) {
    const auto id = static_cast<model::TensorId>(t);
    const roles::Role role = model.role(id).role;
    if (!model.is_counted(id) || role == roles::Role::kConstant || role == roles::Role::kUnused) {
      continue;
    }
    const model::Tensor& tensor = model.tensor(id);
    found[{model.facts.scopes[static_cast<size_t>(tensor.scope)].path, std::string(tensor.name)}] =
        role;
  }
  return found;
}

// A frozen file says of its tensors what it would say without the forms it is written in.
void CheckForms(const std::string& plain, const std::string& formed, const Forms& forms,
                const std::string& what) {
  const summary::Summary a = SummaryOf(plain);
  const summary::Summary b = SummaryOf(formed);
  ASSERT_EQ(RolesOf(a), RolesOf(b)) << what;
  EXPECT_EQ(a.totals.parameters, b.totals.parameters) << what;
  EXPECT_EQ(a.totals.trainable, b.totals.trainable) << what;
  EXPECT_EQ(a.totals.frozen, b.totals.frozen) << what;
  EXPECT_EQ(a.totals.statistics, b.totals.statistics) << what;
  plan::Plan plan = Value(freeze::PlanOf(*wire::FromMemory("m.onnx", formed), ""));
  EXPECT_EQ(plan.forms, forms) << what;
  plan.forms = {};
  EXPECT_EQ(plan::ToJson(plan),
            plan::ToJson(Value(freeze::PlanOf(*wire::FromMemory("m.onnx", plain), ""))))
      << what;
}

void CheckModelIn(const Forms& forms, const std::string& bytes, const std::string& what,
                  Tally& tally);

// In the plain form, in all of them together, and in one more by turns.
void CheckModel(const std::string& bytes, const std::string& what, Tally& tally) {
  Tally ignored;
  constexpr size_t kLast = std::size(kForms) - 1;
  for (const size_t f : {size_t{0}, 1 + tally.models % (kLast - 1), kLast}) {
    const NamedForms& form = kForms[f];
    CheckModelIn(form.forms, bytes, what + ", " + form.name, f == 0 ? tally : ignored);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

void CheckModelIn(const Forms& forms, const std::string& bytes, const std::string& what,
                  Tally& tally) {
  const auto source = wire::FromMemory("m.onnx", bytes);
  const absl::StatusOr<summary::Summary> before = summary::Summarize(*source, "", {});
  if (!before.ok()) return;  // no model: freezing refuses it as inspecting does
  ++tally.models;
  const absl::StatusOr<std::string> all = Frozen(bytes, WithForms(FreezeBy(All()), forms));
  if (!all.ok()) {
    // A model without weights, or one that was frozen and rewritten.
    EXPECT_TRUE(all.status().code() == absl::StatusCode::kInvalidArgument ||
                all.status().code() == absl::StatusCode::kFailedPrecondition)
        << what << ": " << all.status();
    return;
  }
  ++tally.frozen;
  CheckThaw(bytes, *all, what + ", --all");
  if (forms.any()) CheckForms(Value(Frozen(bytes, FreezeBy(All()))), *all, forms, what);
  const absl::StatusOr<summary::Summary> after =
      summary::Summarize(*wire::FromMemory("m.onnx", *all), "", {});
  ASSERT_TRUE(after.ok()) << what << ": " << after.status();
  EXPECT_EQ(after->totals.parameters, before->totals.parameters) << what;
  EXPECT_EQ(after->totals.statistics, before->totals.statistics) << what;
  EXPECT_EQ(after->totals.trainable, 0u) << what;
  EXPECT_EQ(after->totals.non_trainable, before->totals.parameters) << what;

  // A part of it: some layers that own weights, first, last and between.
  std::vector<std::string> owners;
  for (const summary::LayerRow& row : before->rows) {
    if (row.layer == model::kNone || row.parameters == 0) continue;
    const std::string& path = before->layers.layers[static_cast<size_t>(row.layer)].path;
    if (!path.empty()) owners.push_back(Literal(path));
  }
  if (owners.empty()) return;
  for (const size_t i : {size_t{0}, owners.size() / 2, owners.size() - 1}) {
    for (const SharedTensors shared :
         {SharedTensors::kRefuse, SharedTensors::kFreeze, SharedTensors::kTrain}) {
      const std::string where = what + ", layer " + owners[i];
      const absl::StatusOr<std::string> part =
          Frozen(bytes, WithForms(FreezeBy(Layers({owners[i]}), shared), forms));
      if (part.ok()) {
        CheckThaw(bytes, *part, where);
        if (forms.any()) {
          CheckForms(Value(Frozen(bytes, FreezeBy(Layers({owners[i]}), shared))), *part, forms,
                     where);
        }
        const absl::StatusOr<std::string> rest = Frozen(*part, FreezeBy(All()));
        ASSERT_TRUE(rest.ok()) << where;
        ASSERT_TRUE(*rest == *all) << where << ": two steps give other bytes than one";
      }
      Selection but_this = All();
      but_this.except = {owners[i]};
      const absl::StatusOr<std::string> others =
          Frozen(bytes, WithForms(FreezeBy(but_this, shared), forms));
      const absl::StatusOr<std::string> thawed = Thawed(*all, ThawBy(Layers({owners[i]}), shared));
      if (!others.ok() || !thawed.ok()) {
        // Where nothing else is left to be frozen, thawing this thaws everything.
        EXPECT_TRUE(!thawed.ok() || *thawed == bytes) << where << ": " << others.status();
        continue;
      }
      ASSERT_TRUE(*thawed == *others) << where << ": thawing a part is not freezing the rest";
    }
  }
}

constexpr const char* kOddText = R"(
<ir_version: 8, opset_import: ["" : 17]>
g (float[N, 3, 8, 8] x) => (float[N, 4] y)
<float[4, 3, 3, 3] w, float[4] s, float[4] o, float[4] m, float[4] v, float[4, 4] f>
{
  c = Conv <pads = [1, 1, 1, 1]> (x, w)
  n = BatchNormalization(c, s, o, m, v)
  r = Relu(n)
  p = GlobalAveragePool(r)
  q = Flatten(p)
  y = MatMul(q, f)
})";

// BatchNormalization with and without training_mode, in the main graph, in branches, in a function.
constexpr const char* kNormsText = R"(
<ir_version: 8, opset_import: ["" : 17, "local" : 1]>
g (float[N, 4] x, bool c) => (float[N, 4] y)
<float[4] s0, float[4] o0, float[4] m0, float[4] v0, float[4] s1, float[4] o1, float[4] m1,
 float[4] v1, float[4] s2, float[4] o2, float[4] m2, float[4] v2, float[4] m3, float[4] v3,
 float[4] s4, float[4] o4, float[4] m4, float[4] v4>
{
  a = BatchNormalization <training_mode = 0, epsilon = 0.001> (x, s0, o0, m0, v0)
  b, rm, rv = BatchNormalization <training_mode = 1> (a, s1, o1, m1, v1)
  d = If (c) <
    then_branch = t () => (float[N, 4] p) {
      p = BatchNormalization <training_mode = 0> (b, s2, o2, m2, v2)
    },
    else_branch = e () => (float[N, 4] q) {
      q, qm, qv = BatchNormalization <epsilon = 0.001, training_mode = 1> (b, s2, o2, m3, v3)
    }>
  y = local.norm (d, s4, o4, m4, v4)
}
<domain: "local", opset_import: ["" : 17]>
norm (x, s, o, m, v) => (z) {
  z = BatchNormalization <training_mode = 0> (x, s, o, m, v)
})";

// With training steps of its own that write two of its weights and a statistic.
onnx::ModelProto WithTrainingInfo(onnx::ModelProto model) {
  for (const char* name : {"s0", "s1"}) {
    onnx::TrainingInfoProto& info = *model.add_training_info();
    onnx::NodeProto& node = *info.mutable_algorithm()->add_node();
    node.set_op_type("Identity");
    node.add_input(name);
    node.add_output("next");
    for (const char* key : {name, "o0", "m1"}) {
      for (auto* binding : {info.add_update_binding(), info.add_initialization_binding()}) {
        binding->set_key(key);
        binding->set_value("next");
      }
    }
  }
  return model;
}

TEST(RoundTrip, BatchNormsAndTrainingStepsComeBackByteForByte) {
  Tally tally;
  const onnx::ModelProto norms = ModelWithWeights(kNormsText);
  for (const onnx::ModelProto& model :
       {norms, WithInitializersAsInputs(norms, 3), WithTrainingInfo(norms)}) {
    for (unsigned n = 0; n < 16; ++n) {
      const std::string bytes = Respell(model.SerializeAsString(), SpellingOf(n));
      CheckModel(bytes, "spelling " + std::to_string(n), tally);
      onnx::ModelProto frozen;
      ASSERT_TRUE(frozen.ParseFromString(Value(Frozen(bytes, FreezeBy(All())))));
      frozen.clear_metadata_props();  // they tell what went
      const std::string text = frozen.DebugString();
      for (const char* gone : {"training_mode", "\"rm\"", "\"qv\"", "update_binding"}) {
        EXPECT_EQ(text.find(gone), std::string::npos) << gone << ", spelling " << n;
      }
    }
  }
  EXPECT_EQ(tally.frozen, 3u * 16);
}

TEST(RoundTrip, EveryWireLegalSpellingComesBackByteForByte) {
  Tally tally;
  for (const char* text : {kDenseText, kDenseBatchNormText, kSharedText, kOddText}) {
    for (const int64_t ir : {0, 3, 4, 8}) {  // 0: initializers are no inputs
      onnx::ModelProto model = ModelWithWeights(text);
      if (ir != 0) model = WithInitializersAsInputs(model, ir);
      for (const bool odd_names : {false, true}) {
        if (odd_names) {  // names that are no UTF-8, and nodes without any
          for (onnx::NodeProto& node : *model.mutable_graph()->mutable_node()) node.clear_name();
          onnx::TensorProto& first = *model.mutable_graph()->mutable_initializer(0);
          const std::string old_name = first.name();
          const std::string new_name = "\xff\xfe*[w";
          first.set_name(new_name);
          for (auto& input : *model.mutable_graph()->mutable_input()) {
            if (input.name() == old_name) input.set_name(new_name);
          }
          for (auto& node : *model.mutable_graph()->mutable_node()) {
            for (auto& input : *node.mutable_input()) {
              if (input == old_name) input = new_name;
            }
          }
        }
        const std::string bytes = model.SerializeAsString();
        for (unsigned n = 0; n < 16; ++n) {
          CheckModel(Respell(bytes, SpellingOf(n)), "spelling " + std::to_string(n), tally);
        }
      }
    }
  }
  EXPECT_EQ(tally.models, 4u * 4 * 2 * 16);
  EXPECT_EQ(tally.frozen, tally.models);
}

void CheckFolder(const std::string& folder, Tally& tally) {
  constexpr uintmax_t kLargest = uintmax_t{64} << 20;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.path().extension() == ".onnx" &&
        entry.file_size() <= kLargest) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  for (const std::filesystem::path& file : files) {
    CheckModel(ReadFile(file.string()), file.string(), tally);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

TEST(RoundTrip, TestdataComesBackByteForByte) {
  Tally tally;
  CheckFolder(HOARFROST_TESTDATA, tally);
}

TEST(RoundTrip, TheCorpusComesBackByteForByte) {
  const char* corpus = std::getenv("HOARFROST_CORPUS");
  if (corpus == nullptr || !std::filesystem::exists(corpus)) {
    GTEST_SKIP() << "HOARFROST_CORPUS names no folder";
  }
  Tally tally;
  CheckFolder(corpus, tally);
  EXPECT_GT(tally.frozen, 0u);
  RecordProperty("models", static_cast<int>(tally.models));
  RecordProperty("frozen", static_cast<int>(tally.frozen));
}

}  // namespace
}  // namespace hoarfrost::testing
