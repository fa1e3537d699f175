#include "wire/splice.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "wire/field_scan.h"

namespace hoarfrost::wire {
namespace {

constexpr uint64_t kProtobufLimit = (uint64_t{1} << 31) - 1;

std::string PathText(const FieldPath& path) {
  std::string text;
  for (const PathStep& step : path) {
    text += fmt::format("{}{}", text.empty() ? "" : ".", step.field);
    if (step.ordinal == kMerged) continue;
    text += step.ordinal == kLast ? "[last]" : fmt::format("[{}]", step.ordinal);
  }
  return text.empty() ? "the top level" : fmt::format("field {}", text);
}

// The paths of all edits as a tree. A target stands for a message or field that some path names.
struct Target {
  struct Child {
    uint32_t ordinal;
    std::unique_ptr<Target> target;
  };
  // The children of one field number, by ordinal; kMerged and kLast sort last.
  struct Field {
    uint32_t number;
    std::vector<Child> children;
    uint32_t seen = 0;   // occurrences met, over all parts of the parent
    uint32_t count = 0;  // occurrences there are: known after the counting walk
    size_t next = 0;     // children before it have been met
  };

  std::vector<Field> fields;
  std::vector<size_t> inserts;
  std::vector<size_t> appends;
  size_t taken_by = Change::kLength;  // the edit that erases or replaces this
  const FieldPath* path = nullptr;    // of an edit here or beneath, for messages
  uint32_t parts = 0;                 // of a merged message: met so far
  uint32_t part_count = 0;
  bool met = false;

  Field* FieldOf(uint64_t number) {
    for (Field& field : fields) {
      if (field.number == number) return &field;
    }
    return nullptr;
  }
  bool has_children() const { return !fields.empty() || !appends.empty(); }
};

class Splicer {
 public:
  Splicer(const ByteSource& source, absl::Span<const Edit> edits)
      : source_(source), edits_(edits), scan_(source) {}

  absl::StatusOr<std::vector<Change>> Run() {
    if (absl::Status planted = Plant(); !planted.ok()) return planted;
    // Whether an occurrence is the last of its kind is known only behind it.
    if (needs_count_) {
      emit_ = false;
      if (absl::Status walked = Walk(); !walked.ok()) return walked;
      ResetAfterCount();
    }
    emit_ = true;
    if (absl::Status walked = Walk(); !walked.ok()) return walked;
    if (absl::Status met = CheckAllMet(); !met.ok()) return met;
    // Lengths are known only behind what they enclose. A stable sort keeps an insertion at the end
    // of an inner message before what follows at the same place.
    std::stable_sort(changes_.begin(), changes_.end(),
                     [](const Change& a, const Change& b) { return a.old.offset < b.old.offset; });
    return std::move(changes_);
  }

 private:
  struct Frame {
    Target* target;
    uint64_t at;
    uint64_t end;
    Span length_bytes;  // of this part; empty at the top level
    int64_t growth = 0;
  };

  absl::Status Conflict(const FieldPath& path) const {
    return absl::InvalidArgumentError(fmt::format("{}: two edits want the same bytes, {}",
                                                  base::Escape(source_.name()), PathText(path)));
  }

  absl::Status Plant() {
    for (size_t e = 0; e < edits_.size(); ++e) {
      const Edit& edit = edits_[e];
      Target* target = &root_;
      for (const PathStep& step : edit.path) {
        if (target->taken_by != Change::kLength) return Conflict(edit.path);
        target = Descend(*target, step);
        if (target == nullptr) return Conflict(edit.path);
        if (target->path == nullptr) target->path = &edit.path;
      }
      if (edit.path.empty() && edit.kind != EditKind::kAppend) return Conflict(edit.path);
      switch (edit.kind) {
        case EditKind::kAppend:
          if (target->taken_by != Change::kLength) return Conflict(edit.path);
          target->appends.push_back(e);
          needs_count_ |= !edit.path.empty();
          break;
        case EditKind::kInsertBefore:
          target->inserts.push_back(e);
          break;
        case EditKind::kErase:
        case EditKind::kReplace:
          if (target->taken_by != Change::kLength || target->has_children()) {
            return Conflict(edit.path);
          }
          target->taken_by = e;
          break;
      }
    }
    return absl::OkStatus();
  }

  // Null where one path counts occurrences and another takes them together, or the last.
  Target* Descend(Target& parent, const PathStep& step) {
    needs_count_ |= step.ordinal == kLast;
    Target::Field* field = parent.FieldOf(step.field);
    if (field == nullptr) {
      parent.fields.push_back({.number = step.field, .children = {}});
      field = &parent.fields.back();
    }
    auto& children = field->children;
    // Edits usually come in order, so the place is most often the end.
    auto place = children.end();
    if (!children.empty() && children.back().ordinal >= step.ordinal) {
      place = std::lower_bound(
          children.begin(), children.end(), step.ordinal,
          [](const Target::Child& child, uint32_t ordinal) { return child.ordinal < ordinal; });
    }
    if (place == children.end() || place->ordinal != step.ordinal) {
      place = children.insert(place, {step.ordinal, std::make_unique<Target>()});
    }
    const bool mixed = children.size() > 1 && children.back().ordinal >= kMerged;
    return mixed ? nullptr : place->target.get();
  }

  // Calls `visit` on every target, parents first.
  template <typename Visit>
  void ForEachTarget(Visit visit) {
    std::vector<Target*> todo = {&root_};
    while (!todo.empty()) {
      Target* target = todo.back();
      todo.pop_back();
      visit(*target);
      for (Target::Field& field : target->fields) {
        for (Target::Child& child : field.children) todo.push_back(child.target.get());
      }
    }
  }

  void ResetAfterCount() {
    ForEachTarget([](Target& target) {
      target.part_count = std::exchange(target.parts, 0);
      target.met = false;
      for (Target::Field& field : target.fields) {
        field.count = std::exchange(field.seen, 0);
        field.next = 0;
      }
    });
  }

  absl::Status CheckAllMet() {
    const FieldPath* missing = nullptr;
    root_.met = true;
    ForEachTarget([&](Target& target) {
      if (!target.met && missing == nullptr) missing = target.path;
    });
    if (missing == nullptr) return absl::OkStatus();
    return absl::NotFoundError(
        fmt::format("{}: no {}", base::Escape(source_.name()), PathText(*missing)));
  }

  // The target that the next occurrence of `field` is, or null.
  Target* NextTarget(Target::Field& field) {
    const uint32_t ordinal = field.seen++;
    while (field.next < field.children.size() && field.children[field.next].ordinal < ordinal) {
      ++field.next;
    }
    if (field.next == field.children.size()) return nullptr;
    Target::Child& child = field.children[field.next];
    const bool hit = child.ordinal == ordinal || child.ordinal == kMerged ||
                     (child.ordinal == kLast && ordinal + 1 == field.count);
    return hit ? child.target.get() : nullptr;
  }

  void Add(Frame& frame, Change change) {
    frame.growth += static_cast<int64_t>(change.size()) - static_cast<int64_t>(change.old.length);
    if (emit_) changes_.push_back(std::move(change));
  }

  void AddEdit(Frame& frame, Span old, size_t edit) {
    Add(frame, {old, edits_[edit].bytes, edit, edits_[edit].insets});
  }

  absl::Status Walk() {
    std::vector<Frame> stack;
    stack.push_back({&root_, 0, source_.size(), {}});
    FieldAt field;
    while (true) {
      Frame& frame = stack.back();
      // A message whose only edits are appends need not be walked.
      if (frame.at < frame.end && !frame.target->fields.empty()) {
        if (absl::Status read = scan_.Read(frame.at, frame.end, field); !read.ok()) return read;
        frame.at = field.end;
        Target::Field* fields = frame.target->FieldOf(field.number);
        Target* target = fields != nullptr ? NextTarget(*fields) : nullptr;
        if (target == nullptr) continue;
        target->met = true;
        for (const size_t e : target->inserts) AddEdit(frame, {field.begin, 0}, e);
        if (target->taken_by != Change::kLength) AddEdit(frame, field.whole(), target->taken_by);
        if (!target->has_children()) continue;
        if (field.type != WireType::kBytes) {
          return absl::InvalidArgumentError(fmt::format("{}: byte {}: {} is no message",
                                                        base::Escape(source_.name()), field.begin,
                                                        PathText(*target->path)));
        }
        ++target->parts;
        stack.push_back({target, field.content, field.end, field.length_bytes});
        continue;
      }
      Target& target = *frame.target;
      if (emit_ && (target.parts == target.part_count)) {
        for (const size_t e : target.appends) AddEdit(frame, {frame.end, 0}, e);
      }
      if (stack.size() == 1) return CheckSize(source_.size(), frame.growth, {});
      if (frame.growth != 0) {
        absl::Status mended = MendLength(frame, stack.size() - 1, stack[stack.size() - 2]);
        if (!mended.ok()) return mended;
      }
      stack.pop_back();
    }
  }

  absl::Status MendLength(const Frame& frame, size_t depth, Frame& parent) {
    const uint64_t begin = frame.length_bytes.offset + frame.length_bytes.length;
    const uint64_t old_length = frame.end - begin;
    const auto new_length = static_cast<uint64_t>(static_cast<int64_t>(old_length) + frame.growth);
    const FieldPath path(frame.target->path->begin(),
                         frame.target->path->begin() + static_cast<ptrdiff_t>(depth));
    absl::Status size = CheckSize(old_length, frame.growth, path);
    if (!size.ok()) return size;
    const size_t was = frame.length_bytes.length;
    const size_t needs = VarintSize(new_length);
    const bool padded = was > VarintSize(old_length) && was >= needs;
    std::string now(padded ? was : needs, '\0');
    PutVarint(new_length, now.size(), now.data());
    Add(parent, {frame.length_bytes, std::move(now), Change::kLength});
    parent.growth += frame.growth;
    return absl::OkStatus();
  }

  absl::Status CheckSize(uint64_t old_size, int64_t growth, const FieldPath& path) const {
    const auto new_size = static_cast<uint64_t>(static_cast<int64_t>(old_size) + growth);
    return CheckGrowth(path.empty() ? source_.name() : source_.name() + ": " + PathText(path),
                       old_size, new_size);
  }

  const ByteSource& source_;
  absl::Span<const Edit> edits_;
  FieldScan scan_;
  Target root_;
  bool needs_count_ = false;
  bool emit_ = false;
  std::vector<Change> changes_;
};

}  // namespace

absl::Status CheckGrowth(const std::string& name, uint64_t old_size, uint64_t new_size) {
  if (new_size <= kProtobufLimit || old_size > kProtobufLimit) return absl::OkStatus();
  return absl::ResourceExhaustedError(fmt::format(
      "{}: the result would have {} bytes, and protobuf readers take at most {}; move weights to "
      "external data first (onnx.save with save_as_external_data=True does it)",
      base::Escape(name), base::WithCommas(new_size), base::WithCommas(kProtobufLimit)));
}

absl::StatusOr<std::vector<Change>> FindChanges(const ByteSource& source,
                                                absl::Span<const Edit> edits) {
  return Splicer(source, edits).Run();
}

uint64_t Change::size() const {
  uint64_t size = bytes.size();
  for (const Inset& inset : insets) size += inset.from.length;
  return size;
}

Rope ApplyChanges(uint64_t source_size, const std::vector<Change>& changes) {
  Rope rope;
  uint64_t at = 0;
  for (const Change& change : changes) {
    rope.AppendRange({at, change.old.offset - at});
    const std::string_view bytes = change.bytes;
    size_t from = 0;
    for (const Inset& inset : change.insets) {
      rope.AppendLiteral(bytes.substr(from, inset.at - from));
      rope.AppendRange(inset.from);
      from = inset.at;
    }
    rope.AppendLiteral(bytes.substr(from));
    at = change.old.offset + change.old.length;
  }
  rope.AppendRange({at, source_size - at});
  return rope;
}

}  // namespace hoarfrost::wire
