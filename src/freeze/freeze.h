// Freezing and thawing, from a file's bytes to the bytes of another. Nothing is written here.
//
// What is frozen is a state: a set of weights, and layers without weights. A frozen file is a pure
// function of the original's bytes and that state, so freezing again is thawing and freezing the
// union, thawing a part is thawing and freezing the rest, and two steps give the bytes of one.
//
//   auto file = wire::OpenFile("m.onnx");
//   auto frozen = freeze::Freeze(**file, ".", {.selection = {.layers = {"backbone"}}});
//   if (frozen.ok()) Save(frozen->rope, **file, ...);   // freeze/save.h
#ifndef HOARFROST_FREEZE_FREEZE_H_
#define HOARFROST_FREEZE_FREEZE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "hoarfrost/forms.h"
#include "hoarfrost/selection.h"
#include "model/facts.h"
#include "plan/plan.h"
#include "summary/summary.h"
#include "wire/byte_source.h"
#include "wire/rope.h"

namespace hoarfrost::freeze {

struct FreezeRequest {
  Selection selection;
  std::optional<plan::Plan> plan;  // frozen by it, besides the selection
  SharedTensors shared = SharedTensors::kRefuse;
  Forms forms;  // those asked for; a frozen file keeps the ones it has, and refuses others
};

struct ThawRequest {
  std::optional<Selection> selection;  // nullopt: everything
  SharedTensors shared = SharedTensors::kRefuse;
};

// Elements, by Keras's arithmetic.
struct Counts {
  uint64_t parameters = 0;
  uint64_t trainable = 0;
  uint64_t frozen = 0;
  uint64_t statistics = 0;
  uint64_t non_trainable() const { return parameters - trainable; }
};

struct Rewrite {
  wire::Rope rope;      // the new file, over the bytes of the old
  plan::Plan plan;      // of the new state; of an unfrozen model too
  bool frozen = false;  // whether the new file carries the plan and undo data
  Counts before;
  Counts after;
  uint64_t frozen_tensors = 0;      // of `after`
  uint64_t skipped_statistics = 0;  // tensors that patterns hit but that are never selected
  uint64_t skipped_constants = 0;
  std::vector<model::Note> notes;
  std::vector<std::string> unplaced;  // by name: what could not be restored, a sentence each
};

// `directory` is where external data is looked for (stat only). No tensor payload is read.
//
// InvalidArgument where a selector hits no weight, a plan does not fit, a tensor is shared and
// `shared` does not decide, or a form is asked for that the file was frozen without.
// FailedPrecondition where the file was frozen and then rewritten by another tool.
// ResourceExhausted where the result would be past what protobuf readers take.
absl::StatusOr<Rewrite> Freeze(const wire::ByteSource& file, const std::string& directory,
                               const FreezeRequest& request);

// FailedPrecondition where the file was never frozen, or rewritten by another tool since.
absl::StatusOr<Rewrite> Thaw(const wire::ByteSource& file, const std::string& directory,
                             const ThawRequest& request);

// Thaws a file that another tool has written anew: takes the plan and undo data out, and puts back
// by name what the undo data names. A file that was not rewritten is thawed exactly.
absl::StatusOr<Rewrite> ThawByName(const wire::ByteSource& file, const std::string& directory);

// The plan of a model as it stands, frozen or not, rewritten or not.
absl::StatusOr<plan::Plan> PlanOf(const wire::ByteSource& file, const std::string& directory);
plan::Plan PlanOf(const summary::Summary& model);

// The same, with what `plan` freezes in place of what the model says itself. InvalidArgument where
// the plan does not fit.
absl::StatusOr<plan::Plan> PlanOf(const summary::Summary& model, const plan::Plan& plan);

}  // namespace hoarfrost::freeze

#endif  // HOARFROST_FREEZE_FREEZE_H_
