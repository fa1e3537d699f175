// One tensor explained: its role and why, the way to the operator that decided, who uses it, where
// its bytes lie, whether it is frozen.
#ifndef HOARFROST_REPORT_EXPLAIN_H_
#define HOARFROST_REPORT_EXPLAIN_H_

#include <string>
#include <string_view>

#include "base/sink.h"
#include "summary/summary.h"

namespace hoarfrost::report {

inline constexpr std::string_view kExplainSchema = "hoarfrost.explain/1";

// For people: a line for each of the above.
void WriteExplanation(const summary::Summary& model, model::TensorId t, base::Sink& sink);

// One compact object and a line feed: {"schema", "file", "tensor" (as in inspect), "path", "users",
// "frozen": {"frozen", "text"}}.
void WriteExplanationJson(const summary::Summary& model, model::TensorId t, base::Sink& sink);

// One sentence: frozen or not, and why.
std::string FrozenText(const summary::Summary& model, model::TensorId t);

}  // namespace hoarfrost::report

#endif  // HOARFROST_REPORT_EXPLAIN_H_
