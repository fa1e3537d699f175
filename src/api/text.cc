// What hoarfrost::Model says in words.
#include "report/text.h"

#include <algorithm>

#include "api/rep.h"
#include "base/sink.h"
#include "hoarfrost/model.h"
#include "report/explain.h"
#include "report/json.h"
#include "report/view.h"

namespace hoarfrost {

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

const char* Version() { return HOARFROST_VERSION; }

}  // namespace hoarfrost
