// What verify, diff and merge found, as text for people and as JSON (docs/comparing.md).
#ifndef HOARFROST_REPORT_COMPARE_H_
#define HOARFROST_REPORT_COMPARE_H_

#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "base/sink.h"
#include "hoarfrost/compare.h"

namespace hoarfrost::report {

inline constexpr std::string_view kVerifySchema = "hoarfrost.verify/1";
inline constexpr std::string_view kDiffSchema = "hoarfrost.diff/1";
inline constexpr std::string_view kMergeSchema = "hoarfrost.merge/1";

// One compact object and a line feed each; schemas in docs/.
void WriteJson(const VerifyResult& result, base::Sink& sink);
void WriteJson(const DiffResult& result, base::Sink& sink);
void WriteJson(const MergeResult& result, base::Sink& sink);

// For people. Of a kind of thing no more than `most` lines, and how many more there are; 0 for all.
void WriteText(const VerifyResult& result, size_t most, base::Sink& sink);
void WriteText(const DiffResult& result, size_t most, base::Sink& sink);
void WriteText(const MergeResult& result, size_t most, base::Sink& sink);

// "3 of 40 elements, at most 0.25 off (12 ULPs), 1 not finite".
std::string DifferenceText(const Difference& difference);

// The words of enumerations, as JSON has them.
std::string_view WordFor(Answer answer);
std::string_view WordFor(Role role);
std::string_view WordFor(PlanList list);
std::string_view WordFor(FindingKind kind);
std::string_view WordFor(ChangeKind kind);

}  // namespace hoarfrost::report

#endif  // HOARFROST_REPORT_COMPARE_H_
