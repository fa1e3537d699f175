#include <fmt/format.h>

#include <array>
#include <functional>
#include <vector>

#include "base/text.h"
#include "report/compare.h"

namespace hoarfrost::report {
namespace {

using base::Escape;
using base::WithCommas;

std::string Plural(uint64_t n, std::string_view noun) {
  return fmt::format("{} {}{}", WithCommas(n), noun, n == 1 ? "" : "s");
}

std::string NameText(const ComparedTensor& tensor) {
  const std::string name = tensor.name.empty() ? "(no name)" : Escape(tensor.name);
  return tensor.scope.empty() ? name : fmt::format("{} in {}", name, Escape(tensor.scope));
}

// "float32 [10, 4], weight of fc"; a name of a layer that is the tensor's own adds nothing.
std::string KindText(const ComparedTensor& tensor) {
  std::string text = fmt::format("{} [{}]", tensor.dtype, fmt::join(tensor.shape, ", "));
  if (tensor.role) text += fmt::format(", {}", WordFor(*tensor.role));
  if (!tensor.layer.empty()) text += fmt::format(" of {}", Escape(tensor.layer));
  return text;
}

// Lines of one kind, the first `most` of them.
class Lines {
 public:
  Lines(std::string heading, size_t most) : heading_(std::move(heading)), most_(most) {}

  void Add(const std::function<std::string()>& line) {
    if (++count_ <= most_ || most_ == 0) text_ += fmt::format("  {}\n", line());
  }
  void WriteTo(base::Sink& sink) const {
    if (count_ == 0) return;
    std::string text = fmt::format("{} ({})\n{}", heading_, WithCommas(count_), text_);
    if (most_ > 0 && count_ > most_) {
      text +=
          fmt::format("  and {} more (--all or --json shows them)\n", WithCommas(count_ - most_));
    }
    sink.Write(text);
  }

 private:
  std::string heading_;
  size_t most_;
  uint64_t count_ = 0;
  std::string text_;
};

std::string_view HeadingFor(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kChanged:
      return "changed";
    case ChangeKind::kReshaped:
      return "reshaped";
    case ChangeKind::kCast:
      return "cast to another type, values the same";
    case ChangeKind::kRenamed:
      return "renamed, bytes the same";
    case ChangeKind::kAdded:
      return "added";
    case ChangeKind::kRemoved:
      return "removed";
    case ChangeKind::kUnreadable:
      return "not compared";
  }
  return "";
}

std::string TypeText(const ComparedTensor& tensor) {
  return fmt::format("{} [{}]", tensor.dtype, fmt::join(tensor.shape, ", "));
}

std::string ChangeText(const TensorChange& change) {
  const ComparedTensor& tensor = change.a ? *change.a : *change.b;
  std::string text = fmt::format("{}  {}", NameText(tensor), KindText(tensor));
  if (change.kind == ChangeKind::kRenamed) {
    return fmt::format("{} -> {}  {}", NameText(*change.a), NameText(*change.b),
                       KindText(*change.a));
  }
  if (change.a && change.b && TypeText(*change.a) != TypeText(*change.b)) {
    text += fmt::format(" -> {}", TypeText(*change.b));
  }
  if (change.difference) text += fmt::format(": {}", DifferenceText(*change.difference));
  if (!change.text.empty()) text += fmt::format(": {}", Escape(change.text));
  return text;
}

void WriteGraph(const DiffResult& result, size_t most, base::Sink& sink) {
  Lines operators("operators", most);
  for (const OperatorChange& change : result.operators) {
    operators.Add([&] {
      return fmt::format("{}{}{}: {} -> {}", Escape(change.domain),
                         change.domain.empty() ? "" : "::", Escape(change.op_type),
                         WithCommas(change.a), WithCommas(change.b));
    });
  }
  operators.WriteTo(sink);
  const auto values = [&](const std::string& heading, const std::vector<ValueChange>& changes) {
    Lines lines(heading, most);
    for (const ValueChange& change : changes) {
      lines.Add([&] {
        if (change.b.empty()) return fmt::format("{}  {}, removed", Escape(change.name), change.a);
        if (change.a.empty()) return fmt::format("{}  {}, added", Escape(change.name), change.b);
        return fmt::format("{}  {} -> {}", Escape(change.name), Escape(change.a), Escape(change.b));
      });
    }
    lines.WriteTo(sink);
  };
  values("inputs", result.inputs);
  values("outputs", result.outputs);
}

std::string FindingText(const Finding& finding) {
  std::string text = fmt::format("{}  {}: {}", NameText(finding.expected),
                                 KindText(finding.expected), Escape(finding.text));
  if (finding.difference) text += fmt::format(", {}", DifferenceText(*finding.difference));
  return text;
}

}  // namespace

std::string DifferenceText(const Difference& difference) {
  std::string text = fmt::format("{} of {}", WithCommas(difference.changed),
                                 Plural(difference.elements, "element"));
  if (difference.max_abs) text += fmt::format(", at most {:.6g} off", *difference.max_abs);
  if (difference.max_ulps) text += fmt::format(" ({})", Plural(*difference.max_ulps, "ULP"));
  if (difference.not_finite > 0) {
    text += fmt::format(", {} NaN or infinite", WithCommas(difference.not_finite));
  }
  if (difference.signed_zeros > 0) {
    text += fmt::format(", {} from 0 to -0 or back", WithCommas(difference.signed_zeros));
  }
  return text;
}

void WriteText(const VerifyResult& result, size_t most, base::Sink& sink) {
  const std::string_view answer = result.answer == Answer::kYes  ? "verified"
                                  : result.answer == Answer::kNo ? "NOT verified"
                                                                 : "cannot be verified";
  std::string text =
      fmt::format("{} -> {}: {}\n", Escape(result.frozen_file), Escape(result.tuned_file), answer);
  const auto count = [&](std::string_view what, const VerifyCount& of, uint64_t n,
                         std::string_view did) {
    if (of.tensors == 0) return;
    text += fmt::format("{:<18} {} of {} {}\n", what, WithCommas(n), WithCommas(of.tensors), did);
  };
  count("frozen", result.frozen, result.frozen.identical, "identical");
  count("frozen statistics", result.frozen_statistics, result.frozen_statistics.identical,
        "identical");
  count("trainable", result.trainable, result.trainable.changed, "changed");
  count("other statistics", result.statistics, result.statistics.changed, "changed");
  sink.Write(text);
  Lines failures("failed", most);
  Lines unknown("not compared", most);
  Lines warnings("warnings", most);
  for (const Finding& finding : result.findings) {
    Lines& lines = finding.failure                            ? failures
                   : finding.kind == FindingKind::kUnreadable ? unknown
                                                              : warnings;
    lines.Add([&] { return FindingText(finding); });
  }
  failures.WriteTo(sink);
  unknown.WriteTo(sink);
  warnings.WriteTo(sink);
}

void WriteText(const DiffResult& result, size_t most, base::Sink& sink) {
  const std::string files = fmt::format("{} -> {}", Escape(result.a_file), Escape(result.b_file));
  sink.Write(
      result.equal == Answer::kYes
          ? fmt::format("{}: no difference in {}\n", files, Plural(result.equal_tensors, "tensor"))
          : fmt::format("{}: {} equal\n", files, Plural(result.equal_tensors, "tensor")));
  constexpr std::array kOrder = {ChangeKind::kChanged,   ChangeKind::kReshaped, ChangeKind::kCast,
                                 ChangeKind::kRenamed,   ChangeKind::kRemoved,  ChangeKind::kAdded,
                                 ChangeKind::kUnreadable};
  for (const ChangeKind kind : kOrder) {
    Lines lines(std::string(HeadingFor(kind)), most);
    for (const TensorChange& change : result.tensors) {
      if (change.kind == kind) lines.Add([&] { return ChangeText(change); });
    }
    lines.WriteTo(sink);
  }
  if (result.graphs_compared) WriteGraph(result, most, sink);
}

void WriteText(const MergeResult& result, size_t most, base::Sink& sink) {
  sink.Write(fmt::format(
      "{}: {} of {} taken over from {}\n", Escape(result.output), WithCommas(result.merged.size()),
      Plural(result.merged.size() + result.unchanged + result.missing.size(), "tensor"),
      Escape(result.tuned_file)));
  Lines missing("not there, and left as they are", most);
  for (const ComparedTensor& tensor : result.missing) {
    missing.Add([&] { return fmt::format("{}  {}", NameText(tensor), KindText(tensor)); });
  }
  missing.WriteTo(sink);
  Lines kept("frozen, changed there, and left as they are", most);
  for (const MergedTensor& tensor : result.kept) {
    kept.Add([&] {
      return fmt::format("{}  {}: {}", NameText(tensor.tensor), KindText(tensor.tensor),
                         DifferenceText(tensor.difference));
    });
  }
  kept.WriteTo(sink);
}

}  // namespace hoarfrost::report
