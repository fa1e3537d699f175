// Words for people: names from strangers made safe, numbers, and near names for a miss.
#ifndef HOARFROST_BASE_TEXT_H_
#define HOARFROST_BASE_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hoarfrost::base {

// `bytes` with control characters and invalid UTF-8 written as \xNN (and \n, \t, \r, \\ kept
// readable), fit for a terminal. Bidirectional overrides (U+202A..U+202E, U+2066..U+2069) are
// escaped too.
std::string Escape(std::string_view bytes);

// Escape() in single quotes, cut to about `limit` bytes with "..." in the middle: for messages.
std::string Quote(std::string_view bytes, size_t limit = 120);

// Length of the valid UTF-8 sequence at the start of `bytes` (not empty) and its code point; 0 if
// there is none.
size_t DecodeUtf8(std::string_view bytes, uint32_t& code);

// Control characters, DEL and C1 controls, line separators and bidirectional marks: what Escape()
// does not let through.
bool IsUnsafeToShow(uint32_t code);

bool IsValidUtf8(std::string_view bytes);

// `bytes` with every invalid UTF-8 sequence replaced by U+FFFD.
std::string ReplaceInvalidUtf8(std::string_view bytes);

// 1234567 -> "1,234,567".
std::string WithCommas(uint64_t n);

// Bytes as Keras prints them: "80.00 B", "4.10 KB", "1.90 GB" (powers of 1024, two decimals).
std::string HumanBytes(uint64_t bytes);

// Up to `most` of `candidates` that are close to `word` (edit distance, or a common part), nearest
// first, ties in the order given.
std::vector<std::string> NearNames(std::string_view word,
                                   const std::vector<std::string_view>& candidates,
                                   size_t most = 3);

}  // namespace hoarfrost::base

#endif  // HOARFROST_BASE_TEXT_H_
