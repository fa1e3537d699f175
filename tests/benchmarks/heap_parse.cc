// heap_parse FILE: the whole file parsed by the generated protobuf classes onto the heap, which is
// what a program does that uses the ONNX library as it comes. Prints the number of tensors and
// nodes.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "onnx/onnx_pb.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::ifstream file(argv[1], std::ios::binary | std::ios::ate);
  if (!file) return 2;
  std::string bytes(static_cast<size_t>(file.tellg()), '\0');
  file.seekg(0);
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  onnx::ModelProto model;
  if (!model.ParseFromString(bytes)) return 2;
  std::printf("%d tensors, %d nodes\n", model.graph().initializer_size(),
              model.graph().node_size());
  return 0;
}
