// This file compiles itself once for each instruction set that foreach_target.h names; which of
// them runs is decided at the end. Only Highway's headers are used: Debian has its dispatcher as a
// shared object alone, and the command needs none.
//
// Floats are first taken to be all finite, which costs least; where they are not, or were not just
// before, what is not finite is masked. Zeros and subnormals are looked for only in runs that have
// any.
#include "values/kernels.h"

#include <algorithm>
#include <limits>

#define HWY_IS_DEBUG_BUILD 0
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3 | HWY_AVX3_DL)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "values/kernels.cc"
#include "hwy/foreach_target.h"
// After foreach_target.h.
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace hoarfrost::values {
namespace HWY_NAMESPACE {

#if HWY_TARGET == HWY_SCALAR

// No vectors: all numbers are taken one by one.
size_t Whole(Lane /*lane*/, size_t /*n*/) { return 0; }
bool RunOf(Lane /*lane*/, const char* /*p*/, size_t /*n*/, double /*shift*/, bool /*masked*/,
           Sums& /*sums*/) {
  return false;
}

#else

namespace hn = hwy::HWY_NAMESPACE;

constexpr hn::ScalableTag<int32_t> kI32;
constexpr hn::ScalableTag<float> kF32;
constexpr hn::ScalableTag<int64_t> kI64;
constexpr hn::ScalableTag<double> kF64;
constexpr hn::Half<decltype(kI32)> kHalfI32;
constexpr hn::Half<decltype(kF32)> kHalfF32;

using I32 = hn::Vec<decltype(kI32)>;
using F32 = hn::Vec<decltype(kF32)>;
using I64 = hn::Vec<decltype(kI64)>;
using F64 = hn::Vec<decltype(kF64)>;

// Distances from a shift, added up.
struct Distances {
  explicit Distances(double shift)
      : shift(hn::Set(kF64, shift)), sum(hn::Zero(kF64)), squares(hn::Zero(kF64)) {}
  void Add(F64 value) {
    const F64 distance = hn::Sub(value, shift);
    sum = hn::Add(sum, distance);
    squares = hn::MulAdd(distance, distance, squares);
  }
  // `keep` is all ones or zeros.
  void Add(F64 value, F64 keep) {
    const F64 distance = hn::And(hn::Sub(value, shift), keep);
    sum = hn::Add(sum, distance);
    squares = hn::MulAdd(distance, distance, squares);
  }

  F64 shift;
  F64 sum;
  F64 squares;
};

double Total(F64 v) { return hn::GetLane(hn::SumOfLanes(kF64, v)); }

// The types of up to 32 bits as vectors of magnitudes (the pattern without its sign, in 32 bits)
// and of floats of the same value.
struct Float32 {
  static constexpr size_t kBytes = 4;
  static constexpr int32_t kNormal = 0x00800000;  // the smallest that is no subnormal
  static constexpr int32_t kInfinity = 0x7f800000;
  static I32 Pattern(const char* p) { return hn::LoadU(kI32, reinterpret_cast<const int32_t*>(p)); }
  static I32 Magnitude(I32 pattern) { return hn::And(pattern, hn::Set(kI32, 0x7fffffff)); }
  static F32 Value(I32 pattern, I32 /*magnitude*/) { return hn::BitCast(kF32, pattern); }
};

constexpr hn::Rebind<uint16_t, decltype(kI32)> kU16;
constexpr hn::Rebind<int16_t, decltype(kI32)> kI16;

struct Bfloat16 {
  static constexpr size_t kBytes = 2;
  static constexpr int32_t kNormal = 0x0080;
  static constexpr int32_t kInfinity = 0x7f80;
  static I32 Pattern(const char* p) {
    return hn::PromoteTo(kI32, hn::LoadU(kU16, reinterpret_cast<const uint16_t*>(p)));
  }
  static I32 Magnitude(I32 pattern) { return hn::And(pattern, hn::Set(kI32, 0x7fff)); }
  static F32 Value(I32 pattern, I32 /*magnitude*/) {
    return hn::BitCast(kF32, hn::ShiftLeft<16>(pattern));
  }
};

struct Float16 {
  static constexpr size_t kBytes = 2;
  static constexpr int32_t kNormal = 0x0400;
  static constexpr int32_t kInfinity = 0x7c00;
  static I32 Pattern(const char* p) { return Bfloat16::Pattern(p); }
  static I32 Magnitude(I32 pattern) { return Bfloat16::Magnitude(pattern); }
  // The fields where a float has them; the product mends the bias, exactly.
  static F32 Value(I32 pattern, I32 magnitude) {
    const I32 sign = hn::ShiftLeft<16>(hn::Xor(pattern, magnitude));
    const I32 moved = hn::Or(sign, hn::ShiftLeft<13>(magnitude));
    return hn::Mul(hn::BitCast(kF32, moved), hn::Set(kF32, 0x1p112f));
  }
};

// Zeros and subnormals of a run.
template <typename Form>
void CountSmall(const char* p, size_t n, Sums& sums) {
  const size_t lanes = hn::Lanes(kI32);
  I32 zeros = hn::Zero(kI32);
  I32 small = hn::Zero(kI32);
  for (size_t i = 0; i < n; i += lanes) {
    const I32 magnitude = Form::Magnitude(Form::Pattern(p + i * Form::kBytes));
    // A mask is all ones: -1.
    zeros = hn::Sub(zeros, hn::VecFromMask(kI32, hn::Eq(magnitude, hn::Zero(kI32))));
    small = hn::Sub(small, hn::VecFromMask(kI32, hn::Lt(magnitude, hn::Set(kI32, Form::kNormal))));
  }
  sums.zeros = static_cast<uint64_t>(hn::GetLane(hn::SumOfLanes(kI32, zeros)));
  sums.subnormals = static_cast<uint64_t>(hn::GetLane(hn::SumOfLanes(kI32, small))) - sums.zeros;
}

// n > 0 is a multiple of two vectors. False where not all are finite.
template <typename Form>
bool FiniteRun(const char* p, size_t n, double shift, Sums& sums) {
  const size_t lanes = hn::Lanes(kI32);
  Distances a(shift), b(shift), c(shift), d(shift);
  const I32 first = Form::Pattern(p);
  I32 smallest = Form::Magnitude(first);
  I32 largest = smallest;
  F32 min = Form::Value(first, smallest);
  F32 max = min;
  for (size_t i = 0; i < n; i += 2 * lanes) {
    const I32 x = Form::Pattern(p + i * Form::kBytes);
    const I32 y = Form::Pattern(p + (i + lanes) * Form::kBytes);
    const I32 m = Form::Magnitude(x);
    const I32 k = Form::Magnitude(y);
    smallest = hn::Min(smallest, hn::Min(m, k));
    largest = hn::Max(largest, hn::Max(m, k));
    const F32 v = Form::Value(x, m);
    const F32 w = Form::Value(y, k);
    min = hn::Min(min, hn::Min(v, w));
    max = hn::Max(max, hn::Max(v, w));
    a.Add(hn::PromoteTo(kF64, hn::LowerHalf(kHalfF32, v)));
    b.Add(hn::PromoteTo(kF64, hn::UpperHalf(kHalfF32, v)));
    c.Add(hn::PromoteTo(kF64, hn::LowerHalf(kHalfF32, w)));
    d.Add(hn::PromoteTo(kF64, hn::UpperHalf(kHalfF32, w)));
  }
  if (hn::GetLane(hn::MaxOfLanes(kI32, largest)) >= Form::kInfinity) return false;
  sums.finite = n;
  sums.sum = Total(hn::Add(hn::Add(a.sum, b.sum), hn::Add(c.sum, d.sum)));
  sums.squares = Total(hn::Add(hn::Add(a.squares, b.squares), hn::Add(c.squares, d.squares)));
  sums.min = static_cast<double>(hn::GetLane(hn::MinOfLanes(kF32, min)));
  sums.max = static_cast<double>(hn::GetLane(hn::MaxOfLanes(kF32, max)));
  if (hn::GetLane(hn::MinOfLanes(kI32, smallest)) < Form::kNormal) CountSmall<Form>(p, n, sums);
  return true;
}

// The same with NaN and infinities about: their distances are masked away, and they are counted.
template <typename Form>
void MaskedRun(const char* p, size_t n, double shift, Sums& sums) {
  const size_t lanes = hn::Lanes(kI32);
  Distances a(shift), b(shift);
  const I32 infinity = hn::Set(kI32, Form::kInfinity);
  const F32 least = hn::Set(kF32, -std::numeric_limits<float>::infinity());
  const F32 most = hn::Set(kF32, std::numeric_limits<float>::infinity());
  I32 smallest = infinity;
  I32 finite = hn::Zero(kI32);
  I32 nans = hn::Zero(kI32);
  F32 min = most;
  F32 max = least;
  for (size_t i = 0; i < n; i += lanes) {
    const I32 x = Form::Pattern(p + i * Form::kBytes);
    const I32 m = Form::Magnitude(x);
    const auto good = hn::Lt(m, infinity);
    const I32 keep = hn::VecFromMask(kI32, good);
    smallest = hn::Min(smallest, m);
    finite = hn::Sub(finite, keep);
    nans = hn::Sub(nans, hn::VecFromMask(kI32, hn::Gt(m, infinity)));
    const F32 v = Form::Value(x, m);
    const auto good_f = hn::MaskFromVec(hn::BitCast(kF32, keep));
    min = hn::Min(min, hn::IfThenElse(good_f, v, most));
    max = hn::Max(max, hn::IfThenElse(good_f, v, least));
    const auto wide = [](auto half)
                          HWY_ATTR { return hn::BitCast(kF64, hn::PromoteTo(kI64, half)); };
    a.Add(hn::PromoteTo(kF64, hn::LowerHalf(kHalfF32, v)), wide(hn::LowerHalf(kHalfI32, keep)));
    b.Add(hn::PromoteTo(kF64, hn::UpperHalf(kHalfF32, v)), wide(hn::UpperHalf(kHalfI32, keep)));
  }
  sums.finite = static_cast<uint64_t>(hn::GetLane(hn::SumOfLanes(kI32, finite)));
  sums.nans = static_cast<uint64_t>(hn::GetLane(hn::SumOfLanes(kI32, nans)));
  sums.infinities = n - sums.finite - sums.nans;
  if (sums.finite == 0) return;
  sums.sum = Total(hn::Add(a.sum, b.sum));
  sums.squares = Total(hn::Add(a.squares, b.squares));
  sums.min = static_cast<double>(hn::GetLane(hn::MinOfLanes(kF32, min)));
  sums.max = static_cast<double>(hn::GetLane(hn::MaxOfLanes(kF32, max)));
  if (hn::GetLane(hn::MinOfLanes(kI32, smallest)) < Form::kNormal) CountSmall<Form>(p, n, sums);
}

template <typename Form>
void FloatRun(const char* p, size_t n, double shift, bool masked, Sums& sums) {
  if (masked || !FiniteRun<Form>(p, n, shift, sums)) MaskedRun<Form>(p, n, shift, sums);
}

void DoubleRun(const char* p, size_t n, double shift, Sums& sums) {
  const size_t lanes = hn::Lanes(kI64);
  const I64 no_sign = hn::Set(kI64, int64_t{0x7fffffffffffffff});
  const I64 normal = hn::Set(kI64, int64_t{1} << 52);
  const I64 infinity = hn::Set(kI64, int64_t{0x7ff} << 52);
  const F64 least = hn::Set(kF64, -std::numeric_limits<double>::infinity());
  const F64 most = hn::Set(kF64, std::numeric_limits<double>::infinity());
  Distances a(shift), b(shift);
  I64 zeros = hn::Zero(kI64);
  I64 small = hn::Zero(kI64);
  I64 finite = hn::Zero(kI64);
  I64 nans = hn::Zero(kI64);
  F64 min = most;
  F64 max = least;
  const auto add = [&](Distances& to, const char* at) HWY_ATTR {
    const F64 v = hn::LoadU(kF64, reinterpret_cast<const double*>(at));
    const I64 m = hn::And(hn::BitCast(kI64, v), no_sign);
    const I64 keep = hn::VecFromMask(kI64, hn::Lt(m, infinity));
    zeros = hn::Sub(zeros, hn::VecFromMask(kI64, hn::Eq(m, hn::Zero(kI64))));
    small = hn::Sub(small, hn::VecFromMask(kI64, hn::Lt(m, normal)));
    finite = hn::Sub(finite, keep);
    nans = hn::Sub(nans, hn::VecFromMask(kI64, hn::Gt(m, infinity)));
    const F64 kept = hn::BitCast(kF64, keep);
    const auto good = hn::MaskFromVec(kept);
    min = hn::Min(min, hn::IfThenElse(good, v, most));
    max = hn::Max(max, hn::IfThenElse(good, v, least));
    to.Add(v, kept);
  };
  for (size_t i = 0; i < n; i += 2 * lanes) {
    add(a, p + i * 8);
    add(b, p + (i + lanes) * 8);
  }
  sums.finite = static_cast<uint64_t>(hn::GetLane(hn::SumOfLanes(kI64, finite)));
  sums.nans = static_cast<uint64_t>(hn::GetLane(hn::SumOfLanes(kI64, nans)));
  sums.infinities = n - sums.finite - sums.nans;
  sums.zeros = static_cast<uint64_t>(hn::GetLane(hn::SumOfLanes(kI64, zeros)));
  sums.subnormals = static_cast<uint64_t>(hn::GetLane(hn::SumOfLanes(kI64, small))) - sums.zeros;
  if (sums.finite == 0) return;
  sums.sum = Total(hn::Add(a.sum, b.sum));
  sums.squares = Total(hn::Add(a.squares, b.squares));
  sums.min = hn::GetLane(hn::MinOfLanes(kF64, min));
  sums.max = hn::GetLane(hn::MaxOfLanes(kF64, max));
}

// Integers of up to 32 bits as vectors of int32; `kAdd` is what that is less than the number.
struct Int32 {
  static constexpr size_t kBytes = 4;
  static constexpr int64_t kAdd = 0;
  static I32 Number(const char* p) { return hn::LoadU(kI32, reinterpret_cast<const int32_t*>(p)); }
};
struct Uint32 {
  static constexpr size_t kBytes = 4;
  static constexpr int64_t kAdd = int64_t{1} << 31;
  static I32 Number(const char* p) {
    return hn::Xor(Int32::Number(p), hn::Set(kI32, std::numeric_limits<int32_t>::min()));
  }
};
struct Int16 {
  static constexpr size_t kBytes = 2;
  static constexpr int64_t kAdd = 0;
  static I32 Number(const char* p) {
    return hn::PromoteTo(kI32, hn::LoadU(kI16, reinterpret_cast<const int16_t*>(p)));
  }
};
struct Uint16 {
  static constexpr size_t kBytes = 2;
  static constexpr int64_t kAdd = 0;
  static I32 Number(const char* p) { return Bfloat16::Pattern(p); }
};

template <typename Form>
void IntegerRun(const char* p, size_t n, double shift, Sums& sums) {
  const size_t lanes = hn::Lanes(kI32);
  Distances a(shift - static_cast<double>(Form::kAdd));
  Distances b = a;
  const I32 zero = hn::Set(kI32, static_cast<int32_t>(-Form::kAdd));
  I32 zeros = hn::Zero(kI32);
  I32 least = Form::Number(p);
  I32 most = least;
  for (size_t i = 0; i < n; i += lanes) {
    const I32 v = Form::Number(p + i * Form::kBytes);
    zeros = hn::Sub(zeros, hn::VecFromMask(kI32, hn::Eq(v, zero)));
    least = hn::Min(least, v);
    most = hn::Max(most, v);
    a.Add(hn::PromoteTo(kF64, hn::LowerHalf(kHalfI32, v)));
    b.Add(hn::PromoteTo(kF64, hn::UpperHalf(kHalfI32, v)));
  }
  sums.finite = n;
  sums.sum = Total(hn::Add(a.sum, b.sum));
  sums.squares = Total(hn::Add(a.squares, b.squares));
  sums.zeros = static_cast<uint64_t>(hn::GetLane(hn::SumOfLanes(kI32, zeros)));
  sums.least = int64_t{hn::GetLane(hn::MinOfLanes(kI32, least))} + Form::kAdd;
  sums.most = int64_t{hn::GetLane(hn::MaxOfLanes(kI32, most))} + Form::kAdd;
}

// How many of `n` numbers RunOf takes: whole pairs of vectors.
size_t Whole(Lane lane, size_t n) {
  const size_t pair = lane == Lane::kFloat64 ? 2 * hn::Lanes(kI64) : 2 * hn::Lanes(kI32);
  return n - n % pair;
}

// False for lanes without vector code.
bool RunOf(Lane lane, const char* p, size_t n, double shift, bool masked, Sums& sums) {
  switch (lane) {
    case Lane::kFloat16:
      FloatRun<Float16>(p, n, shift, masked, sums);
      return true;
    case Lane::kBfloat16:
      FloatRun<Bfloat16>(p, n, shift, masked, sums);
      return true;
    case Lane::kFloat32:
      FloatRun<Float32>(p, n, shift, masked, sums);
      return true;
    case Lane::kFloat64:
      DoubleRun(p, n, shift, sums);
      return true;
    case Lane::kInt16:
      IntegerRun<Int16>(p, n, shift, sums);
      return true;
    case Lane::kUint16:
      IntegerRun<Uint16>(p, n, shift, sums);
      return true;
    case Lane::kInt32:
      IntegerRun<Int32>(p, n, shift, sums);
      return true;
    case Lane::kUint32:
      IntegerRun<Uint32>(p, n, shift, sums);
      return true;
    case Lane::kInt64:
    case Lane::kUint64:
      return false;
  }
  return false;
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace HWY_NAMESPACE
}  // namespace hoarfrost::values
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hoarfrost::values {
namespace {

struct Kernels {
  size_t (*whole)(Lane lane, size_t n);
  bool (*run)(Lane lane, const char* p, size_t n, double shift, bool masked, Sums& sums);
};

Kernels Choose() {
// The static target is what the compiler may always use; a better one is a smaller number.
#if (HWY_TARGETS & HWY_AVX2) && HWY_STATIC_TARGET > HWY_AVX2
  if (__builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0 &&
      __builtin_cpu_supports("bmi") != 0 && __builtin_cpu_supports("bmi2") != 0 &&
      __builtin_cpu_supports("f16c") != 0) {
    return {N_AVX2::Whole, N_AVX2::RunOf};
  }
#endif
#if (HWY_TARGETS & HWY_SSE4) && HWY_STATIC_TARGET > HWY_SSE4
  if (__builtin_cpu_supports("sse4.2") != 0 && __builtin_cpu_supports("pclmul") != 0 &&
      __builtin_cpu_supports("aes") != 0) {
    return {N_SSE4::Whole, N_SSE4::RunOf};
  }
#endif
  return {HWY_STATIC_DISPATCH(Whole), HWY_STATIC_DISPATCH(RunOf)};
}

void Join(const Sums& more, Lane lane, Sums& sums) {
  if (more.finite > 0) {
    const bool none = sums.finite == 0;
    sums.min = none ? more.min : std::min(sums.min, more.min);
    sums.max = none ? more.max : std::max(sums.max, more.max);
    const auto before = [&](int64_t a, int64_t b) {
      return lane == Lane::kUint64 ? static_cast<uint64_t>(a) < static_cast<uint64_t>(b) : a < b;
    };
    if (none || before(more.least, sums.least)) sums.least = more.least;
    if (none || before(sums.most, more.most)) sums.most = more.most;
  }
  sums.finite += more.finite;
  sums.zeros += more.zeros;
  sums.subnormals += more.subnormals;
  sums.nans += more.nans;
  sums.infinities += more.infinities;
  sums.sum += more.sum;
  sums.squares += more.squares;
}

}  // namespace

Sums Measure(Lane lane, const char* numbers, size_t n, double shift, bool masked) {
  static const Kernels kernels = Choose();
  Sums sums;
  const size_t whole = kernels.whole(lane, n);
  if (whole == 0 || !kernels.run(lane, numbers, whole, shift, masked, sums)) {
    return MeasureOneByOne(lane, numbers, n, shift);
  }
  if (whole < n) {
    const char* rest = numbers + whole * LaneBytes(lane);
    Join(MeasureOneByOne(lane, rest, n - whole, shift), lane, sums);
  }
  return sums;
}

}  // namespace hoarfrost::values
#endif  // HWY_ONCE
