#include "values/tied.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

#include "base/checked.h"
#include "base/text.h"
#include "payload/data_files.h"
#include "payload/dtype.h"
#include "payload/stream.h"

namespace hoarfrost::values {
namespace {

using model::kNone;
using model::TensorId;

constexpr uint64_t kPrime = (uint64_t{1} << 61) - 1;

__extension__ using Wide = unsigned __int128;

uint64_t Modulo(Wide x) { return static_cast<uint64_t>(x % kPrime); }

// A number below kPrime for each index, as good as drawn by chance (SplitMix64 of Steele, Lea and
// Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
uint64_t Drawn(uint64_t seed, uint64_t i) {
  uint64_t z = seed + (i + 1) * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return (z ^ (z >> 31)) % kPrime;
}

struct Matrix {
  uint64_t rows = 0;
  uint64_t columns = 0;
};

std::optional<Matrix> MatrixOf(const model::Tensor& tensor) {
  if (tensor.dims.size() < 2 || tensor.sparse != nullptr || tensor.proto == nullptr) {
    return std::nullopt;
  }
  for (size_t i = 0; i + 2 < tensor.dims.size(); ++i) {
    if (tensor.dims[i] != 1) return std::nullopt;
  }
  const auto last = tensor.dims.end();
  if (last[-1] <= 0 || last[-2] <= 0) return std::nullopt;
  return Matrix{static_cast<uint64_t>(last[-2]), static_cast<uint64_t>(last[-1])};
}

// The sum over all elements of their pattern, times a number of their row and one of their column,
// modulo kPrime. As a polynomial in those numbers it is of the second degree.
absl::StatusOr<uint64_t> Form(payload::ElementStream& stream, size_t width, Matrix shape,
                              uint64_t row_seed, uint64_t column_seed) {
  constexpr size_t kBlock = size_t{192} << 10;
  const auto block = std::make_unique<char[]>(kBlock);
  uint64_t sum = 0;
  uint64_t row_sum = 0;
  uint64_t row = 0;
  uint64_t column = 0;
  while (true) {
    const absl::StatusOr<size_t> got = stream.Read(block.get(), kBlock);
    if (!got.ok()) return got.status();
    for (size_t at = 0; at + width <= *got; at += width) {
      uint64_t pattern = 0;
      std::memcpy(&pattern, block.get() + at, width);
      row_sum = Modulo(Wide{pattern} * Drawn(column_seed, column) + row_sum);
      if (++column < shape.columns) continue;
      sum = Modulo(Wide{row_sum} * Drawn(row_seed, row) + sum);
      row_sum = column = 0;
      ++row;
    }
    if (*got < kBlock) return sum;
  }
}

std::string Name(const summary::Summary& model, TensorId t) {
  return base::Quote(model.tensor(t).name);
}

// Elements that roles count as trainable: what a count without adjustments has.
uint64_t TrainableInFile(const summary::Summary& model) {
  uint64_t sum = 0;
  for (size_t i = 0; i < model.facts.tensors.size(); ++i) {
    const auto t = static_cast<TensorId>(i);
    if (model.is_counted(t) && (model.is_trainable(t) || model.is_frozen(t))) {
      sum = base::SaturatingAdd(sum, model.elements(t));
    }
  }
  return sum;
}

}  // namespace

absl::StatusOr<bool> IsTransposed(const wire::ByteSource& source, const summary::Summary& model,
                                  const std::string& directory, TensorId a, TensorId b) {
  const model::Tensor& x = model.tensor(a);
  const model::Tensor& y = model.tensor(b);
  const std::optional<Matrix> of_x = MatrixOf(x);
  const std::optional<Matrix> of_y = MatrixOf(y);
  const int bits = payload::DtypeBits(x.dtype).value_or(0);
  if (!of_x || !of_y || of_x->rows != of_y->columns || of_x->columns != of_y->rows ||
      x.dtype != y.dtype || bits < 8 || bits > 64 || bits % 8 != 0) {
    return absl::InvalidArgumentError("one is no transpose of the other by their shapes and types");
  }
  payload::DataFiles files(directory, source.descriptor() >= 0 ? source.name() : std::string());
  const payload::StreamSource from = {source, *model.skeleton, files};
  std::random_device device;
  const auto seed = [&] { return uint64_t{device()} << 32 | device(); };
  const uint64_t rows = seed();
  const uint64_t columns = seed();
  auto stream = payload::OpenElements(from, *x.proto);
  if (!stream.ok()) return stream.status();
  const auto width = static_cast<size_t>(bits) / 8;
  const absl::StatusOr<uint64_t> of_a = Form(**stream, width, *of_x, rows, columns);
  if (!of_a.ok()) return of_a.status();
  stream = payload::OpenElements(from, *y.proto);
  if (!stream.ok()) return stream.status();
  const absl::StatusOr<uint64_t> of_b = Form(**stream, width, *of_y, columns, rows);
  if (!of_b.ok()) return of_b.status();
  return *of_a == *of_b;
}

void SettleTied(const wire::ByteSource& source, const std::string& directory,
                const ModelValues& values, summary::Summary& model) {
  std::optional<roles::FrameworkCount>& framework = model.roles.framework;
  const auto ask = [&](const roles::Adjustment& adjustment) -> std::optional<bool> {
    if (adjustment.copy == kNone) return std::nullopt;
    const auto& statistics = values.of(adjustment.copy).statistics;
    if (!statistics || statistics->constant()) return std::nullopt;
    const absl::StatusOr<bool> same =
        IsTransposed(source, model, directory, adjustment.copy, adjustment.original);
    return same.ok() ? std::optional(*same) : std::nullopt;
  };
  std::vector<roles::Adjustment> kept;
  uint64_t trainable = framework ? framework->trainable : TrainableInFile(model);
  if (framework) {
    for (roles::Adjustment& adjustment : framework->adjustments) {
      const std::optional<bool> same = ask(adjustment);
      if (same == false) {
        trainable = base::SaturatingAdd(trainable, static_cast<uint64_t>(-adjustment.trainable));
        model.notes.push_back(
            {model::Severity::kInfo,
             fmt::format("values: {} is not {} transposed, so it is not counted as tied to it",
                         Name(model, adjustment.copy), Name(model, adjustment.original))});
        continue;
      }
      if (same == true) {
        adjustment.proved = true;
        adjustment.text += ", and has its values";
      }
      kept.push_back(std::move(adjustment));
    }
  }
  for (const roles::Adjustment& candidate : model.roles.candidates) {
    const auto elements = static_cast<uint64_t>(-candidate.trainable);
    if (elements > trainable || ask(candidate) != true) continue;
    trainable -= elements;
    kept.push_back(candidate);
    kept.back().proved = true;
    kept.back().text += ", and has its values";
  }
  if (kept.empty()) {
    framework.reset();
    return;
  }
  if (!framework) {
    framework.emplace();
    framework->statistics = model.totals.statistics;
  }
  framework->trainable = trainable;
  framework->adjustments = std::move(kept);
}

}  // namespace hoarfrost::values
