#include "compare/rewrite_payload.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "base/text.h"
#include "compare/compare_items.h"
#include "compare/locate.h"
#include "payload/dtype.h"
#include "wire/cursor.h"
#include "wire/field_scan.h"

namespace hoarfrost::compare {
namespace {

using onnx::AttributeProto;
using onnx::TensorProto;
using wire::PayloadEncoding;
using wire::PayloadPart;

constexpr size_t kBlock = size_t{1} << 18;

bool IsFixed(int field, bool of_attribute) {
  if (of_attribute) return field == AttributeProto::kFloatsFieldNumber;
  return field == TensorProto::kFloatDataFieldNumber ||
         field == TensorProto::kDoubleDataFieldNumber;
}

// The values of int32_data and the like: each as a varint, negative ones in ten bytes.
std::string Varints(std::string_view elements, int32_t dtype) {
  const auto width = static_cast<size_t>(payload::DtypeBits(dtype).value_or(8)) / 8;
  const bool is_signed =
      dtype == TensorProto::INT8 || dtype == TensorProto::INT16 || dtype == TensorProto::INT32;
  std::string out;
  for (size_t at = 0; at < elements.size(); at += width) {
    uint64_t value = 0;
    std::memcpy(&value, elements.data() + at, width);
    if (is_signed && (value >> (8 * width - 1)) != 0) value |= ~uint64_t{0} << (8 * width);
    wire::PutVarint(value, out);
  }
  return out;
}

}  // namespace

absl::Status PayloadRewrite::Replace(size_t i, size_t j) {
  const model::Tensor& tensor = base_.model()->facts.tensors[i];
  const uint64_t bytes =
      *payload::PackedBytes(tensor.dtype, tensor.stored_elements.value_or(tensor.elements));
  if (tensor.storage.kind == payload::StorageKind::kExternal) {
    data_[tensor.storage.location].push_back({{tensor.storage.offset, bytes}, i, j});
    return absl::OkStatus();
  }
  if (tensor.storage.kind == payload::StorageKind::kInline) {
    for (const wire::Span& span : tensor.storage.spans) model_.push_back({span, i, j});
    return absl::OkStatus();
  }
  const bool of_attribute = tensor.proto == nullptr;
  const auto parts = of_attribute ? base_.model()->skeleton->PayloadOf(*tensor.attribute)
                                  : base_.model()->skeleton->PayloadOf(*tensor.proto);
  // An empty raw_data may stand beside the typed field.
  std::vector<PayloadPart> typed;
  for (const PayloadPart& part : parts) {
    if (of_attribute || part.field != TensorProto::kRawDataFieldNumber) typed.push_back(part);
  }
  const bool in_place =
      !typed.empty() && std::all_of(typed.begin(), typed.end(), [&](const auto& p) {
        return p.encoding == PayloadEncoding::kPacked && IsFixed(p.field, of_attribute);
      });
  if (!in_place) return Encode(i, j);
  for (const PayloadPart& part : typed) model_.push_back({part.span, i, j});
  return absl::OkStatus();
}

// One packed field where the first value was, and nothing where the others were.
absl::Status PayloadRewrite::Encode(size_t i, size_t j) {
  const model::Tensor& tensor = base_.model()->facts.tensors[i];
  const absl::StatusOr<wire::FieldPath> path =
      PathOf(base_.model()->facts, static_cast<model::TensorId>(i));
  if (!path.ok()) return path.status();
  absl::StatusOr<std::string> values = ReadAll(j);
  if (!values.ok()) return values.status();
  const bool of_attribute = tensor.proto == nullptr;
  if (of_attribute && tensor.attribute->name() == "value_float") {
    wire::Edit edit;
    edit.path = *path;
    edit.kind = wire::EditKind::kAppend;
    if (tensor.attribute->has_f()) {
      edit.kind = wire::EditKind::kReplace;
      edit.path.push_back({AttributeProto::kFFieldNumber, wire::kLast});
    }
    constexpr char kTag = AttributeProto::kFFieldNumber << 3 | 5;
    edit.bytes = kTag + *values;
    edits_.push_back(std::move(edit));
    return absl::OkStatus();
  }
  const auto parts = of_attribute ? base_.model()->skeleton->PayloadOf(*tensor.attribute)
                                  : base_.model()->skeleton->PayloadOf(*tensor.proto);
  int field = 0;
  uint64_t occurrences = 0;
  for (const PayloadPart& part : parts) {
    if (!of_attribute && part.field == TensorProto::kRawDataFieldNumber) continue;
    field = part.field;
    occurrences += part.encoding == PayloadEncoding::kPacked ? 1 : part.count;
  }
  if (occurrences == 0) return absl::InternalError("nothing is stored where values are to go");
  std::string packed;
  wire::AppendBytesField(static_cast<uint64_t>(field),
                         IsFixed(field, of_attribute) ? *values : Varints(*values, tensor.dtype),
                         packed);
  for (uint64_t n = 0; n < occurrences; ++n) {
    wire::Edit edit;
    edit.kind = n == 0 ? wire::EditKind::kReplace : wire::EditKind::kErase;
    edit.path = *path;
    edit.path.push_back({static_cast<uint32_t>(field), static_cast<uint32_t>(n)});
    if (n == 0) edit.bytes = std::move(packed);
    edits_.push_back(std::move(edit));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> PayloadRewrite::ReadAll(size_t j) const {
  auto stream = tuned_.Open(j);
  if (!stream.ok()) return stream.status();
  std::string bytes;
  while (true) {
    const size_t before = bytes.size();
    bytes.resize(before + kBlock);
    const absl::StatusOr<size_t> got = (*stream)->Read(bytes.data() + before, kBlock);
    if (!got.ok()) return got.status();
    bytes.resize(before + *got);
    if (*got < kBlock) return bytes;
  }
}

absl::Status PayloadRewrite::Prepare() {
  const auto by_place = [](const Patch& a, const Patch& b) { return a.old.offset < b.old.offset; };
  std::stable_sort(model_.begin(), model_.end(), by_place);
  for (auto& [location, patches] : data_)
    std::stable_sort(patches.begin(), patches.end(), by_place);
  if (absl::Status apart = CheckShared(); !apart.ok()) return apart;
  absl::StatusOr<std::vector<wire::Change>> changes = wire::FindChanges(base_.source(), edits_);
  if (!changes.ok()) return changes.status();
  changes_ = *std::move(changes);
  return absl::OkStatus();
}

// Several tensors may name one range of a data file. Where all of them get the same values it is
// written once; else a tensor would change that must not.
absl::Status PayloadRewrite::CheckShared() {
  struct User {
    wire::Span range;
    size_t item;
  };
  const model::Facts& facts = base_.model()->facts;
  absl::flat_hash_map<std::string, std::vector<User>> users;
  for (size_t i = 0; i < facts.tensors.size(); ++i) {
    const payload::Storage& storage = facts.tensors[i].storage;
    if (storage.kind != payload::StorageKind::kExternal || !data_.contains(storage.location)) {
      continue;
    }
    const uint64_t bytes = storage.length.value_or(facts.tensors[i].bytes);
    if (bytes > 0) users[storage.location].push_back({{storage.offset, bytes}, i});
  }
  ItemComparer comparer;
  for (auto& [location, patches] : data_) {
    std::vector<User>& all = users[location];
    std::stable_sort(all.begin(), all.end(),
                     [](const User& a, const User& b) { return a.range.offset < b.range.offset; });
    absl::flat_hash_map<size_t, size_t> values;  // by item of the base
    for (const Patch& patch : patches) values[patch.item] = patch.values;
    // `owner` is the one whose range reaches furthest so far.
    const User* owner = nullptr;
    for (const User& user : all) {
      if (owner != nullptr && user.range.offset < owner->range.offset + owner->range.length) {
        const auto x = values.find(owner->item);
        const auto y = values.find(user.item);
        bool same = x == values.end() && y == values.end();
        if (x != values.end() && y != values.end() && user.range == owner->range) {
          const absl::StatusOr<Likeness> likeness =
              comparer.Compare(tuned_, x->second, tuned_, y->second, false);
          if (!likeness.ok()) return likeness.status();
          same = likeness->same_values();
        }
        if (!same) {
          return absl::FailedPreconditionError(fmt::format(
              "{}: tensors {} and {} share bytes of data file {} and would get different values",
              base::Escape(base_.name()), base::Quote(base_.items()[owner->item].name),
              base::Quote(base_.items()[user.item].name), base::Quote(location)));
        }
      }
      const bool further = owner == nullptr || user.range.offset + user.range.length >
                                                   owner->range.offset + owner->range.length;
      if (further) owner = &user;
    }
    patches.erase(std::unique(patches.begin(), patches.end(),
                              [](const Patch& a, const Patch& b) { return a.old == b.old; }),
                  patches.end());
  }
  return absl::OkStatus();
}

uint64_t PayloadRewrite::size() const {
  uint64_t size = base_.source().size();
  for (const wire::Change& change : changes_) size = size + change.bytes.size() - change.old.length;
  return size;
}

absl::Status PayloadRewrite::WriteModel(wire::AtomicFile& file) const {
  return Write(changes_, model_, base_.source(), file);
}

absl::Status PayloadRewrite::WriteDataFile(const std::string& location,
                                           const wire::ByteSource& source,
                                           wire::AtomicFile& file) const {
  return Write({}, data_.at(location), source, file);
}

absl::Status PayloadRewrite::Write(const std::vector<wire::Change>& changes,
                                   const std::vector<Patch>& patches,
                                   const wire::ByteSource& source, wire::AtomicFile& file) const {
  // A tensor in several chunks is one stream; its chunks are in the order of its elements.
  absl::flat_hash_map<size_t, std::unique_ptr<payload::ElementStream>> streams;
  absl::flat_hash_map<size_t, size_t> chunks;
  for (const Patch& patch : patches) ++chunks[patch.item];
  const auto block = std::make_unique<char[]>(kBlock);
  uint64_t at = 0;
  const auto keep_until = [&](uint64_t offset) {
    const wire::Span kept = {at, offset - at};
    at = offset;
    return kept.length == 0 ? absl::OkStatus() : file.AppendRange(source, kept);
  };
  size_t c = 0;
  size_t p = 0;
  while (c < changes.size() || p < patches.size()) {
    if (p == patches.size() ||
        (c < changes.size() && changes[c].old.offset <= patches[p].old.offset)) {
      const wire::Change& change = changes[c++];
      if (absl::Status kept = keep_until(change.old.offset); !kept.ok()) return kept;
      if (absl::Status written = file.Append(change.bytes); !written.ok()) return written;
      at = change.old.offset + change.old.length;
      continue;
    }
    const Patch& patch = patches[p++];
    if (absl::Status kept = keep_until(patch.old.offset); !kept.ok()) return kept;
    std::unique_ptr<payload::ElementStream>& stream = streams[patch.item];
    if (stream == nullptr) {
      auto opened = tuned_.Open(patch.values);
      if (!opened.ok()) return opened.status();
      stream = *std::move(opened);
    }
    for (uint64_t left = patch.old.length; left > 0;) {
      const auto n = static_cast<size_t>(std::min<uint64_t>(left, kBlock));
      const absl::StatusOr<size_t> got = stream->Read(block.get(), n);
      if (!got.ok()) return got.status();
      if (*got != n) {
        return absl::DataLossError(fmt::format("{}: the file became shorter while it was read",
                                               base::Escape(tuned_.name())));
      }
      if (absl::Status written = file.Append({block.get(), n}); !written.ok()) return written;
      left -= n;
    }
    at += patch.old.length;
    if (--chunks[patch.item] == 0) streams.erase(patch.item);
  }
  return keep_until(source.size());
}

}  // namespace hoarfrost::compare
