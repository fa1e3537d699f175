#include <cstdint>
#include <string_view>

#include "wire/skeleton.h"

namespace hoarfrost::wire {

bool KeepMetadataValue(std::string_view key, uint64_t value_bytes) {
  constexpr uint64_t kLongest = uint64_t{64} << 10;
  // Keys as PyTorch's exporter writes them (torch/onnx/_internal/exporter).
  if (key == "pkg.torch.onnx.stack_trace" || key == "hoarfrost.undo") return false;
  if (key == "pkg.torch.export.ExportedProgram.graph_signature" || key == "hoarfrost.plan") {
    return true;
  }
  return value_bytes <= kLongest;
}

}  // namespace hoarfrost::wire
