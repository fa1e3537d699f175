// Rules on versions: which operator sets and IR versions the trainers for ONNX take.
//
// Tried with the releases named below, on small models and on exports of PyTorch. onnx2torch states
// no bound: its converters for Constant, Reshape and Identity end at that operator set.
#include <fmt/format.h>

#include <cstdint>
#include <string>

#include "lint/rules.h"

namespace hoarfrost::lint {
namespace {

struct Trainer {
  const char* name;
  int64_t first_opset;
  int64_t last_opset;
  int64_t first_ir;
  int64_t last_ir;
  Severity severity;
};

constexpr int64_t kAnyIr = INT64_MAX;
constexpr Trainer kTrainers[] = {
    {"onnxruntime-training 1.19.2", 11, 21, 4, 10, Severity::kWarning},
    {"onnx2torch 1.5.15", 1, 17, 1, kAnyIr, Severity::kInfo},
};

std::string Span(int64_t first, int64_t last) {
  return first <= 1 ? fmt::format("up to {}", last) : fmt::format("{} to {}", first, last);
}

bool IsToBeTrained(const Subject& subject) { return subject.model.totals.trainable > 0; }

}  // namespace

void FindOpsetsBeyondTrainers(const Subject& subject, Findings& findings) {
  const int64_t opset = subject.model.facts.opset(0, "");
  if (opset <= 0 || !IsToBeTrained(subject)) return;
  for (const Trainer& trainer : kTrainers) {
    if (opset >= trainer.first_opset && opset <= trainer.last_opset) continue;
    const int64_t to = opset > trainer.last_opset ? trainer.last_opset : trainer.first_opset;
    findings.AddAs(trainer.severity,
                   fmt::format("opset {} is {} what {} takes ({})", opset,
                               opset > trainer.last_opset ? "beyond" : "below", trainer.name,
                               Span(trainer.first_opset, trainer.last_opset)),
                   fmt::format("to train with it, export with opset_version={}, or convert with "
                               "onnx.version_converter",
                               to));
  }
}

void FindIrBeyondTrainers(const Subject& subject, Findings& findings) {
  const int64_t ir = subject.model.facts.model().ir_version();
  if (ir <= 0 || !IsToBeTrained(subject)) return;
  for (const Trainer& trainer : kTrainers) {
    if (ir >= trainer.first_ir && ir <= trainer.last_ir) continue;
    const bool beyond = ir > trainer.last_ir;
    findings.AddAs(
        trainer.severity,
        fmt::format("IR version {} is {} what {} takes ({})", ir, beyond ? "beyond" : "below",
                    trainer.name, Span(trainer.first_ir, trainer.last_ir)),
        fmt::format("to train with it, set ir_version to {} in the copy that you train",
                    beyond ? trainer.last_ir : trainer.first_ir));
  }
}

}  // namespace hoarfrost::lint
