// What this command was made of.
#ifndef HOARFROST_TOOLS_HOARFROST_VERSIONS_H_
#define HOARFROST_TOOLS_HOARFROST_VERSIONS_H_

#include "base/sink.h"

namespace hoarfrost::tool {

// One compact object and a line feed: {"schema", "version", "compiler", "parts": {"onnx": ...}}.
void WriteVersionsJson(base::Sink& sink);

}  // namespace hoarfrost::tool

#endif  // HOARFROST_TOOLS_HOARFROST_VERSIONS_H_
