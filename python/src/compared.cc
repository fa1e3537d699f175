#include "compared.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "text.h"
#include "words.h"

namespace hoarfrost::python {
namespace {

namespace nb = nanobind;

// As many of a kind as the command lists.
constexpr size_t kShownOfAKind = 10;

const char* Word(Answer answer) {
  switch (answer) {
    case Answer::kYes:
      return "yes";
    case Answer::kNo:
      return "no";
    case Answer::kUnknown:
      return "unknown";
  }
  return "";
}

const char* Word(PlanList list) {
  switch (list) {
    case PlanList::kTrainable:
      return "trainable";
    case PlanList::kFrozen:
      return "frozen";
    case PlanList::kStatistics:
      return "statistics";
    case PlanList::kFrozenStatistics:
      return "frozen_statistics";
  }
  return "";
}

const char* Word(FindingKind kind) {
  switch (kind) {
    case FindingKind::kMoved:
      return "moved";
    case FindingKind::kMissing:
      return "missing";
    case FindingKind::kRetyped:
      return "retyped";
    case FindingKind::kUnreadable:
      return "unreadable";
    case FindingKind::kUnchanged:
      return "unchanged";
    case FindingKind::kReshaped:
      return "reshaped";
    case FindingKind::kRenamed:
      return "renamed";
    case FindingKind::kNotStored:
      return "not_stored";
  }
  return "";
}

const char* Word(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::kChanged:
      return "changed";
    case ChangeKind::kReshaped:
      return "reshaped";
    case ChangeKind::kCast:
      return "cast";
    case ChangeKind::kRenamed:
      return "renamed";
    case ChangeKind::kAdded:
      return "added";
    case ChangeKind::kRemoved:
      return "removed";
    case ChangeKind::kUnreadable:
      return "unreadable";
  }
  return "";
}

const char* SeverityOf(const Finding& finding) {
  if (finding.failure) return "failure";
  return finding.kind == FindingKind::kUnreadable ? "unknown" : "warning";
}

template <typename Item, typename Convert>
nb::tuple ToTuple(const std::vector<Item>& items, const Convert& convert) {
  nb::list list;
  for (const Item& item : items) list.append(convert(item));
  return nb::tuple(list);
}

template <typename T>
nb::object NumberOrNone(const std::optional<T>& value) {
  return value ? nb::cast(*value) : nb::none();
}

nb::object TextOrNone(const std::string& text) {
  return text.empty() ? nb::none() : nb::object(ToStr(text));
}

nb::dict ToDict(const ComparedTensor& tensor) {
  nb::dict d;
  d["name"] = ToStr(tensor.name);
  d["scope"] = ToStr(tensor.scope);
  d["dtype"] = ToStr(tensor.dtype);
  d["shape"] = ToTuple(tensor.shape, [](int64_t dim) { return nb::int_(dim); });
  d["role"] = tensor.role ? nb::object(nb::str(RoleWord(*tensor.role))) : nb::none();
  d["layer"] = TextOrNone(tensor.layer);
  return d;
}

nb::dict ToDict(const Difference& difference) {
  nb::dict d;
  d["elements"] = difference.elements;
  d["changed"] = difference.changed;
  d["max_abs"] = NumberOrNone(difference.max_abs);
  d["max_ulps"] = NumberOrNone(difference.max_ulps);
  d["not_finite"] = difference.not_finite;
  d["signed_zeros"] = difference.signed_zeros;
  d["first"] = NumberOrNone(difference.first);
  return d;
}

template <typename T>
nb::object DictOrNone(const std::optional<T>& value) {
  return value ? nb::object(ToDict(*value)) : nb::none();
}

nb::dict ToDict(const Finding& finding) {
  nb::dict d;
  d["kind"] = Word(finding.kind);
  d["severity"] = SeverityOf(finding);
  d["list"] = Word(finding.list);
  d["expected"] = ToDict(finding.expected);
  d["found"] = DictOrNone(finding.found);
  d["difference"] = DictOrNone(finding.difference);
  d["text"] = ToStr(finding.text);
  return d;
}

nb::dict ToDict(const VerifyCount& count) {
  nb::dict d;
  d["tensors"] = count.tensors;
  d["identical"] = count.identical;
  d["changed"] = count.changed;
  return d;
}

nb::dict ToDict(const TensorChange& change) {
  nb::dict d;
  d["kind"] = Word(change.kind);
  d["a"] = DictOrNone(change.a);
  d["b"] = DictOrNone(change.b);
  d["difference"] = DictOrNone(change.difference);
  d["text"] = ToStr(change.text);
  return d;
}

nb::dict ToDict(const OperatorChange& change) {
  nb::dict d;
  d["domain"] = ToStr(change.domain);
  d["op_type"] = ToStr(change.op_type);
  d["a"] = change.a;
  d["b"] = change.b;
  return d;
}

nb::dict ToDict(const ValueChange& change) {
  nb::dict d;
  d["name"] = ToStr(change.name);
  d["a"] = TextOrNone(change.a);
  d["b"] = TextOrNone(change.b);
  return d;
}

nb::dict ToDict(const MergedTensor& merged) {
  nb::dict d;
  d["tensor"] = ToDict(merged.tensor);
  d["difference"] = ToDict(merged.difference);
  return d;
}

template <typename Item>
nb::tuple Dicts(const std::vector<Item>& items) {
  return ToTuple(items, [](const Item& item) { return ToDict(item); });
}

// What every result has besides its own fields.
template <typename Result>
void AddWords(const Result& result, nb::dict& d) {
  d["json"] = ToStr(ToJson(result));
  d["text"] = ToStr(ToText(result, kShownOfAKind));
}

}  // namespace

nb::dict ToDict(const VerifyResult& result) {
  nb::dict d;
  d["frozen_file"] = ToStr(result.frozen_file);
  d["tuned_file"] = ToStr(result.tuned_file);
  d["answer"] = Word(result.answer);
  d["trainable"] = ToDict(result.trainable);
  d["frozen"] = ToDict(result.frozen);
  d["statistics"] = ToDict(result.statistics);
  d["frozen_statistics"] = ToDict(result.frozen_statistics);
  d["findings"] = Dicts(result.findings);
  AddWords(result, d);
  return d;
}

nb::dict ToDict(const DiffResult& result) {
  nb::dict d;
  d["a_file"] = ToStr(result.a_file);
  d["b_file"] = ToStr(result.b_file);
  d["answer"] = Word(result.equal);
  d["equal_tensors"] = result.equal_tensors;
  d["tensors"] = Dicts(result.tensors);
  d["graphs_compared"] = result.graphs_compared;
  d["operators"] = Dicts(result.operators);
  d["inputs"] = Dicts(result.inputs);
  d["outputs"] = Dicts(result.outputs);
  AddWords(result, d);
  return d;
}

nb::dict ToDict(const MergeResult& result) {
  nb::dict d;
  d["base_file"] = ToStr(result.base_file);
  d["tuned_file"] = ToStr(result.tuned_file);
  d["output"] = ToStr(result.output);
  d["bytes"] = result.bytes;
  d["merged"] = Dicts(result.merged);
  d["unchanged"] = result.unchanged;
  d["missing"] = Dicts(result.missing);
  d["kept"] = Dicts(result.kept);
  d["data_files"] = ToTuple(result.data_files, [](const std::string& file) { return ToStr(file); });
  AddWords(result, d);
  return d;
}

}  // namespace hoarfrost::python
