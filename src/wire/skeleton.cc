#include "wire/skeleton.h"

#include <fmt/format.h>
#include <google/protobuf/arena.h>

#include <optional>
#include <string>
#include <utility>

#include "base/text.h"
#include "wire/payload_index.h"
#include "wire/scan.h"

namespace hoarfrost::wire {

struct Skeleton::Rep {
  google::protobuf::Arena arena;
  onnx::ModelProto* model = nullptr;
  uint64_t source_bytes = 0;
  ScanResult scan;

  absl::Span<const PayloadPart> PayloadOf(const google::protobuf::UnknownFieldSet& unknown) const {
    const std::optional<uint64_t> number = RunNumber(unknown);
    // A message that is no part of this skeleton may carry anything.
    if (!number.has_value() || *number >= scan.runs.size()) return {};
    const PayloadRun& run = scan.runs[*number];
    return absl::MakeConstSpan(scan.parts).subspan(run.first, run.count);
  }
};

Skeleton::Skeleton(std::unique_ptr<Rep> rep) : rep_(std::move(rep)) {}
Skeleton::Skeleton(Skeleton&&) noexcept = default;
Skeleton& Skeleton::operator=(Skeleton&&) noexcept = default;
Skeleton::~Skeleton() = default;

const onnx::ModelProto& Skeleton::model() const { return *rep_->model; }

uint64_t Skeleton::source_bytes() const { return rep_->source_bytes; }

absl::Span<const PayloadPart> Skeleton::PayloadOf(const onnx::TensorProto& tensor) const {
  return rep_->PayloadOf(tensor.unknown_fields());
}

absl::Span<const PayloadPart> Skeleton::PayloadOf(const onnx::AttributeProto& attribute) const {
  return rep_->PayloadOf(attribute.unknown_fields());
}

class SkeletonReader {
 public:
  static absl::StatusOr<Skeleton> Read(const ByteSource& source) {
    absl::StatusOr<ScanResult> scan = Scan(source);
    if (!scan.ok()) return scan.status();
    if (absl::Status same = source.CheckUnchanged(); !same.ok()) return same;
    auto rep = std::make_unique<Skeleton::Rep>();
    rep->source_bytes = source.size();
    rep->scan = *std::move(scan);
    rep->model = google::protobuf::Arena::CreateMessage<onnx::ModelProto>(&rep->arena);
    std::string& bytes = rep->scan.bytes;
    if (!rep->model->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return absl::InvalidArgumentError(fmt::format("{}: protobuf cannot parse it as an ONNX model",
                                                    base::Escape(source.name())));
    }
    std::string().swap(bytes);
    if (rep->scan.merged) JoinRuns(*rep->model, rep->scan);
    return Skeleton(std::move(rep));
  }
};

absl::StatusOr<Skeleton> ReadSkeleton(const ByteSource& source) {
  return SkeletonReader::Read(source);
}

}  // namespace hoarfrost::wire
