// Plan: which tensors of a model are trainable and which are frozen, as data to hand to a trainer.
//
// No trainer reads a mark in an ONNX file, so freezing is handed over by name. The JSON form is
// described by docs/plan.schema.json and stored in a frozen model as the metadata property
// "hoarfrost.plan".
#ifndef HOARFROST_PLAN_H_
#define HOARFROST_PLAN_H_

#include <cstdint>
#include <string>
#include <vector>

namespace hoarfrost {

struct PlanEntry {
  std::string name;
  std::string scope;
  std::string dtype;
  std::vector<int64_t> shape;
};

struct Plan {
  std::vector<PlanEntry> trainable;
  std::vector<PlanEntry> frozen;
  std::vector<PlanEntry> statistics;         // may move in training
  std::vector<PlanEntry> frozen_statistics;  // of a frozen BatchNormalization: must not move
  std::vector<PlanEntry> other;              // never trainable
  std::string json;                          // the same, canonical
};

}  // namespace hoarfrost

#endif  // HOARFROST_PLAN_H_
