#include "values/read_values.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <deque>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/checked.h"
#include "onnx/onnx_pb.h"
#include "payload/data_files.h"
#include "payload/dtype.h"
#include "payload/stream.h"
#include "values/notes.h"

namespace hoarfrost::values {
namespace {

using model::TensorId;
using payload::ElementStream;

// What is read at once: whole elements of every type, and within a core's own cache.
constexpr size_t kBlock = size_t{192} << 10;
// What is hashed right after it was measured, while it is in the nearest cache.
constexpr size_t kPiece = size_t{24} << 10;
static_assert(kBlock % kPiece == 0 && kPiece % 48 == 0 && kDigestPart % kBlock == 0);

using Hash = std::array<unsigned char, sizeof(XXH128_canonical_t)>;

Hash Canonical(XXH128_hash_t value) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, value);
  Hash hash;
  std::memcpy(hash.data(), canonical.digest, hash.size());
  return hash;
}

class Hasher {
 public:
  Hasher() : state_(XXH3_createState(), &XXH3_freeState) { Reset(); }
  void Reset() {
    if (state_ != nullptr) XXH3_128bits_reset(state_.get());
  }
  bool ok() const { return state_ != nullptr; }
  void Add(const void* bytes, size_t n) { XXH3_128bits_update(state_.get(), bytes, n); }
  Hash Digest() const { return Canonical(XXH3_128bits_digest(state_.get())); }

 private:
  const std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state_;
};

std::string Hex(const Hash& hash) {
  std::string text;
  for (const unsigned char byte : hash) text += fmt::format("{:02x}", byte);
  return text;
}

std::string Clause(const absl::Status& status) {
  return std::string(status.message().data(), status.message().size());
}

// What one thread needs to read: a block, a hash.
struct Desk {
  std::unique_ptr<char[]> block = std::make_unique<char[]>(kBlock);
  Hasher hasher;
};

// A tensor, or a part of a large one.
struct Part {
  TensorId tensor = model::kNone;
  uint64_t before = 0;  // bytes of the tensor that come first
  uint64_t bytes = 0;
  uint64_t elements = 0;
  bool last = true;
};

struct PartResult {
  std::optional<Gauge> gauge;
  std::string error;
  std::vector<Hash> hashes;  // of each kDigestPart bytes
};

class Reader {
 public:
  Reader(const wire::ByteSource& source, const summary::Summary& model,
         const std::string& directory)
      : model_(model),
        data_files_(directory, source.descriptor() >= 0 ? source.name() : std::string()),
        from_{source, *model.skeleton, data_files_} {}

  // The parts of a tensor, or why it has none.
  absl::StatusOr<std::vector<Part>> Plan(TensorId t) {
    const model::Tensor& tensor = model_.tensor(t);
    const uint64_t elements = tensor.stored_elements.value_or(tensor.elements);
    Part whole = {t, 0, payload::PackedBytes(tensor.dtype, elements).value_or(0), elements, true};
    if (whole.bytes <= kDigestPart) return std::vector<Part>{whole};
    // Opening is what tells that so many bytes are there: shapes are a stranger's word.
    if (auto stream = Open(tensor); !stream.ok()) return stream.status();
    if (tensor.storage.kind == payload::StorageKind::kFields || tensor.sparse != nullptr) {
      return std::vector<Part>{whole};
    }
    std::vector<Part> parts;
    const uint64_t each =
        kDigestPart * 8 / static_cast<uint64_t>(*payload::DtypeBits(tensor.dtype));
    for (uint64_t done = 0; done < elements; done += each) {
      Part part = {t, parts.size() * kDigestPart, kDigestPart, each, false};
      if (elements - done <= each) {
        part.elements = elements - done;
        part.bytes = whole.bytes - part.before;
        part.last = true;
      }
      parts.push_back(part);
    }
    return parts;
  }

  PartResult Read(const Part& part, Desk& desk) {
    PartResult result;
    if (absl::Status read = TryRead(part, desk, result); !read.ok()) {
      result.error = Clause(read);
      result.gauge.reset();
    }
    return result;
  }

 private:
  absl::StatusOr<std::unique_ptr<ElementStream>> Open(const model::Tensor& tensor) {
    if (tensor.proto != nullptr) return payload::OpenElements(from_, *tensor.proto);
    if (tensor.attribute != nullptr) return payload::OpenElements(from_, *tensor.attribute);
    return absl::DataLossError("nothing is stored");
  }

  absl::Status TryRead(const Part& part, Desk& desk, PartResult& result) {
    if (!desk.hasher.ok()) return absl::ResourceExhaustedError("no memory for a hash");
    const model::Tensor& tensor = model_.tensor(part.tensor);
    auto stream = Open(tensor);
    if (!stream.ok()) return stream.status();
    if (tensor.dtype == onnx::TensorProto::STRING) {
      return HashAll(**stream, desk, result);
    }
    if (part.before > 0 && !(*stream)->Skip(part.before)) {
      return absl::InternalError("its parts cannot be read one by one");
    }
    result.gauge.emplace(tensor.dtype);
    const auto bits = static_cast<uint64_t>(*payload::DtypeBits(tensor.dtype));
    if (absl::Status read = ReadNumbers(part, bits, **stream, desk, result); !read.ok()) {
      return read;
    }
    if (tensor.sparse == nullptr) return absl::OkStatus();
    if (part.elements > tensor.elements) {
      return absl::DataLossError("it stores more values than its shape has elements");
    }
    result.gauge->AddZeros(tensor.elements - part.elements);
    auto indices = payload::OpenElements(from_, tensor.sparse->indices());
    if (!indices.ok()) return indices.status();
    return HashAll(**indices, desk, result);
  }

  static absl::Status ReadNumbers(const Part& part, uint64_t bits, ElementStream& stream,
                                  Desk& desk, PartResult& result) {
    char* const block = desk.block.get();
    uint64_t left = part.bytes;
    uint64_t elements = part.elements;
    desk.hasher.Reset();
    while (left > 0) {
      const auto n = static_cast<size_t>(std::min<uint64_t>(left, kBlock));
      const absl::StatusOr<size_t> got = stream.Read(block, n);
      if (!got.ok()) return got.status();
      if (*got != n)
        return absl::DataLossError("fewer elements are stored than its shape asks for");
      for (size_t at = 0; at < n; at += kPiece) {
        const size_t piece = std::min(kPiece, n - at);
        const uint64_t in_piece = std::min<uint64_t>(elements, piece * 8 / bits);
        result.gauge->Add(block + at, piece, in_piece);
        desk.hasher.Add(block + at, piece);
        elements -= in_piece;
      }
      left -= n;
      if (left == 0 || (part.bytes - left) % kDigestPart != 0) continue;
      result.hashes.push_back(desk.hasher.Digest());
      desk.hasher.Reset();
    }
    result.hashes.push_back(desk.hasher.Digest());
    if (!part.last) return absl::OkStatus();
    // Nothing may follow; asking is what shows that a typed field holds too much.
    char more = 0;
    const absl::StatusOr<size_t> got = stream.Read(&more, 1);
    if (got.ok() && *got > 0) {
      return absl::DataLossError("more elements are stored than its shape asks for");
    }
    return got.status();
  }

  static absl::Status HashAll(ElementStream& stream, Desk& desk, PartResult& result) {
    desk.hasher.Reset();
    while (true) {
      const absl::StatusOr<size_t> got = stream.Read(desk.block.get(), kBlock);
      if (!got.ok()) return got.status();
      desk.hasher.Add(desk.block.get(), *got);
      if (*got < kBlock) break;
    }
    result.hashes.push_back(desk.hasher.Digest());
    return absl::OkStatus();
  }

  const summary::Summary& model_;
  payload::DataFiles data_files_;  // thread-safe
  const payload::StreamSource from_;
};

// The parts of one tensor as one.
TensorValues Join(const summary::Summary& model, TensorId t, absl::Span<PartResult> parts) {
  TensorValues values;
  std::vector<Hash> hashes;
  for (PartResult& part : parts) {
    if (!part.error.empty()) {
      values.error = std::move(part.error);
      return values;
    }
    hashes.insert(hashes.end(), part.hashes.begin(), part.hashes.end());
    if (&part != &parts.front()) parts.front().gauge->Merge(*part.gauge);
  }
  if (hashes.size() > 1) {
    const XXH128_hash_t all = XXH3_128bits(hashes.data(), hashes.size() * sizeof(Hash));
    hashes = {Canonical(all)};
  }
  values.digest = Hex(hashes.front());
  if (model.tensor(t).dtype != onnx::TensorProto::STRING) {
    values.statistics = parts.front().gauge->result();
  }
  return values;
}

void FindSame(const summary::Summary& model, ModelValues& values) {
  absl::flat_hash_map<std::string, TensorId> first;
  for (size_t i = 0; i < values.tensors.size(); ++i) {
    TensorValues& of = values.tensors[i];
    const model::Tensor& tensor = model.facts.tensors[i];
    if (of.digest.empty() || tensor.bytes < kTrivialBytes) continue;
    if (of.statistics && of.statistics->constant()) continue;
    std::string key = of.digest;
    key += fmt::format(" {} {} {}", tensor.dtype, tensor.stored_elements.has_value(),
                       fmt::join(tensor.dims, ","));
    const auto [known, added] = first.emplace(std::move(key), static_cast<TensorId>(i));
    if (!added) of.same_as = known->second;
  }
}

}  // namespace

TensorValues ReadTensorValues(const wire::ByteSource& source, const summary::Summary& model,
                              const std::string& directory, TensorId t) {
  Reader reader(source, model, directory);
  const absl::StatusOr<std::vector<Part>> parts = reader.Plan(t);
  if (!parts.ok()) return {std::nullopt, Clause(parts.status()), "", model::kNone};
  Desk desk;
  std::vector<PartResult> results;
  for (const Part& part : *parts) results.push_back(reader.Read(part, desk));
  return Join(model, t, absl::MakeSpan(results));
}

ModelValues ReadValues(const wire::ByteSource& source, const summary::Summary& model,
                       const std::string& directory, size_t threads) {
  const size_t count = model.facts.tensors.size();
  ModelValues values;
  values.tensors.resize(count);
  Reader reader(source, model, directory);
  // Most tensors are one part, whose result is final at once; others are joined at the end.
  struct Task {
    Part part;
    PartResult* keep = nullptr;
  };
  struct Parted {
    TensorId tensor;
    std::vector<PartResult> results;
  };
  std::vector<Task> tasks;
  std::deque<Parted> parted;
  uint64_t bytes = 0;
  for (size_t i = 0; i < count; ++i) {
    const auto t = static_cast<TensorId>(i);
    const absl::StatusOr<std::vector<Part>> parts = reader.Plan(t);
    if (!parts.ok()) {
      values.tensors[i].error = Clause(parts.status());
      continue;
    }
    const bool one = parts->size() == 1;
    if (!one) parted.push_back({t, std::vector<PartResult>(parts->size())});
    for (size_t p = 0; p < parts->size(); ++p) {
      bytes = base::SaturatingAdd(bytes, (*parts)[p].bytes);
      tasks.push_back({(*parts)[p], one ? nullptr : &parted.back().results[p]});
    }
  }

  std::atomic<size_t> next = 0;
  const auto work = [&] {
    Desk desk;
    for (size_t i = next++; i < tasks.size(); i = next++) {
      PartResult result = reader.Read(tasks[i].part, desk);
      if (tasks[i].keep != nullptr) {
        *tasks[i].keep = std::move(result);
      } else {
        const TensorId t = tasks[i].part.tensor;
        values.tensors[static_cast<size_t>(t)] = Join(model, t, absl::MakeSpan(&result, 1));
      }
    }
  };
  // A thread is not worth its start for less than this.
  constexpr uint64_t kBytesPerThread = uint64_t{1} << 20;
  constexpr uint64_t kMostThreads = 16;
  if (threads == 0) threads = std::max(std::thread::hardware_concurrency(), 1U);
  threads = std::min<uint64_t>({threads, kMostThreads, tasks.size(), bytes / kBytesPerThread + 1});
  std::vector<std::thread> others;
  for (size_t i = 1; i < threads; ++i) others.emplace_back(work);
  work();
  for (std::thread& other : others) other.join();

  for (Parted& of : parted) {
    values.tensors[static_cast<size_t>(of.tensor)] =
        Join(model, of.tensor, absl::MakeSpan(of.results));
  }
  FindSame(model, values);
  values.notes = NotesOn(model, values);
  return values;
}

}  // namespace hoarfrost::values
