#include "batch/tally.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/checked.h"
#include "base/text.h"

namespace hoarfrost::batch {
namespace {

constexpr size_t kSlowest = 5;

uint64_t Weak(const Row& row) {
  return row.evidence[static_cast<size_t>(roles::ReasonKind::kName)] +
         row.evidence[static_cast<size_t>(roles::ReasonKind::kAssumed)];
}

std::string CsvText(std::string_view bytes) {
  std::string text = base::Escape(bytes);
  if (text.find_first_of(",\"") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace

void Tally::Add(const Row& row) {
  ++models_;
  if (!row.ok) {
    ++failed_;
    ++causes_[row.cause];
  } else {
    using base::SaturatingAdd;
    bytes_ = SaturatingAdd(bytes_, row.bytes);
    totals_.parameters = SaturatingAdd(totals_.parameters, row.totals.parameters);
    totals_.trainable = SaturatingAdd(totals_.trainable, row.totals.trainable);
    totals_.non_trainable = SaturatingAdd(totals_.non_trainable, row.totals.non_trainable);
    totals_.statistics = SaturatingAdd(totals_.statistics, row.totals.statistics);
    totals_.frozen = SaturatingAdd(totals_.frozen, row.totals.frozen);
    totals_.bytes = SaturatingAdd(totals_.bytes, row.totals.bytes);
    if (row.totals.statistics > 0) ++with_statistics_;
    if (Weak(row) > 0) ++weak_;
  }
  if (slowest_.size() == kSlowest && slowest_.back().first >= row.seconds) return;
  const auto longer = [](const auto& a, const auto& b) { return a.first > b.first; };
  std::pair<double, std::string> entry(row.seconds, row.file);
  slowest_.insert(std::upper_bound(slowest_.begin(), slowest_.end(), entry, longer),
                  std::move(entry));
  if (slowest_.size() > kSlowest) slowest_.pop_back();
}

void Tally::Write(base::Sink& sink) const {
  std::string text;
  const auto line = [&](std::string_view what, uint64_t n, const std::string& more) {
    text += fmt::format("{:<20}{:>16}{}{}\n", what, base::WithCommas(n), more.empty() ? "" : "  ",
                        more);
  };
  line("Models:", models_,
       models_ == failed_ ? "" : fmt::format("{} of model files", base::HumanBytes(bytes_)));
  line("Failed:", failed_, "");
  for (const auto& [cause, count] : causes_) {
    line(fmt::format("  {}", cause), count, std::string(CauseText(cause)));
  }
  line("Parameters:", totals_.parameters, base::HumanBytes(totals_.bytes));
  line("Trainable:", totals_.trainable, "");
  line("Non-trainable:", totals_.non_trainable,
       fmt::format("statistics {}, frozen {}", base::WithCommas(totals_.statistics),
                   base::WithCommas(totals_.frozen)));
  line("With statistics:", with_statistics_, with_statistics_ == 1 ? "model" : "models");
  line("Weak evidence:", weak_,
       fmt::format("{}, with tensors judged by name or assumption only",
                   weak_ == 1 ? "model" : "models"));
  if (!slowest_.empty()) text += "Slowest:\n";
  for (const auto& [seconds, file] : slowest_) {
    text += fmt::format("  {:>10.4f} s  {}\n", seconds, base::Escape(file));
  }
  sink.Write(text);
}

void WriteCsvHeading(base::Sink& sink) {
  sink.Write(
      "file,status,bytes,parameters,trainable,non_trainable,frozen,statistics,quantization,"
      "constants,unused,parameter_bytes,stated,operator,traced,pattern,name,assumed,seconds,"
      "cause,error\n");
}

void WriteCsvRow(const Row& row, base::Sink& sink) {
  std::string text = fmt::format("{},{},", CsvText(row.file), row.ok ? "ok" : "failed");
  const summary::Totals& totals = row.totals;
  const uint64_t numbers[] = {
      row.bytes,         totals.parameters,   totals.trainable, totals.non_trainable, totals.frozen,
      totals.statistics, totals.quantization, totals.constants, totals.unused,        totals.bytes};
  for (const uint64_t n : numbers) text += row.ok ? fmt::format("{},", n) : ",";
  for (const uint64_t n : row.evidence) text += row.ok ? fmt::format("{},", n) : ",";
  text += fmt::format("{:.6f},{},{}\n", row.seconds, row.cause, CsvText(row.error));
  sink.Write(text);
}

}  // namespace hoarfrost::batch
