// What verify, diff and merge share.
#ifndef HOARFROST_TOOLS_HOARFROST_COMPARED_H_
#define HOARFROST_TOOLS_HOARFROST_COMPARED_H_

#include <cstddef>

#include "hoarfrost/compare.h"
#include "subcommand.h"

namespace hoarfrost::tool {

inline constexpr const char* kSetHelp =
    "An ONNX model, a safetensors file or an ONNX Runtime training checkpoint";

inline constexpr size_t kShownOfAKind = 10;

inline int StatusOf(Answer answer) {
  switch (answer) {
    case Answer::kYes:
      return kDone;
    case Answer::kNo:
      return kAnswerIsNo;
    case Answer::kUnknown:
      return kFailed;
  }
  return kFailed;
}

}  // namespace hoarfrost::tool

#endif  // HOARFROST_TOOLS_HOARFROST_COMPARED_H_
