// A plan in each trainer's own words.
//
// ONNX Runtime training takes the lists `requires_grad` and `frozen_params` of initializers' names.
// Statistics are in neither: listed as frozen parameters it would update them, in silence. A name
// that it does not know stops it in the first list, and is passed over in the second; so only
// initializers of the main graph are told, under the names they have.
//
// PyTorch has no import of its own; two converters make modules, which name parameters their own
// way. Told are the names that follow from the model alone, by the rules of onnx2torch 1.5.15 and
// onnx2pytorch 0.6.0:
//
//   onnx2torch     MODULE.weight    MODULE: the node's name, or else its operator, with / for each
//                                   dot; _1, _2, ... behind a name that was there before
//   onnx2pytorch   OPERATOR_OUTPUT.weight   the operator and its first output; of a
//                                           BatchNormalization OPERATOR_OUTPUT.bnu.weight
#ifndef HOARFROST_FREEZE_TRAINER_NAMES_H_
#define HOARFROST_FREEZE_TRAINER_NAMES_H_

#include "hoarfrost/trainer.h"
#include "plan/plan.h"
#include "summary/summary.h"

namespace hoarfrost::freeze {

// `model` is that which the plan is of, frozen or not.
TrainerNames NamesFor(Trainer trainer, const plan::Plan& plan, const summary::Summary& model);

}  // namespace hoarfrost::freeze

#endif  // HOARFROST_FREEZE_TRAINER_NAMES_H_
