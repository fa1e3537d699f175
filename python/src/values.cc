#include "values.h"

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "text.h"
#include "words.h"

namespace hoarfrost::python {

const char* RoleWord(Role role) {
  switch (role) {
    case Role::kWeight:
      return "weight";
    case Role::kStatistic:
      return "statistic";
    case Role::kQuantization:
      return "quantization";
    case Role::kConstant:
      return "constant";
    case Role::kUnused:
      return "unused";
  }
  return "";
}

namespace {

namespace nb = nanobind;

const char* Word(Evidence evidence) {
  switch (evidence) {
    case Evidence::kStated:
      return "stated";
    case Evidence::kOperator:
      return "operator";
    case Evidence::kTraced:
      return "traced";
    case Evidence::kPattern:
      return "pattern";
    case Evidence::kName:
      return "name";
    case Evidence::kAssumed:
      return "assumed";
  }
  return "";
}

const char* Word(LintSeverity severity) {
  switch (severity) {
    case LintSeverity::kInfo:
      return "info";
    case LintSeverity::kWarning:
      return "warning";
    case LintSeverity::kError:
      return "error";
  }
  return "";
}

const char* Word(Source source) {
  switch (source) {
    case Source::kInitializer:
      return "initializer";
    case Source::kSparseInitializer:
      return "sparse_initializer";
    case Source::kConstantNode:
      return "constant_node";
  }
  return "";
}

const char* Word(StorageKind kind) {
  switch (kind) {
    case StorageKind::kInline:
      return "inline";
    case StorageKind::kFields:
      return "fields";
    case StorageKind::kExternal:
      return "external";
  }
  return "";
}

nb::object OrNone(const std::optional<uint64_t>& value) {
  return value ? nb::object(nb::int_(*value)) : nb::none();
}

nb::object OrNone(const std::string& value) {
  return value.empty() ? nb::none() : nb::object(ToStr(value));
}

// A tuple of what `convert` makes of each item.
template <typename Item, typename Convert>
nb::tuple ToTuple(const std::vector<Item>& items, const Convert& convert) {
  nb::list list;
  for (const Item& item : items) list.append(convert(item));
  return nb::tuple(list);
}

nb::tuple Numbers(const std::vector<int64_t>& numbers) {
  return ToTuple(numbers, [](int64_t number) { return nb::int_(number); });
}

// A number, a symbol, or None.
nb::object ToObject(const Dim& dim) {
  if (dim.value >= 0) return nb::int_(dim.value);
  return OrNone(dim.symbol);
}

nb::dict ToDict(const Adjustment& adjustment) {
  nb::dict d;
  d["kind"] = ToStr(adjustment.kind);
  d["layer"] = ToStr(adjustment.layer);
  d["type"] = ToStr(adjustment.type);
  d["trainable"] = adjustment.trainable;
  d["statistics"] = adjustment.statistics;
  d["text"] = ToStr(adjustment.text);
  return d;
}

nb::dict ToDict(const Storage& storage) {
  const bool external = storage.kind == StorageKind::kExternal;
  nb::dict d;
  d["kind"] = Word(storage.kind);
  d["spans"] = ToTuple(storage.spans, [](const ByteRange& span) {
    return nb::make_tuple(span.offset, span.length);
  });
  d["location"] = external ? nb::object(ToStr(storage.location)) : nb::none();
  d["offset"] = external ? nb::object(nb::int_(storage.offset)) : nb::none();
  d["length"] = OrNone(storage.length);
  return d;
}

nb::tuple Entries(const std::vector<PlanEntry>& entries) {
  return ToTuple(entries, [](const PlanEntry& entry) {
    nb::dict d;
    d["name"] = ToStr(entry.name);
    d["scope"] = ToStr(entry.scope);
    d["dtype"] = ToStr(entry.dtype);
    d["shape"] = Numbers(entry.shape);
    return d;
  });
}

}  // namespace

nb::dict ToDict(const ModelInfo& info) {
  nb::dict d;
  d["file"] = ToStr(info.file);
  d["bytes"] = info.bytes;
  d["ir_version"] = info.ir_version;
  d["opsets"] = ToTuple(info.opsets, [](const OpsetImport& opset) {
    return nb::make_tuple(ToStr(opset.domain), opset.version);
  });
  d["producer"] = ToStr(info.producer);
  d["graph"] = ToStr(info.graph);
  return d;
}

nb::dict ToDict(const Totals& totals) {
  nb::dict d;
  d["parameters"] = totals.parameters;
  d["trainable"] = totals.trainable;
  d["non_trainable"] = totals.non_trainable;
  d["frozen"] = totals.frozen;
  d["statistics"] = totals.statistics;
  d["quantization"] = totals.quantization;
  d["constants"] = totals.constants;
  d["unused"] = totals.unused;
  d["bytes"] = totals.bytes;
  d["trainable_bytes"] = totals.trainable_bytes;
  d["non_trainable_bytes"] = totals.non_trainable_bytes;
  return d;
}

nb::dict ToDict(const FrameworkCount& framework) {
  nb::dict d;
  d["parameters"] = framework.parameters;
  d["trainable"] = framework.trainable;
  d["statistics"] = framework.statistics;
  d["proved"] = framework.proved;
  d["adjustments"] = ToTuple(framework.adjustments,
                             [](const Adjustment& adjustment) { return ToDict(adjustment); });
  return d;
}

nb::dict ToDict(const Note& note) {
  nb::dict d;
  d["severity"] = note.warning ? "warning" : "info";
  d["text"] = ToStr(note.text);
  return d;
}

nb::dict ToDict(const LintFinding& finding) {
  nb::list tensors;
  for (const size_t i : finding.tensors) tensors.append(i);
  nb::dict d;
  d["rule"] = ToStr(finding.rule);
  d["severity"] = Word(finding.severity);
  d["text"] = ToStr(finding.text);
  d["remedy"] = ToStr(finding.remedy);
  d["tensors"] = tensors;
  return d;
}

nb::dict ToDict(const Layer& layer) {
  nb::dict d;
  d["path"] = ToStr(layer.path);
  d["type"] = ToStr(layer.type);
  d["output_shape"] =
      layer.shape_known
          ? nb::object(ToTuple(layer.output_shape, [](const Dim& dim) { return ToObject(dim); }))
          : nb::none();
  d["parameters"] = layer.parameters;
  d["trainable"] = layer.trainable;
  d["non_trainable"] = layer.non_trainable;
  d["shared_with"] = OrNone(layer.shared_with);
  return d;
}

nb::dict ToDict(const Tensor& tensor) {
  nb::dict d;
  d["name"] = ToStr(tensor.name);
  d["scope"] = ToStr(tensor.scope);
  d["source"] = Word(tensor.source);
  d["dtype"] = ToStr(tensor.dtype);
  d["shape"] = Numbers(tensor.shape);
  d["elements"] = tensor.elements;
  d["stored_elements"] = OrNone(tensor.stored_elements);
  d["logical_elements"] = OrNone(tensor.logical_elements);
  d["bytes"] = tensor.bytes;
  d["role"] = RoleWord(tensor.role);
  d["evidence"] = Word(tensor.evidence);
  d["reason"] = ToStr(tensor.reason);
  d["trainable"] = tensor.trainable;
  d["frozen"] = tensor.frozen;
  d["used"] = tensor.used;
  d["layer"] = OrNone(tensor.layer);
  d["storage"] = ToDict(tensor.storage);
  return d;
}

nb::dict ToDict(const Plan& plan) {
  nb::dict d;
  d["trainable"] = Entries(plan.trainable);
  d["frozen"] = Entries(plan.frozen);
  d["statistics"] = Entries(plan.statistics);
  d["frozen_statistics"] = Entries(plan.frozen_statistics);
  d["other"] = Entries(plan.other);
  d["json"] = ToStr(plan.json);
  return d;
}

nb::dict ToDict(const Values& values) {
  const auto number = [](const std::optional<Number>& from) {
    if (!from) return nb::object(nb::none());
    return std::visit(
        [](auto n) {
          if constexpr (std::is_same_v<decltype(n), double>) {
            return nb::object(nb::float_(n));
          } else {
            return nb::object(nb::int_(n));
          }
        },
        *from);
  };
  const auto real = [](const std::optional<double>& from) {
    return from ? nb::object(nb::float_(*from)) : nb::object(nb::none());
  };
  nb::dict d;
  d["min"] = number(values.min);
  d["max"] = number(values.max);
  d["mean"] = real(values.mean);
  d["std"] = real(values.std);
  d["count"] = values.count;
  d["zeros"] = values.zeros;
  d["subnormals"] = values.subnormals;
  d["nan"] = values.nan;
  d["inf"] = values.inf;
  d["digest"] = ToStr(values.digest);
  return d;
}

}  // namespace hoarfrost::python
