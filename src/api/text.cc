// What a model, and what comparing found, say in words.
#include "report/text.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "api/rep.h"
#include "base/sink.h"
#include "hoarfrost/compare.h"
#include "hoarfrost/model.h"
#include "report/compare.h"
#include "report/explain.h"
#include "report/json.h"
#include "report/view.h"

namespace hoarfrost {
namespace {

template <typename Result>
std::string JsonOf(const Result& result) {
  base::StringSink sink;
  report::WriteJson(result, sink);
  return std::move(sink.text);
}

template <typename Result>
std::string TextOf(const Result& result, size_t most) {
  base::StringSink sink;
  report::WriteText(result, most, sink);
  return std::move(sink.text);
}

}  // namespace

std::string Model::ToTable(int width) const {
  base::StringSink sink;
  const auto view = report::MakeView(rep_->summary, {});
  if (view.ok()) {
    report::Style style;
    style.width = std::max(width, 40);
    report::WriteText(rep_->summary, **view, style, sink);
  }
  return std::move(sink.text);
}

std::string Model::ToJson() const {
  base::StringSink sink;
  report::WriteJson(rep_->summary, {}, sink);
  return std::move(sink.text);
}

std::string Model::Explain(size_t i) const {
  base::StringSink sink;
  report::WriteExplanation(rep_->summary, static_cast<model::TensorId>(i), sink);
  return std::move(sink.text);
}

std::string Model::ExplainJson(size_t i) const {
  base::StringSink sink;
  report::WriteExplanationJson(rep_->summary, static_cast<model::TensorId>(i), sink);
  return std::move(sink.text);
}

std::string ToJson(const VerifyResult& result) { return JsonOf(result); }
std::string ToText(const VerifyResult& result, size_t most) { return TextOf(result, most); }
std::string ToJson(const DiffResult& result) { return JsonOf(result); }
std::string ToText(const DiffResult& result, size_t most) { return TextOf(result, most); }
std::string ToJson(const MergeResult& result) { return JsonOf(result); }
std::string ToText(const MergeResult& result, size_t most) { return TextOf(result, most); }

const char* Version() { return HOARFROST_VERSION; }

}  // namespace hoarfrost
