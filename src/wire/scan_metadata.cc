// Entries of metadata_props: whether the value stays depends on the key.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "wire/scanner.h"

namespace hoarfrost::wire {
namespace {

constexpr char kKeyTag = static_cast<char>(MakeTag(1, TagType::kLength));
constexpr char kValueTag = static_cast<char>(MakeTag(2, TagType::kLength));

// A longer key is none that has a rule of its own.
constexpr size_t kLongestKey = 127;

// An entry in its usual spelling: a key, then a value, and nothing else.
struct UsualEntry {
  std::string_view key;
  std::string_view key_field;  // with its tag and length
  uint64_t value_bytes = 0;
};

// Reads such an entry of `length` bytes, of which `bytes` are the first; false when it is not one,
// or its key is not all there.
bool ReadUsual(std::string_view bytes, uint64_t length, UsualEntry& entry) {
  if (bytes.size() < 2 || bytes[0] != kKeyTag) return false;
  const auto key_bytes = static_cast<uint8_t>(bytes[1]);
  if (key_bytes > kLongestKey || bytes.size() < size_t{2} + key_bytes + 1 + 10) return false;
  entry.key = bytes.substr(2, key_bytes);
  entry.key_field = bytes.substr(0, size_t{2} + key_bytes);
  const char* p = bytes.data() + entry.key_field.size();
  if (*p != kValueTag) return false;
  const char* value = DecodeVarint(p + 1, entry.value_bytes);
  if (value == nullptr || value - (p + 1) > static_cast<ptrdiff_t>(kMaxLengthWidth)) return false;
  const auto head = static_cast<uint64_t>(value - bytes.data());
  return head <= length && entry.value_bytes == length - head;
}

}  // namespace

bool Scanner::Metadata(uint64_t start, uint32_t field) {
  const uint64_t length_at = cursor_.position();
  uint64_t length = 0;
  if (!Length(start, length)) return false;
  if (depth_ == kMaxNesting) return TooDeep(start);
  const Opening opening = {cursor_.position(), length, OutPosition(length_at),
                           static_cast<uint8_t>(cursor_.position() - length_at)};
  constexpr size_t kHead = 2 + kLongestKey + 1 + 10;  // the longest usual one
  if (cursor_.available() < kHead && !Refill(kHead)) return false;
  UsualEntry entry;
  const size_t visible = std::min(cursor_.available(), kHead);
  if (!ReadUsual({cursor_.data(), visible}, length, entry)) {
    key_ = {};
    has_value_ = false;
    Push(opening, field, kMetadataEntryRules);
    return true;
  }
  if (KeepMetadataValue(entry.key, entry.value_bytes)) return Keep(length);
  // Out goes all but the key.
  const size_t key_bytes = entry.key_field.size();
  has_value_ = false;
  Push(opening, field, kMetadataEntryRules);
  cursor_.Skip(key_bytes);
  return Drop(cursor_.position(), length - key_bytes) && Leave();
}

bool Scanner::EntryKey(uint64_t start) {
  uint64_t length = 0;
  if (!Length(start, length)) return false;
  key_ = {cursor_.position(), length};
  return Keep(length);
}

bool Scanner::EntryValue(uint64_t start) {
  uint64_t length = 0;
  if (!Length(start, length)) return false;
  value_ = {cursor_.position(), length};
  has_value_ = true;
  return Drop(start, length);
}

// The value of the entry that closes was left out so far; here it is put back where it stays.
bool Scanner::CloseEntry() {
  if (!has_value_) return true;
  char key[kLongestKey];
  std::string_view name;
  if (key_.length <= sizeof key) {
    absl::StatusOr<size_t> got = source_.ReadAt(key_.offset, key, key_.length);
    if (!got.ok()) {
      status_ = got.status();
      return false;
    }
    name = std::string_view(key, *got);
  }
  if (!KeepMetadataValue(name, value_.length)) return true;
  if (!Flush()) return false;
  out().push_back(kValueTag);
  PutVarint(value_.length, out());
  const uint64_t here = cursor_.position();
  cursor_.Seek(value_.offset);
  run_from_ = value_.offset;
  if (!Keep(value_.length) || !Flush()) return false;
  cursor_.Seek(here);
  run_from_ = here;
  return true;
}

}  // namespace hoarfrost::wire
