#include "base/json_writer.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/sink.h"
#include "base/text.h"

namespace hoarfrost::base {
namespace {

std::string StringAsJson(std::string_view bytes) {
  StringSink sink;
  JsonWriter json(sink);
  json.String(bytes);
  json.Flush();
  return sink.text;
}

TEST(JsonWriter, PutsCommasBetweenValuesOnly) {
  StringSink sink;
  JsonWriter json(sink);
  json.BeginObject();
  json.Key("a");
  json.BeginArray();
  json.Uint(std::numeric_limits<uint64_t>::max());
  json.Int(std::numeric_limits<int64_t>::min());
  json.Null();
  json.BeginObject();
  json.EndObject();
  json.EndArray();
  json.Field("b", true);
  json.Field("c", uint64_t{7});
  json.TextField("d", "");
  json.EndObject();
  json.EndLine();
  json.BeginArray();
  json.EndArray();
  json.EndLine();
  EXPECT_EQ(sink.text,
            "{\"a\":[18446744073709551615,-9223372036854775808,null,{}],"
            "\"b\":true,\"c\":7,\"d\":\"\"}\n[]\n");
}

TEST(JsonWriter, EscapesWhatJsonOrATerminalWouldRead) {
  EXPECT_EQ(StringAsJson("a\"b\\c\n\r\t"), "\"a\\\"b\\\\c\\n\\r\\t\"");
  EXPECT_EQ(StringAsJson(std::string_view("\0\x1b\x7f", 3)), "\"\\u0000\\u001b\\u007f\"");
  EXPECT_EQ(StringAsJson("\xC2\x9B"), "\"\\u009b\"");           // a C1 control
  EXPECT_EQ(StringAsJson("\xE2\x80\xAE"), "\"\\u202e\"");       // right-to-left override
  EXPECT_EQ(StringAsJson("\xE5\xB1\x82"), "\"\xE5\xB1\x82\"");  // stays
}

TEST(JsonWriter, OutputIsUtf8WhateverTheInput) {
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const std::string bytes = {static_cast<char>(a), static_cast<char>(b), 'x'};
      EXPECT_TRUE(IsValidUtf8(StringAsJson(bytes))) << a << " " << b;
    }
  }
}

TEST(JsonWriter, GivesTheBytesOfANameThatIsNoUtf8) {
  StringSink sink;
  JsonWriter json(sink);
  json.BeginObject();
  json.NameField("name", "fine");
  json.NameField("other", "\xFF");
  json.EndObject();
  json.Flush();
  EXPECT_EQ(sink.text, "{\"name\":\"fine\",\"other\":\"\xEF\xBF\xBD\",\"other_base64\":\"/w==\"}");
}

TEST(JsonWriter, HandsOnLargeOutputInPieces) {
  class Counter : public Sink {
   public:
    void Write(std::string_view bytes) override {
      ++writes;
      total += bytes.size();
      largest = std::max(largest, bytes.size());
    }
    size_t writes = 0, total = 0, largest = 0;
  } sink;
  JsonWriter json(sink);
  json.BeginArray();
  for (int i = 0; i < 200000; ++i) json.Uint(12345);
  json.EndArray();
  json.EndLine();
  EXPECT_EQ(sink.total, 200000u * 6 - 1 + 3);
  EXPECT_GT(sink.writes, 10u);
  EXPECT_LT(sink.largest, size_t{1} << 18);
}

}  // namespace
}  // namespace hoarfrost::base
