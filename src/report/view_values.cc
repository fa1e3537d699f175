// The columns of a view by tensor that tell of its values.
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "report/view_rows.h"
#include "values/read_values.h"

namespace hoarfrost::report {
namespace {

using summary::Summary;
using values::Number;
using values::Statistics;
using Line = TensorLine;
using Optional = std::optional<Number>;

Optional Min(const Statistics& s) { return s.min; }
Optional Max(const Statistics& s) { return s.max; }
Optional Mean(const Statistics& s) { return s.mean ? Optional(*s.mean) : std::nullopt; }
Optional Deviation(const Statistics& s) {
  return s.deviation ? Optional(*s.deviation) : std::nullopt;
}
Optional Zeros(const Statistics& s) { return Number(s.zeros); }
Optional Subnormals(const Statistics& s) { return Number(s.subnormals); }
Optional Nans(const Statistics& s) { return Number(s.nans); }
Optional Infinities(const Statistics& s) { return Number(s.infinities); }

template <Optional (*Of)(const Statistics&)>
Optional Value(const Line& line) {
  return line.values->statistics ? Of(*line.values->statistics) : std::nullopt;
}

template <Optional (*Of)(const Statistics&)>
std::optional<double> Real(const Summary&, const Line& line) {
  const Optional value = Value<Of>(line);
  return value ? std::optional(values::ToDouble(*value)) : std::nullopt;
}

// All digits; empty where there is none.
template <Optional (*Of)(const Statistics&)>
std::string InFull(const Summary&, const Line& line) {
  const Optional value = Value<Of>(line);
  if (!value) return "";
  return std::visit([](auto number) { return fmt::format("{}", number); }, *value);
}

// Four digits, or all of an integer that is not long.
template <Optional (*Of)(const Statistics&)>
std::string InShort(const Summary&, const Line& line) {
  const Optional value = Value<Of>(line);
  if (!value) return "-";
  const double number = values::ToDouble(*value);
  if (std::holds_alternative<double>(*value) || std::fabs(number) >= 1e9) {
    return fmt::format("{:.4g}", number);
  }
  return fmt::format("{:.0f}", number);
}

std::string ZeroShare(const Summary&, const Line& line) {
  const auto& statistics = line.values->statistics;
  if (!statistics || statistics->count == 0) return "-";
  if (statistics->zeros == 0) return "0";
  const double percent =
      100 * static_cast<double>(statistics->zeros) / static_cast<double>(statistics->count);
  if (percent < 0.1) return "<0.1%";
  // What is nearly all is not all.
  return percent > 99.9 && percent < 100 ? ">99.9%" : fmt::format("{:.3g}%", percent);
}

std::string NameOfSame(const Summary& s, const Line& line) {
  if (line.values->same_as == model::kNone) return "";
  const model::Tensor& first = s.tensor(line.values->same_as);
  const std::string scope = base::Escape(s.facts.scopes[static_cast<size_t>(first.scope)].path);
  return fmt::format("{}{}{}", scope, scope.empty() ? "" : "/", base::Escape(first.name));
}

std::string Remarks(const Summary& s, const Line& line) {
  if (!line.values->error.empty()) return "not read";
  std::string text;
  const auto add = [&](std::string_view remark) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", remark);
  };
  if (const auto& statistics = line.values->statistics) {
    if (statistics->nans > 0) add(fmt::format("{} NaN", base::WithCommas(statistics->nans)));
    if (statistics->infinities > 0) {
      add(fmt::format("{} inf", base::WithCommas(statistics->infinities)));
    }
    if (statistics->subnormals > 0) {
      add(fmt::format("{} subnormal", base::WithCommas(statistics->subnormals)));
    }
    if (statistics->all_zero()) {
      add("all zero");
    } else if (statistics->count > 1 && statistics->constant()) {
      add("constant");
    }
  } else {
    add("no numbers");
  }
  if (std::string same = NameOfSame(s, line); !same.empty()) add("same as " + same);
  return text;
}

constexpr Column People(const char* title, int leave, bool right = true) {
  return {"", title, Audience::kPeople, false, false, leave, right};
}
constexpr Column Programs(const char* key) { return {key, "", Audience::kPrograms}; }

constexpr Field<Line> kFields[] = {
    {People("Min", 0), InShort<Min>},
    {Programs("min"), InFull<Min>, nullptr, Real<Min>},
    {People("Max", 0), InShort<Max>},
    {Programs("max"), InFull<Max>, nullptr, Real<Max>},
    {People("Mean", 6), InShort<Mean>},
    {Programs("mean"), InFull<Mean>, nullptr, Real<Mean>},
    {People("Std", 5), InShort<Deviation>},
    {Programs("std"), InFull<Deviation>, nullptr, Real<Deviation>},
    {People("Zeros", 4), ZeroShare},
    {Programs("zeros"), InFull<Zeros>, nullptr, Real<Zeros>},
    {Programs("subnormals"), InFull<Subnormals>, nullptr, Real<Subnormals>},
    {Programs("nan"), InFull<Nans>, nullptr, Real<Nans>},
    {Programs("inf"), InFull<Infinities>, nullptr, Real<Infinities>},
    {People("Remarks", 0, false), Remarks},
    {Programs("digest"), [](const Summary&, const Line& l) { return l.values->digest; }},
    {Programs("same_as"), NameOfSame},
    {Programs("values_error"), [](const Summary&, const Line& l) { return l.values->error; }},
};

}  // namespace

absl::Span<const Field<TensorLine>> ValueFields() { return kFields; }

}  // namespace hoarfrost::report
