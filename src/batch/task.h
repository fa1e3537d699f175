// What is done to one model of a batch: it is inspected, and frozen if that is asked for.
//
// A model that cannot be handled is a record that says why; nothing else fails. Tasks share
// nothing but what is const, and run on any thread.
#ifndef HOARFROST_BATCH_TASK_H_
#define HOARFROST_BATCH_TASK_H_

#include <optional>
#include <string>
#include <string_view>

#include "batch/find.h"
#include "batch/record.h"
#include "freeze/freeze.h"
#include "freeze/save.h"

namespace hoarfrost::batch {

struct FreezeOrder {
  freeze::FreezeRequest request;
  freeze::External external = freeze::External::kAsNeeded;
  std::string output;       // folder in which the tree of models is made again
  bool write_plan = false;  // MODEL.plan.json beside each
};

struct TaskOptions {
  bool full = false;  // layers and tensors too
  std::optional<FreezeOrder> freeze;
};

// `target`: where the frozen model goes, below the output folder; unused without FreezeOrder.
Record RunTask(const Found& found, const TaskOptions& options, std::string_view target);

}  // namespace hoarfrost::batch

#endif  // HOARFROST_BATCH_TASK_H_
