// The splice writer against its slow twin: random messages of every wire-legal spelling, random
// edits. The twin applies them to a tree and serialises it anew.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "splice/wire_tree.h"
#include "wire/splice.h"

namespace hoarfrost::wire {
namespace {

using ::hoarfrost::testing::BytesField;
using ::hoarfrost::testing::SerializeContent;
using ::hoarfrost::testing::VarintField;
using ::hoarfrost::testing::WireNode;

class RandomMessage {
 public:
  explicit RandomMessage(unsigned seed) : random_(seed) {}

  WireNode Make() {
    WireNode root;
    root.is_message = true;
    Fill(root, 0);
    return root;
  }

  size_t Below(size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random_); }

  std::string Field() {
    const auto number = static_cast<uint32_t>(20 + Below(10));
    switch (Below(4)) {
      case 0:
        return VarintField(number, Below(100000), Below(3) == 0 ? 6 : 0);
      case 1:
        return BytesField(number, std::string(Below(300), 'b'), Below(3) == 0 ? 5 : 0);
      case 2:
        return hoarfrost::testing::Varint(number << 3 | 5) + "1234";
      default:
        return hoarfrost::testing::Varint(number << 3 | 3) + VarintField(3, 3) +
               hoarfrost::testing::Varint(number << 3 | 4);
    }
  }

 private:
  // Messages are fields 1 to 3, leaves 20 to 29.
  void Fill(WireNode& message, int depth) {
    const size_t n = Below(6);
    for (size_t i = 0; i < n; ++i) {
      WireNode part;
      part.is_message = depth < 4 && Below(2) == 0;
      if (part.is_message) {
        part.field = static_cast<uint32_t>(1 + Below(3));
        Fill(part, depth + 1);
        // Padded by one to three bytes; what is not padded is written anew as short as it can be.
        const size_t needs = hoarfrost::testing::Varint(SerializeContent(part).size()).size();
        part.width = Below(3) == 0 ? needs + 1 + Below(3) : 0;
      } else {
        part.bytes = Field();
        part.field = static_cast<uint32_t>(static_cast<uint8_t>(part.bytes[0]) & 0x7f) >> 3;
        // Numbers above 15 take two tag bytes.
        part.field |= static_cast<uint32_t>(static_cast<uint8_t>(part.bytes[1])) << 4;
      }
      message.parts.push_back(std::move(part));
    }
  }

  std::mt19937 random_;
};

// Where a node of the tree is, in the words of the splice writer. `merged` reads the messages of
// field 1 at the top level as parts of one.
struct Place {
  WireNode* node;
  FieldPath path;
};

std::vector<Place> PlacesOf(WireNode& root, bool merged) {
  std::vector<Place> places;
  struct Todo {
    WireNode* message;
    FieldPath path;
    bool continues;  // counts on from the part before
  };
  std::vector<Todo> todo = {{&root, {}, false}};
  std::map<uint32_t, uint32_t> part_counts;
  for (size_t i = 0; i < todo.size(); ++i) {
    const Todo at = todo[i];
    std::map<uint32_t, uint32_t> own_counts;
    std::map<uint32_t, uint32_t>& counts = at.continues ? part_counts : own_counts;
    for (WireNode& part : at.message->parts) {
      const bool is_part = merged && at.path.empty() && part.field == 1;
      FieldPath path = at.path;
      path.push_back({part.field, is_part ? kMerged : counts[part.field]++});
      if (!is_part) places.push_back({&part, path});
      if (part.is_message) todo.push_back({&part, path, is_part});
    }
  }
  return places;
}

void Check(unsigned seed) {
  RandomMessage random(seed);
  WireNode root = random.Make();
  const std::string before = SerializeContent(root);
  const std::vector<Place> places = PlacesOf(root, seed % 2 == 0);
  std::vector<Edit> edits;
  std::vector<FieldPath> taken;
  const auto starts_with = [](const FieldPath& path, const FieldPath& prefix) {
    return path.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), path.begin());
  };
  for (size_t i = 0; i < 4 && !places.empty(); ++i) {
    const Place& place = places[random.Below(places.size())];
    bool clashes = false;
    for (const FieldPath& path : taken) {
      clashes |= starts_with(path, place.path) || starts_with(place.path, path);
    }
    if (clashes) continue;
    taken.push_back(place.path);
    Edit edit = {EditKind::kErase, place.path, ""};
    switch (random.Below(4)) {
      case 0:
        place.node->erased = true;
        break;
      case 1:
        edit = {EditKind::kReplace, place.path, random.Field()};
        place.node->erased = true;
        place.node->replacement = edit.bytes;
        break;
      case 2:
        edit = {EditKind::kInsertBefore, place.path, random.Field()};
        place.node->before = edit.bytes;
        break;
      default:
        if (!place.node->is_message) continue;
        edit = {EditKind::kAppend, place.path, random.Field()};
        place.node->appended = edit.bytes;
    }
    edits.push_back(std::move(edit));
  }
  const std::unique_ptr<ByteSource> source = FromMemory("m", before);
  absl::StatusOr<std::vector<Change>> changes = FindChanges(*source, edits);
  ASSERT_TRUE(changes.ok()) << changes.status() << " seed " << seed;
  const Rope rope = ApplyChanges(before.size(), *changes);
  const std::unique_ptr<ByteSource> after = MakeRopeSource(rope, *source, "after");
  std::string got(after->size(), '\0');
  ASSERT_TRUE(after->ReadAt(0, got.data(), got.size()).ok());
  EXPECT_EQ(got, SerializeContent(root)) << "seed " << seed;

  // Read byte by byte and in odd windows, a rope says the same.
  for (size_t at = 0; at < got.size(); at += 7) {
    std::string window(11, '\0');
    absl::StatusOr<size_t> n = after->ReadAt(at, window.data(), window.size());
    ASSERT_TRUE(n.ok());
    EXPECT_EQ(window.substr(0, *n), got.substr(at, 11));
  }
}

TEST(SpliceRandom, SplicingIsSerialisingTheChangedTree) {
  for (unsigned seed = 0; seed < 4000; ++seed) {
    Check(seed);
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace hoarfrost::wire
