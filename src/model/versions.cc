// Versions: what the model says it is written in, and whether this release knows that.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "model/facts_builder.h"

namespace hoarfrost::model {
namespace {

struct Newest {
  std::string_view domain;
  int64_t version;
};
// Of ONNX 1.23; a test holds them against the library.
constexpr std::array<Newest, 5> kNewest = {{{"", 28},
                                            {"ai.onnx.ml", 5},
                                            {"ai.onnx.training", 1},
                                            {"ai.onnx.preview", 1},
                                            {"ai.onnx.preview.training", 1}}};

std::string DomainText(std::string_view domain) {
  return base::Quote(domain.empty() ? "ai.onnx" : domain);
}

}  // namespace

void FactsBuilder::ReadImports() {
  const onnx::ModelProto& model = facts_.model();
  facts_.opsets_.resize(static_cast<size_t>(model.functions_size()) + 1);
  base::ViewMap<int64_t>& main = facts_.opsets_[0];
  for (const onnx::OperatorSetIdProto& import : model.opset_import()) {
    const std::string_view domain = NormalDomain(import.domain());
    const auto [place, fresh] = main.try_emplace(domain, import.version());
    if (fresh || place->second == import.version()) continue;
    notes_.Add(NoteKind::kVersion, Severity::kWarning,
               fmt::format("opset domain {} is imported twice, with versions {} and {}; the "
                           "highest counts",
                           DomainText(domain), place->second, import.version()));
    place->second = std::max(place->second, import.version());
  }
  // onnx.proto came with opset_import in IR version 3; before, there was only version 1.
  if (model.opset_import_size() == 0 && model.ir_version() > 0 && model.ir_version() < 3) {
    main.emplace(std::string_view(), 1);
  }
  for (int i = 0; i < model.functions_size(); ++i) {
    base::ViewMap<int64_t>& own = facts_.opsets_[static_cast<size_t>(i) + 1];
    for (const onnx::OperatorSetIdProto& import : model.functions(i).opset_import()) {
      const std::string_view domain = NormalDomain(import.domain());
      const auto [place, fresh] = own.try_emplace(domain, import.version());
      if (!fresh) place->second = std::max(place->second, import.version());
    }
    for (const auto& [domain, version] : main) own.try_emplace(domain, version);
  }
}

void FactsBuilder::CheckVersions() {
  const onnx::ModelProto& model = facts_.model();
  if (!model.has_ir_version() || model.ir_version() == 0) {
    notes_.Add(NoteKind::kVersion, Severity::kWarning, "the model has no ir_version");
  } else if (model.ir_version() < 0 || model.ir_version() > onnx::IR_VERSION) {
    notes_.Add(NoteKind::kVersion, Severity::kWarning,
               fmt::format("ir_version {} is unknown: this release knows 1 to {}",
                           model.ir_version(), static_cast<int>(onnx::IR_VERSION)));
  }
  if (facts_.opsets_[0].empty()) {
    notes_.Add(NoteKind::kVersion, Severity::kWarning,
               "the model has no opset_import: operators are read by their newest definition");
  }
  for (const auto& [domain, newest] : kNewest) {
    const auto found = facts_.opsets_[0].find(domain);
    if (found == facts_.opsets_[0].end()) continue;
    if (found->second > newest) {
      notes_.Add(NoteKind::kVersion, Severity::kWarning,
                 fmt::format("opset {} of domain {} is newer than this release knows: operators "
                             "are read as in {}",
                             found->second, DomainText(domain), newest));
    } else if (found->second < 1) {
      notes_.Add(
          NoteKind::kVersion, Severity::kWarning,
          fmt::format("opset {} of domain {} is no version", found->second, DomainText(domain)));
    }
  }
}

void FactsBuilder::CheckDomain(ScopeId scope, std::string_view domain) {
  const Scope& s = facts_.scopes[static_cast<size_t>(scope)];
  const base::ViewMap<int64_t>& imports = facts_.opsets_[static_cast<size_t>(s.imports)];
  domain = NormalDomain(domain);
  if (domain.empty() ? s.onnx_opset != 0 : imports.contains(domain)) return;
  if (facts_.opsets_[0].empty()) return;  // said once for all
  if (!domains_noted_.insert(std::string(domain)).second) return;
  notes_.Add(
      NoteKind::kDomain, Severity::kInfo,
      fmt::format("nodes use operator domain {}, which has no opset_import", DomainText(domain)));
}

}  // namespace hoarfrost::model
