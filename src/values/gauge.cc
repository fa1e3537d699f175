#include "values/gauge.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string_view>

#include "base/checked.h"
#include "onnx/onnx_pb.h"
#include "payload/dtype.h"
#include "payload/numbers.h"
#include "values/kernels.h"

namespace hoarfrost::values {
namespace {

using onnx::TensorProto;

// What is measured at once: it stays in the nearest cache for whoever looks at it next.
constexpr size_t kRunBytes = size_t{24} << 10;
static_assert(kRunBytes % 48 == 0);

struct Kernel {
  Lane lane = Lane::kFloat32;
  bool is_float = true;
};

std::optional<Kernel> KernelOf(int32_t dtype) {
  switch (dtype) {
    case TensorProto::FLOAT16:
      return Kernel{Lane::kFloat16};
    case TensorProto::BFLOAT16:
      return Kernel{Lane::kBfloat16};
    case TensorProto::FLOAT:
    case TensorProto::COMPLEX64:
      return Kernel{Lane::kFloat32};
    case TensorProto::DOUBLE:
    case TensorProto::COMPLEX128:
      return Kernel{Lane::kFloat64};
    case TensorProto::INT16:
      return Kernel{Lane::kInt16, false};
    case TensorProto::UINT16:
      return Kernel{Lane::kUint16, false};
    case TensorProto::INT32:
      return Kernel{Lane::kInt32, false};
    case TensorProto::UINT32:
      return Kernel{Lane::kUint32, false};
    case TensorProto::INT64:
      return Kernel{Lane::kInt64, false};
    case TensorProto::UINT64:
      return Kernel{Lane::kUint64, false};
    default:
      return std::nullopt;
  }
}

// What rounding took from the sum of a and b.
double Lost(double a, double b, double sum) {
  const double of_b = sum - a;
  return (a - (sum - of_b)) + (b - of_b);
}

bool Less(const Number& a, const Number& b) { return a < b; }  // of one type each

std::optional<double> IfFinite(double x) {
  return std::isfinite(x) ? std::optional(x) : std::nullopt;
}

// A pattern of a small type as a number: floats as doubles, others as int64.
Number ValueOf(int32_t dtype, uint64_t pattern) {
  if (const payload::FloatForm* form = payload::FormOf(dtype)) return form->Value(pattern);
  const auto value = static_cast<int64_t>(pattern);
  switch (dtype) {
    case TensorProto::BOOL:
      return int64_t{pattern != 0};
    case TensorProto::INT8:
    case TensorProto::INT4:
    case TensorProto::INT2: {
      const int bits = *payload::DtypeBits(dtype);
      return (pattern >> (bits - 1)) != 0 ? value - (int64_t{1} << bits) : value;
    }
    default:
      return value;
  }
}

// Whole statistics from how often each pattern is there.
Statistics FromPatterns(int32_t dtype, const std::array<uint64_t, 256>& counts) {
  const payload::FloatForm* form = payload::FormOf(dtype);
  Statistics result;
  double mean = 0;
  const auto each = [&](const auto& take) {
    for (size_t pattern = 0; pattern < counts.size(); ++pattern) {
      if (counts[pattern] > 0) take(pattern, counts[pattern]);
    }
  };
  each([&](uint64_t pattern, uint64_t n) {
    result.count += n;
    if (form != nullptr && form->IsNan(pattern)) {
      result.nans += n;
      return;
    }
    if (form != nullptr && !form->IsFinite(pattern)) {
      result.infinities += n;
      return;
    }
    const Number value = ValueOf(dtype, pattern);
    result.finite += n;
    if (ToDouble(value) == 0) result.zeros += n;
    if (form != nullptr && form->IsSubnormal(pattern)) result.subnormals += n;
    if (!result.min || Less(value, *result.min)) result.min = value;
    if (!result.max || Less(*result.max, value)) result.max = value;
    mean += static_cast<double>(n) * ToDouble(value);
  });
  if (result.finite == 0) return result;
  const auto finite = static_cast<double>(result.finite);
  mean /= finite;
  double squares = 0;
  each([&](uint64_t pattern, uint64_t n) {
    if (form != nullptr && !form->IsFinite(pattern)) return;
    const double distance = ToDouble(ValueOf(dtype, pattern)) - mean;
    squares += static_cast<double>(n) * distance * distance;
  });
  result.mean = mean;
  result.deviation = std::sqrt(squares / finite);
  return result;
}

}  // namespace

double ToDouble(const Number& number) {
  return std::visit([](auto value) { return static_cast<double>(value); }, number);
}

void Moments::Merge(const Moments& more) {
  if (more.count == 0) return;
  if (count == 0) {
    *this = more;
    return;
  }
  const auto mine = static_cast<double>(count);
  const auto theirs = static_cast<double>(more.count);
  const double all = mine + theirs;
  const double gap = more.mean - mean;
  squares += more.squares + gap * (mine / all) * theirs * gap;
  count += more.count;
  const double both = sum + more.sum;
  if (!std::isfinite(both)) {
    sum = HUGE_VAL;
    mean = mean * (mine / all) + more.mean * (theirs / all);
    return;
  }
  rest += more.rest + Lost(sum, more.sum, both);
  sum = both;
  mean = sum / all + rest / all;
}

Gauge::Gauge(int32_t dtype)
    : dtype_(dtype),
      bits_(static_cast<uint64_t>(payload::DtypeBits(dtype).value_or(8))),
      small_(KernelOf(dtype) ? nullptr : std::make_unique<Counts>()) {}

void Gauge::Extend(const Number& min, const Number& max) {
  if (!counts_.min || Less(min, *counts_.min)) counts_.min = min;
  if (!counts_.max || Less(*counts_.max, max)) counts_.max = max;
}

void Gauge::AddNumbers(const char* numbers, size_t n) {
  const Kernel kernel = *KernelOf(dtype_);
  double shift = moments_.mean;
  Sums sums = Measure(kernel.lane, numbers, n, shift, masked_);
  masked_ = sums.finite < n;
  if (moments_.count == 0 && sums.finite > 0 && sums.sum != 0) {
    shift = sums.sum / static_cast<double>(sums.finite);
    if (std::isfinite(shift)) sums = Measure(kernel.lane, numbers, n, shift, masked_);
  }
  counts_.count += n;
  counts_.finite += sums.finite;
  counts_.zeros += sums.zeros;
  counts_.subnormals += sums.subnormals;
  counts_.nans += sums.nans;
  counts_.infinities += sums.infinities;
  if (sums.finite == 0) return;
  if (kernel.is_float) {
    Extend(sums.min, sums.max);
  } else if (kernel.lane == Lane::kUint64) {
    Extend(static_cast<uint64_t>(sums.least), static_cast<uint64_t>(sums.most));
  } else {
    Extend(sums.least, sums.most);
  }
  const auto finite = static_cast<double>(sums.finite);
  const double distance = sums.sum / finite;
  Moments run = {sums.finite, shift + distance, HUGE_VAL};
  const double shifts = finite * shift;
  run.sum = shifts + sums.sum;
  if (std::isfinite(run.sum)) {
    run.rest = std::fma(finite, shift, -shifts) + Lost(shifts, sums.sum, run.sum);
  }
  if (std::isfinite(sums.squares)) {
    run.squares = std::max(0.0, sums.squares - sums.sum * distance);
  } else if (!std::isfinite(run.mean)) {
    // Numbers near the largest double add up to more than it: the mean is a sum of parts then.
    run.mean = 0;
    for (size_t i = 0; i < n; ++i) {
      const Sums one = MeasureOneByOne(kernel.lane, numbers + i * LaneBytes(kernel.lane), 1, 0);
      run.mean += one.sum / finite;
    }
  }
  moments_.Merge(run);
}

void Gauge::Add(const char* block, size_t bytes, uint64_t elements) {
  if (const auto kernel = KernelOf(dtype_)) {
    const size_t width = LaneBytes(kernel->lane);
    for (size_t at = 0; at < bytes; at += kRunBytes) {
      AddNumbers(block + at, std::min(kRunBytes, bytes - at) / width);
    }
    return;
  }
  const uint64_t per_byte = 8 % bits_ == 0 ? 8 / bits_ : 0;
  uint64_t done = 0;
  if (per_byte != 0) {
    const uint64_t whole = elements / per_byte;
    CountBytes(block, static_cast<size_t>(whole), small_->bytes.data());
    done = whole * per_byte;
  }
  for (; done < elements; ++done) {
    ++small_->patterns[payload::PatternAt({block, bytes}, done, static_cast<int>(bits_))];
  }
}

void Gauge::AddZeros(uint64_t zeros) { unstored_ = base::SaturatingAdd(unstored_, zeros); }

void Gauge::Merge(const Gauge& next) {
  counts_.count += next.counts_.count;
  counts_.finite += next.counts_.finite;
  counts_.zeros += next.counts_.zeros;
  counts_.subnormals += next.counts_.subnormals;
  counts_.nans += next.counts_.nans;
  counts_.infinities += next.counts_.infinities;
  if (next.counts_.min) Extend(*next.counts_.min, *next.counts_.max);
  moments_.Merge(next.moments_);
  for (size_t i = 0; small_ != nullptr && i < 256; ++i) {
    small_->bytes[i] += next.small_->bytes[i];
    small_->patterns[i] += next.small_->patterns[i];
  }
  AddZeros(next.unstored_);
}

Statistics Gauge::result() const {
  if (const auto kernel = KernelOf(dtype_)) {
    // Elements that are not stored are so many values of zero.
    const uint64_t zeros = base::SaturatingMul(unstored_, payload::IsComplex(dtype_) ? 2 : 1);
    Statistics result = counts_;
    Moments moments = moments_;
    if (zeros > 0) {
      moments.Merge({zeros, 0, 0});
      Number zero = int64_t{0};
      if (kernel->is_float) zero = 0.0;
      if (kernel->lane == Lane::kUint64) zero = uint64_t{0};
      if (!result.min || Less(zero, *result.min)) result.min = zero;
      if (!result.max || Less(*result.max, zero)) result.max = zero;
      result.count = base::SaturatingAdd(result.count, zeros);
      result.finite = base::SaturatingAdd(result.finite, zeros);
      result.zeros = base::SaturatingAdd(result.zeros, zeros);
    }
    if (moments.count > 0) {
      result.mean = IfFinite(moments.mean);
      result.deviation = IfFinite(std::sqrt(moments.squares / static_cast<double>(moments.count)));
    }
    return result;
  }
  std::array<uint64_t, 256> patterns = small_->patterns;
  const uint64_t mask = (uint64_t{1} << bits_) - 1;
  for (uint64_t byte = 0; byte < 256; ++byte) {
    const uint64_t times = small_->bytes[byte];
    for (uint64_t at = 0; times > 0 && at < 8; at += bits_) patterns[(byte >> at) & mask] += times;
  }
  // Pattern 0 is zero in every small type but float8e8m0, which has none.
  patterns[0] = base::SaturatingAdd(patterns[0], unstored_);
  return FromPatterns(dtype_, patterns);
}

}  // namespace hoarfrost::values
