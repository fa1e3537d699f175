// The same model in another wire-legal spelling: what a protobuf reader takes for the same message.
#ifndef HOARFROST_TESTS_FREEZE_RESPELL_H_
#define HOARFROST_TESTS_FREEZE_RESPELL_H_

#include <cstdint>
#include <string>

namespace hoarfrost::testing {

struct Spelling {
  bool reversed = false;        // fields of a message from the highest number to the lowest
  bool padded = false;          // lengths of five bytes
  bool unknown_fields = false;  // and groups, in every message
  bool split_graph = false;     // the graph in two parts, other fields between them
};

// Every combination for 0 <= n < 16.
Spelling SpellingOf(unsigned n);

std::string Respell(const std::string& model, const Spelling& spelling);

}  // namespace hoarfrost::testing

#endif  // HOARFROST_TESTS_FREEZE_RESPELL_H_
