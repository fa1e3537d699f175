// bare_scan FILE: the least that can be read of a model to know its tensors: every field of the
// model, its graph, tensors and nodes is stepped over by its length, nothing is kept. Prints the
// number of tensors, their elements and the nodes. The floor that `hoarfrost inspect` is measured
// against.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>

namespace {

constexpr uint64_t kWindow = 4096;

// One window over the file; bytes outside it are fetched by pread.
class Reader {
 public:
  explicit Reader(int fd) : fd_(fd) {}

  int Byte(uint64_t at) {
    if (at - start_ >= size_) {
      const ssize_t got = pread(fd_, window_.data(), kWindow, static_cast<off_t>(at));
      if (got <= 0) return -1;
      start_ = at;
      size_ = static_cast<uint64_t>(got);
    }
    return window_[at - start_];
  }

  bool Varint(uint64_t& at, uint64_t end, uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 64 && at < end; shift += 7) {
      const int byte = Byte(at++);
      if (byte < 0) return false;
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }

 private:
  int fd_;
  uint64_t start_ = 0;
  uint64_t size_ = 0;
  std::array<uint8_t, kWindow> window_;
};

struct Field {
  uint64_t number;
  uint64_t wire_type;
  uint64_t value;  // of a varint
  uint64_t begin;  // of a length-delimited field
  uint64_t end;
};

template <typename Visit>
bool Walk(Reader& reader, uint64_t at, uint64_t end, Visit visit) {
  while (at < end) {
    uint64_t key = 0;
    uint64_t length = 0;
    if (!reader.Varint(at, end, key)) return false;
    Field field{key >> 3, key & 7, 0, at, at};
    switch (field.wire_type) {
      case 0:
        if (!reader.Varint(at, end, field.value)) return false;
        break;
      case 1:
        length = 8;
        break;
      case 2:
        if (!reader.Varint(at, end, length)) return false;
        break;
      case 5:
        length = 4;
        break;
      default:
        return false;
    }
    if (length > end - at) return false;
    field.begin = at;
    field.end = at += length;
    if (!visit(field)) return false;
  }
  return true;
}

struct Counts {
  uint64_t tensors = 0;
  uint64_t elements = 0;
  uint64_t nodes = 0;
};

bool Tensor(Reader& reader, const Field& tensor, Counts& counts) {
  uint64_t elements = 1;
  const bool ok = Walk(reader, tensor.begin, tensor.end, [&](const Field& field) {
    if (field.number != 1) return true;  // TensorProto.dims
    if (field.wire_type == 0) {
      elements *= field.value;
      return true;
    }
    for (uint64_t at = field.begin; at < field.end;) {
      uint64_t dim = 0;
      if (!reader.Varint(at, field.end, dim)) return false;
      elements *= dim;
    }
    return true;
  });
  ++counts.tensors;
  counts.elements += elements;
  return ok;
}

bool Graph(Reader& reader, const Field& graph, Counts& counts) {
  return Walk(reader, graph.begin, graph.end, [&](const Field& field) {
    if (field.number == 5) return Tensor(reader, field, counts);  // GraphProto.initializer
    if (field.number != 1) return true;                           // GraphProto.node
    ++counts.nodes;
    return Walk(reader, field.begin, field.end, [](const Field&) { return true; });
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const int fd = open(argv[1], O_RDONLY | O_CLOEXEC);
  struct stat status;
  if (fd < 0 || fstat(fd, &status) != 0) return 2;
  posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
  Reader reader(fd);
  Counts counts;
  const bool ok = Walk(reader, 0, static_cast<uint64_t>(status.st_size), [&](const Field& field) {
    return field.number != 7 || Graph(reader, field, counts);  // ModelProto.graph
  });
  std::printf("%ju tensors, %ju elements, %ju nodes\n", static_cast<uintmax_t>(counts.tensors),
              static_cast<uintmax_t>(counts.elements), static_cast<uintmax_t>(counts.nodes));
  return ok ? 0 : 2;
}
