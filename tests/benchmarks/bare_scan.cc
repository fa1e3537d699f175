// bare_scan [-jN] FILE|FOLDER...: the least that can be read of a model to know its tensors: every
// field of the model, its graph, tensors and nodes is stepped over by its length, nothing is kept.
// Prints the number of tensors, their elements and the nodes, of all files together. The floor that
// `hoarfrost inspect` and, over folders and with N threads, `hoarfrost batch` are measured against.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

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

void Add(const Counts& counts, Counts& sum) {
  sum.tensors += counts.tensors;
  sum.elements += counts.elements;
  sum.nodes += counts.nodes;
}

bool Scan(const std::string& path, Counts& counts) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status;
  if (fd < 0) return false;
  bool ok = fstat(fd, &status) == 0;
  if (ok) {
    posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
    Reader reader(fd);
    ok = Walk(reader, 0, static_cast<uint64_t>(status.st_size), [&](const Field& field) {
      return field.number != 7 || Graph(reader, field, counts);  // ModelProto.graph
    });
  }
  close(fd);
  return ok;
}

std::vector<std::string> FilesOf(int argc, char** argv, int first) {
  std::vector<std::string> files;
  for (int i = first; i < argc; ++i) {
    if (!std::filesystem::is_directory(argv[i])) {
      files.emplace_back(argv[i]);
      continue;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
      if (entry.path().extension() == ".onnx") files.push_back(entry.path().string());
    }
  }
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  int first = 1;
  size_t workers = 1;
  if (argc > 1 && std::strncmp(argv[1], "-j", 2) == 0) {
    workers = std::strtoul(argv[1] + 2, nullptr, 10);
    first = 2;
  }
  const std::vector<std::string> files = FilesOf(argc, argv, first);
  if (files.empty() || workers == 0) return 2;
  std::atomic<size_t> next = 0;
  std::atomic<bool> ok = true;
  std::vector<Counts> counts(workers);
  const auto work = [&](size_t worker) {
    Counts mine;
    for (size_t i = next++; i < files.size(); i = next++) {
      if (!Scan(files[i], mine)) ok = false;
    }
    counts[worker] = mine;
  };
  std::vector<std::thread> threads;
  for (size_t worker = 1; worker < workers; ++worker) threads.emplace_back(work, worker);
  work(0);
  for (std::thread& thread : threads) thread.join();
  Counts sum;
  for (const Counts& mine : counts) Add(mine, sum);
  std::printf("%ju tensors, %ju elements, %ju nodes\n", static_cast<uintmax_t>(sum.tensors),
              static_cast<uintmax_t>(sum.elements), static_cast<uintmax_t>(sum.nodes));
  return ok ? 0 : 2;
}
