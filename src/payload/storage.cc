#include "payload/storage.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/checked.h"
#include "base/text.h"
#include "payload/dtype.h"

namespace hoarfrost::payload {
namespace {

using onnx::AttributeProto;
using onnx::SparseTensorProto;
using onnx::TensorProto;
using wire::PayloadPart;

struct FieldRow {
  int number;
  std::string_view name;
};
constexpr std::array<FieldRow, 6> kTypedFields = {{
    {TensorProto::kFloatDataFieldNumber, "float_data"},
    {TensorProto::kInt32DataFieldNumber, "int32_data"},
    {TensorProto::kStringDataFieldNumber, "string_data"},
    {TensorProto::kInt64DataFieldNumber, "int64_data"},
    {TensorProto::kDoubleDataFieldNumber, "double_data"},
    {TensorProto::kUint64DataFieldNumber, "uint64_data"},
}};

// Which typed field holds values of a type, and how many elements share one entry, or how many
// entries one element takes (complex numbers). From the comments on the fields in onnx-ml.proto.
struct FieldRule {
  int field = 0;  // 0: no field may hold them
  uint64_t elements_per_entry = 1;
  uint64_t entries_per_element = 1;
};

FieldRule RuleFor(int32_t dtype) {
  switch (dtype) {
    case TensorProto::FLOAT:
      return {TensorProto::kFloatDataFieldNumber};
    case TensorProto::COMPLEX64:
      return {TensorProto::kFloatDataFieldNumber, 1, 2};
    case TensorProto::DOUBLE:
      return {TensorProto::kDoubleDataFieldNumber};
    case TensorProto::COMPLEX128:
      return {TensorProto::kDoubleDataFieldNumber, 1, 2};
    case TensorProto::INT64:
      return {TensorProto::kInt64DataFieldNumber};
    case TensorProto::UINT32:
    case TensorProto::UINT64:
      return {TensorProto::kUint64DataFieldNumber};
    case TensorProto::STRING:
      return {TensorProto::kStringDataFieldNumber};
    case TensorProto::UINT4:
    case TensorProto::INT4:
    case TensorProto::FLOAT4E2M1:
      return {TensorProto::kInt32DataFieldNumber, 2};
    case TensorProto::UINT2:
    case TensorProto::INT2:
      return {TensorProto::kInt32DataFieldNumber, 4};
    default:
      return IsKnownDtype(dtype) ? FieldRule{TensorProto::kInt32DataFieldNumber} : FieldRule{};
  }
}

// Entries of one typed field; a range where a chunk of varints was skipped without being counted.
struct Entries {
  uint64_t least = 0;
  uint64_t most = 0;
  bool any = false;

  void Add(const PayloadPart& part) {
    any = any || part.span.length > 0 || part.count > 0;
    if (part.count != PayloadPart::kUnknownCount) {
      least += part.count;
      most += part.count;
    } else {  // a varint takes 1 to 10 bytes
      least += (part.span.length + 9) / 10;
      most += part.span.length;
    }
  }
  std::string Text() const {
    return least == most ? base::WithCommas(least)
                         : fmt::format("{} to {}", base::WithCommas(least), base::WithCommas(most));
  }
};

std::string CountText(uint64_t n, std::string_view noun) {
  return fmt::format("{} {}{}", base::WithCommas(n), noun, n == 1 ? "" : "s");
}

std::string DimsText(const google::protobuf::RepeatedField<int64_t>& dims) {
  std::string text = "[";
  for (int i = 0; i < dims.size(); ++i) {
    if (i == 8) return text + ", ...]";
    text += fmt::format("{}{}", i == 0 ? "" : ", ", dims[i]);
  }
  return text + "]";
}

void CheckDims(const google::protobuf::RepeatedField<int64_t>& dims, StorageReport& report) {
  const std::optional<uint64_t> count = ElementCount(dims);
  report.elements = count.value_or(0);
  if (count) return;
  const auto negative = std::find_if(dims.begin(), dims.end(), [](int64_t d) { return d < 0; });
  report.problems.push_back(
      {ProblemKind::kShape,
       negative != dims.end()
           ? fmt::format("its shape {} has the negative dimension {}", DimsText(dims), *negative)
           : fmt::format("the size of its shape {} overflows 64 bits", DimsText(dims))});
}

// "float32 [4, 3] takes 48 bytes".
std::string Wanted(int32_t dtype, const google::protobuf::RepeatedField<int64_t>& dims,
                   uint64_t bytes) {
  return fmt::format("{} {} takes {}", DtypeName(dtype), DimsText(dims), CountText(bytes, "byte"));
}

void CheckFields(const TensorProto& tensor, const std::array<Entries, 6>& fields, bool shape_known,
                 StorageReport& report) {
  const int32_t dtype = tensor.data_type();
  const FieldRule rule = RuleFor(dtype);
  for (size_t i = 0; i < fields.size(); ++i) {
    if (!fields[i].any) continue;
    const auto& [number, name] = kTypedFields[i];
    if (number != rule.field) {
      if (!IsKnownDtype(dtype)) continue;  // said already: the type itself is the fault
      report.problems.push_back(
          {ProblemKind::kType,
           fmt::format("{} values lie in {}, a field of other types", DtypeName(dtype), name)});
      continue;
    }
    if (!shape_known) continue;
    uint64_t wanted = report.elements / rule.elements_per_entry +
                      (report.elements % rule.elements_per_entry != 0 ? 1 : 0);
    wanted = base::SaturatingMul(wanted, rule.entries_per_element);
    if (wanted < fields[i].least || wanted > fields[i].most) {
      report.problems.push_back(
          {ProblemKind::kSize,
           fmt::format("{} {} takes {} in {}, but there {} {}", DtypeName(dtype),
                       DimsText(tensor.dims()),
                       wanted == 1 ? "1 entry" : base::WithCommas(wanted) + " entries", name,
                       fields[i].most == 1 ? "is" : "are", fields[i].Text())});
    }
  }
}

}  // namespace

std::optional<uint64_t> ElementCount(absl::Span<const int64_t> dims) {
  uint64_t product = 1;
  bool zero = false;
  for (const int64_t d : dims) {
    if (d < 0) return std::nullopt;
    zero = zero || d == 0;
    product = base::SaturatingMul(product, static_cast<uint64_t>(d));
  }
  if (zero) return 0;
  // Sums of counts are signed 64-bit numbers in most places that read ours.
  if (product > uint64_t{1} << 62) return std::nullopt;
  return product;
}

StorageInspector::StorageInspector(const wire::Skeleton& skeleton, std::string directory,
                                   std::string model_file)
    : skeleton_(skeleton), files_(std::move(directory), std::move(model_file)) {}

StorageReport StorageInspector::Describe(const TensorProto& tensor) {
  StorageReport report;
  CheckDims(tensor.dims(), report);
  const bool shape_known = report.problems.empty();
  const int32_t dtype = tensor.data_type();
  if (!IsKnownDtype(dtype)) {
    report.problems.push_back(
        {ProblemKind::kType, dtype == TensorProto::UNDEFINED
                                 ? std::string("its data type is undefined")
                                 : fmt::format("its data type {} is unknown", dtype)});
  }

  const PayloadPart* raw = nullptr;
  std::array<Entries, 6> fields;
  bool typed = false;
  uint64_t typed_bytes = 0;
  for (const PayloadPart& part : skeleton_.PayloadOf(tensor)) {
    if (part.field == TensorProto::kRawDataFieldNumber) {
      raw = &part;
      continue;
    }
    for (size_t i = 0; i < kTypedFields.size(); ++i) {
      if (kTypedFields[i].number == part.field) fields[i].Add(part);
    }
    typed = typed || part.span.length > 0;
    typed_bytes += part.span.length;
  }
  const bool has_raw = raw != nullptr && raw->span.length > 0;

  // Raw data wins where both are given; that is how the field's own comment has it.
  if (has_raw) {
    report.storage.spans.push_back(raw->span);
  } else if (typed) {
    report.storage.kind = StorageKind::kFields;
    for (const PayloadPart& part : skeleton_.PayloadOf(tensor)) {
      if (part.field != TensorProto::kRawDataFieldNumber) report.storage.spans.push_back(part.span);
    }
  }
  const std::optional<uint64_t> packed = PackedBytes(dtype, report.elements);
  if (shape_known && !packed && DtypeBits(dtype)) {
    report.problems.push_back(
        {ProblemKind::kShape, fmt::format("the bytes of {} {} overflow 64 bits", DtypeName(dtype),
                                          DimsText(tensor.dims()))});
  }
  report.bytes = packed.value_or(has_raw ? raw->span.length : typed_bytes);

  if (tensor.has_segment()) {
    report.problems.push_back(
        {ProblemKind::kSize, "it is one segment of a larger tensor, which nothing puts together"});
  }
  if (tensor.data_location() == TensorProto::EXTERNAL) {
    if (has_raw || typed) {
      report.problems.push_back(
          {ProblemKind::kSize, "its data is external, and there is data in the model file too"});
    }
    DescribeExternal(tensor, report);
    return report;
  }
  if (tensor.external_data_size() > 0) {
    report.problems.push_back(
        {ProblemKind::kLocation, "it has external_data, but data_location does not say EXTERNAL"});
  }
  if (has_raw && typed) {
    report.problems.push_back(
        {ProblemKind::kSize, "its values are given twice, in raw_data and in a typed field"});
  }
  if (has_raw) {
    if (dtype == TensorProto::STRING) {
      report.problems.push_back(
          {ProblemKind::kType, "strings lie in raw_data, which cannot hold them"});
    } else if (shape_known && packed && *packed != raw->span.length) {
      report.problems.push_back(
          {ProblemKind::kSize,
           fmt::format("{}, but raw_data holds {}", Wanted(dtype, tensor.dims(), *packed),
                       base::WithCommas(raw->span.length))});
    }
  } else if (typed) {
    CheckFields(tensor, fields, shape_known, report);
  } else if (shape_known && report.elements > 0 && IsKnownDtype(dtype)) {
    report.problems.push_back(
        {ProblemKind::kSize,
         packed ? fmt::format("{}, but it has no data", Wanted(dtype, tensor.dims(), *packed))
                : fmt::format("{} {} has no data", DtypeName(dtype), DimsText(tensor.dims()))});
  }
  return report;
}

void StorageInspector::DescribeExternal(const TensorProto& tensor, StorageReport& report) {
  const ExternalKeys keys = ReadExternalKeys(tensor);
  report.storage.kind = StorageKind::kExternal;
  report.storage.spans.clear();
  report.storage.location = std::string(keys.location);
  report.storage.offset = keys.offset.value_or(0);
  report.storage.length = keys.length;
  for (const std::string& text : keys.problems) {
    report.problems.push_back({ProblemKind::kLocation, text});
  }
  const int32_t dtype = tensor.data_type();
  if (dtype == TensorProto::STRING) {
    report.problems.push_back({ProblemKind::kType, "strings cannot lie in an external file"});
  }
  const std::optional<uint64_t> packed = PackedBytes(dtype, report.elements);
  const bool counted = packed && ElementCount(tensor.dims());
  if (counted && keys.length && *keys.length != *packed) {
    report.problems.push_back(
        {ProblemKind::kSize,
         fmt::format("{}, but its external length is {}", Wanted(dtype, tensor.dims(), *packed),
                     base::WithCommas(*keys.length))});
  }
  const ExternalFile& file = files_.Look(keys.location);
  if (!file.problem.empty()) report.problems.push_back({ProblemKind::kLocation, file.problem});
  if (file.looked_at && !file.present) {
    report.problems.push_back({ProblemKind::kMissingFile, fmt::format("its data file {} is missing",
                                                                      base::Quote(keys.location))});
  }
  if (!file.regular) return;
  const uint64_t length = keys.length.value_or(packed.value_or(0));
  if (base::SaturatingAdd(report.storage.offset, length) > file.size) {
    report.problems.push_back(
        {ProblemKind::kSize,
         fmt::format("its data (offset {}, length {}) goes past the end of {}, which has {}",
                     base::WithCommas(report.storage.offset), base::WithCommas(length),
                     base::Quote(keys.location), CountText(file.size, "byte"))});
  }
}

StorageReport StorageInspector::Describe(const SparseTensorProto& sparse) {
  StorageReport report = Describe(sparse.values());
  const uint64_t stored = report.elements;
  if (sparse.values().dims_size() != 1) {
    report.problems.push_back(
        {ProblemKind::kShape, fmt::format("its sparse values have the shape {} instead of one "
                                          "dimension",
                                          DimsText(sparse.values().dims()))});
  }
  for (Problem& problem : Describe(sparse.indices()).problems) {
    problem.text = "its sparse indices: " + problem.text;
    report.problems.push_back(std::move(problem));
  }
  const auto& index_dims = sparse.indices().dims();
  const bool linear = index_dims.size() == 1;
  const bool tuples = index_dims.size() == 2 && index_dims[1] == sparse.dims_size();
  if ((!linear && !tuples) || index_dims[0] < 0 || static_cast<uint64_t>(index_dims[0]) != stored) {
    report.problems.push_back(
        {ProblemKind::kShape,
         fmt::format("its sparse indices have the shape {} for {} of a tensor of {}",
                     DimsText(index_dims), CountText(stored, "value"),
                     CountText(static_cast<uint64_t>(sparse.dims_size()), "dimension"))});
  }
  CheckDims(sparse.dims(), report);
  return report;
}

std::optional<StorageInspector::AttributeValues> StorageInspector::Describe(
    const AttributeProto& attribute) {
  AttributeValues values;
  const std::string_view name = attribute.name();
  bool list = true;
  int field = 0;
  if (name == "value_float" || name == "value_floats") {
    values.dtype = TensorProto::FLOAT;
    list = name == "value_floats";
    field = AttributeProto::kFloatsFieldNumber;
  } else if (name == "value_int" || name == "value_ints") {
    values.dtype = TensorProto::INT64;
    list = name == "value_ints";
    field = AttributeProto::kIntsFieldNumber;
  } else if (name == "value_string" || name == "value_strings") {
    values.dtype = TensorProto::STRING;
    list = name == "value_strings";
    field = list ? AttributeProto::kStringsFieldNumber : AttributeProto::kSFieldNumber;
  } else {
    return std::nullopt;
  }
  StorageReport& report = values.report;
  report.storage.kind = StorageKind::kFields;
  Entries entries;
  uint64_t found_bytes = 0;
  for (const PayloadPart& part : skeleton_.PayloadOf(attribute)) {
    if (part.field != field || (field != AttributeProto::kSFieldNumber && !list)) continue;
    entries.Add(part);
    found_bytes += part.span.length;
    report.storage.spans.push_back(part.span);
  }
  report.elements = list ? entries.most : 1;
  if (list) values.dims.push_back(static_cast<int64_t>(report.elements));
  report.bytes = PackedBytes(values.dtype, report.elements).value_or(found_bytes);
  return values;
}

StorageReport DescribeStorage(const TensorProto& tensor, const wire::Skeleton& skeleton,
                              const std::string& directory) {
  return StorageInspector(skeleton, directory).Describe(tensor);
}

}  // namespace hoarfrost::payload
