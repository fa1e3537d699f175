// The tensors of a scope: initializers, sparse initializers, Constant nodes.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "model/facts_builder.h"
#include "payload/dtype.h"

namespace hoarfrost::model {
namespace {

bool IsAscii(std::string_view s) {
  return std::none_of(s.begin(), s.end(), [](char c) { return static_cast<uint8_t>(c) >= 0x80; });
}

}  // namespace

void FactsBuilder::AddInitializers(ScopeId scope, const onnx::GraphProto& graph) {
  constexpr int kBatch = 16;
  for (int begin = 0; begin < graph.initializer_size(); begin += kBatch) {
    const int end = std::min(begin + kBatch, graph.initializer_size());
    keys_.clear();
    for (int i = begin; i < end; ++i) {
      keys_.push_back(NameTable::KeyOf(scope, graph.initializer(i).name()));
      facts_.names_.Prefetch(keys_.back());
    }
    for (int i = begin; i < end; ++i) {
      AddInitializer(keys_[static_cast<size_t>(i - begin)], scope, graph.initializer(i));
    }
  }
  for (const onnx::SparseTensorProto& proto : graph.sparse_initializer()) {
    Tensor tensor;
    tensor.name = proto.values().name();
    tensor.scope = scope;
    tensor.source = TensorSource::kSparseInitializer;
    tensor.dtype = proto.values().data_type();
    tensor.dims.assign(proto.dims().begin(), proto.dims().end());
    tensor.stored_elements = payload::ElementCount(proto.values().dims()).value_or(0);
    tensor.proto = &proto.values();
    tensor.sparse = &proto;
    const NameTable::Key key = NameTable::KeyOf(scope, tensor.name);
    AddTensor(key, std::move(tensor), storage_.Describe(proto));
  }
}

void FactsBuilder::AddInitializer(NameTable::Key key, ScopeId scope,
                                  const onnx::TensorProto& proto) {
  Tensor tensor;
  tensor.name = proto.name();
  tensor.scope = scope;
  tensor.source = TensorSource::kInitializer;
  tensor.dtype = proto.data_type();
  tensor.dims.assign(proto.dims().begin(), proto.dims().end());
  tensor.proto = &proto;
  AddTensor(key, std::move(tensor), storage_.Describe(proto));
}

void FactsBuilder::AddConstant(NodeId node, ValueId value) {
  const Node& n = facts_.nodes[static_cast<size_t>(node)];
  Tensor tensor;
  payload::StorageReport report;
  bool found = false;
  for (const onnx::AttributeProto& a : n.proto->attribute()) {
    if (!a.ref_attr_name().empty()) return;  // the caller of the function gives the value
    if (a.name() == "value" && a.has_t()) {
      tensor.dtype = a.t().data_type();
      tensor.dims.assign(a.t().dims().begin(), a.t().dims().end());
      tensor.proto = &a.t();
      report = storage_.Describe(a.t());
    } else if (a.name() == "sparse_value" && a.has_sparse_tensor()) {
      const onnx::SparseTensorProto& sparse = a.sparse_tensor();
      tensor.dtype = sparse.values().data_type();
      tensor.dims.assign(sparse.dims().begin(), sparse.dims().end());
      tensor.stored_elements = payload::ElementCount(sparse.values().dims()).value_or(0);
      tensor.proto = &sparse.values();
      tensor.sparse = &sparse;
      report = storage_.Describe(sparse);
    } else if (auto values = storage_.Describe(a)) {
      tensor.dtype = values->dtype;
      tensor.dims = std::move(values->dims);
      report = std::move(values->report);
    } else {
      continue;
    }
    tensor.attribute = &a;
    found = true;
    break;
  }
  if (!found || value == kNone) {
    notes_.Add(NoteKind::kConstant, Severity::kWarning,
               fmt::format("{} has no {}{}", NodeText(node), found ? "named output" : "value",
                           ScopeText(n.scope)));
    return;
  }
  if (facts_.values[static_cast<size_t>(value)].tensor != kNone) return;  // noted as a duplicate
  tensor.name = facts_.values[static_cast<size_t>(value)].name;
  tensor.scope = n.scope;
  tensor.source = TensorSource::kConstantNode;
  tensor.node = node;
  const NameTable::Key key = NameTable::KeyOf(n.scope, tensor.name);
  AddTensor(key, std::move(tensor), std::move(report));
}

TensorId FactsBuilder::AddTensor(NameTable::Key key, Tensor tensor, payload::StorageReport report) {
  auto id = static_cast<TensorId>(facts_.tensors.size());
  tensor.elements = report.elements;
  tensor.bytes = report.bytes;
  tensor.storage = std::move(report.storage);
  if (tensor.name.empty()) {
    notes_.Add(NoteKind::kName, Severity::kWarning,
               fmt::format("an initializer of shape [{}] has an empty name{}: nothing can read it",
                           fmt::join(tensor.dims, ", "), ScopeText(tensor.scope)));
    tensor.value = NewValue(tensor.scope, tensor.name);
  } else {
    tensor.value = Define(key, tensor.scope, tensor.name).first;
    if (!IsAscii(tensor.name) && !base::IsValidUtf8(tensor.name)) {
      notes_.Add(NoteKind::kName, Severity::kInfo,
                 fmt::format("the name of tensor {}{} is no valid UTF-8", base::Quote(tensor.name),
                             ScopeText(tensor.scope)));
    }
  }
  NoteProblems(tensor, report);
  Value& value = facts_.values[static_cast<size_t>(tensor.value)];
  if (value.is_input) CompareWithInput(tensor);
  if (value.tensor != kNone) {
    notes_.Add(NoteKind::kDuplicate, Severity::kWarning,
               fmt::format("two initializers have the same name {}{}; the last counts",
                           base::Quote(tensor.name), ScopeText(tensor.scope)));
    id = value.tensor;
    facts_.tensors[static_cast<size_t>(id)] = std::move(tensor);
    return id;
  }
  value.tensor = id;
  facts_.tensors.push_back(std::move(tensor));
  return id;
}

void FactsBuilder::NoteProblems(const Tensor& tensor, const payload::StorageReport& report) {
  for (const payload::Problem& problem : report.problems) {
    const bool missing = problem.kind == payload::ProblemKind::kMissingFile;
    if (!missing && !notes_.Wants(NoteKind::kTensor)) {
      notes_.Skip(NoteKind::kTensor);
      continue;
    }
    std::string who = fmt::format("tensor {}{}", base::Quote(tensor.name), ScopeText(tensor.scope));
    if (!missing) {
      notes_.Add(NoteKind::kTensor, Severity::kWarning, fmt::format("{}: {}", who, problem.text));
      continue;
    }
    const std::string location = base::Quote(tensor.storage.location);
    const auto [place, fresh] = missing_index_.try_emplace(location, missing_.size());
    if (fresh) missing_.push_back({location, {std::move(who), 0}});
    ++missing_[place->second].second.tensors;
  }
}

void FactsBuilder::CompareWithInput(const Tensor& tensor) {
  const Value& value = facts_.values[static_cast<size_t>(tensor.value)];
  if (value.info == nullptr || !value.info->type().has_tensor_type()) return;
  const onnx::TypeProto::Tensor& type = value.info->type().tensor_type();
  bool same = type.elem_type() == 0 || type.elem_type() == tensor.dtype;
  std::string declared = payload::DtypeName(type.elem_type());
  if (type.has_shape()) {
    const auto& shape = type.shape();
    same = same && static_cast<size_t>(shape.dim_size()) == tensor.dims.size();
    for (int i = 0; same && i < shape.dim_size(); ++i) {
      same = !shape.dim(i).has_dim_value() ||
             shape.dim(i).dim_value() == tensor.dims[static_cast<size_t>(i)];
    }
    declared += " [";
    for (int i = 0; i < shape.dim_size() && i < 8; ++i) {
      declared +=
          fmt::format("{}{}", i == 0 ? "" : ", ",
                      shape.dim(i).has_dim_value() ? fmt::to_string(shape.dim(i).dim_value())
                                                   : base::Escape(shape.dim(i).dim_param()));
    }
    declared += "]";
  }
  if (same) return;
  notes_.Add(NoteKind::kType, Severity::kWarning,
             fmt::format("graph input {}{} is declared {}, but the initializer of that name is {} "
                         "[{}]",
                         base::Quote(tensor.name), ScopeText(tensor.scope), declared,
                         payload::DtypeName(tensor.dtype), fmt::join(tensor.dims, ", ")));
}

}  // namespace hoarfrost::model
