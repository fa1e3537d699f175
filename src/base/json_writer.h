// A streaming writer of compact JSON (RFC 8259), for output as large as a model has tensors.
//
//   base::JsonWriter json(sink);
//   json.BeginObject();
//   json.Key("name"); json.String(name);
//   json.EndObject();
//   json.Flush();
//
// Output is always valid UTF-8: bytes that are not come out as U+FFFD. Control characters, DEL, C1
// controls and bidirectional overrides are written as \uXXXX, so that output is safe to look at.
// The caller keeps the order of calls right; nothing checks it.
#ifndef HOARFROST_BASE_JSON_WRITER_H_
#define HOARFROST_BASE_JSON_WRITER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "base/sink.h"

namespace hoarfrost::base {

class JsonWriter {
 public:
  explicit JsonWriter(Sink& sink) : sink_(sink) { buffer_.reserve(kChunk + kChunk / 4); }

  void BeginObject() { Open('{'); }
  void EndObject() { Close('}'); }
  void BeginArray() { Open('['); }
  void EndArray() { Close(']'); }

  // `key` is one of ours: plain ASCII without quotes or backslashes.
  void Key(std::string_view key);

  void String(std::string_view bytes);
  void Uint(uint64_t n);
  void Int(int64_t n);
  void Double(double x);   // the shortest text that reads back as x; null where it is not finite
  void Decimal(double n);  // with six digits after the point
  void Bool(bool b) { Raw(b ? "true" : "false"); }
  void Null() { Raw("null"); }

  void Field(std::string_view key, uint64_t n) { Key(key), Uint(n); }
  void Field(std::string_view key, bool b) { Key(key), Bool(b); }

  // A string of ours, or made safe by base::Escape.
  void TextField(std::string_view key, std::string_view text) { Key(key), String(text); }

  // A string of a stranger: where it is no valid UTF-8, its bytes follow as KEY_base64.
  void NameField(std::string_view key, std::string_view bytes);

  // A line feed between documents, and whatever is buffered to the sink.
  void EndLine();
  void Flush();

 private:
  static constexpr size_t kChunk = size_t{1} << 16;

  void Open(char c);
  void Close(char c);
  void Raw(std::string_view text);
  void Separate() {
    if (comma_) buffer_.push_back(',');
    comma_ = true;
    if (buffer_.size() >= kChunk) Flush();
  }

  Sink& sink_;
  std::string buffer_;
  bool comma_ = false;  // a value stands before the next one
};

}  // namespace hoarfrost::base

#endif  // HOARFROST_BASE_JSON_WRITER_H_
