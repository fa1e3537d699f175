// The words for enumerations that JSON and tables share.
#ifndef HOARFROST_REPORT_NAMES_H_
#define HOARFROST_REPORT_NAMES_H_

#include "model/facts.h"
#include "payload/storage.h"
#include "roles/roles.h"

namespace hoarfrost::report {

inline const char* SourceName(model::TensorSource source) {
  switch (source) {
    case model::TensorSource::kInitializer:
      return "initializer";
    case model::TensorSource::kSparseInitializer:
      return "sparse_initializer";
    case model::TensorSource::kConstantNode:
      return "constant_node";
  }
  return "";
}

inline const char* StorageName(payload::StorageKind kind) {
  switch (kind) {
    case payload::StorageKind::kInline:
      return "inline";
    case payload::StorageKind::kFields:
      return "fields";
    case payload::StorageKind::kExternal:
      return "external";
  }
  return "";
}

inline const char* AdjustmentName(roles::AdjustmentKind kind) {
  switch (kind) {
    case roles::AdjustmentKind::kHidden:
      return "hidden";
    case roles::AdjustmentKind::kStoredTwice:
      return "stored_twice";
    case roles::AdjustmentKind::kPadding:
      return "padding";
    case roles::AdjustmentKind::kDropped:
      return "dropped";
  }
  return "";
}

}  // namespace hoarfrost::report

#endif  // HOARFROST_REPORT_NAMES_H_
