#include "wire/not_a_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/text.h"

namespace hoarfrost::wire {
namespace {

using std::string_view_literals::operator""sv;

struct Format {
  size_t offset;
  std::string_view magic;
  std::string_view text;
};

// From the formats' own specifications. What lies at an offset comes after what begins a file.
constexpr Format kFormats[] = {
    {0, "\x1f\x8b"sv, "is gzip-compressed, not an ONNX model; decompress it first (gunzip)"},
    {0, "PK\x03\x04"sv,
     "is a zip archive, not an ONNX model; unpack it, or export the model that is in it (PyTorch "
     "checkpoints and .keras files are zip archives)"},
    {0, "PK\x05\x06"sv, "is an empty zip archive, not an ONNX model"},
    {0, "BZh"sv, "is bzip2-compressed, not an ONNX model; decompress it first (bunzip2)"},
    {0,
     "\xfd"
     "7zXZ\0"sv,
     "is xz-compressed, not an ONNX model; decompress it first (unxz)"},
    {0, "\x28\xb5\x2f\xfd"sv,
     "is zstd-compressed, not an ONNX model; decompress it first (unzstd)"},
    {0, "7z\xbc\xaf\x27\x1c"sv, "is a 7-Zip archive, not an ONNX model; unpack it first"},
    {0, "\x89HDF\r\n\x1a\n"sv,
     "is an HDF5 file (Keras .h5), not an ONNX model; export the model to ONNX"},
    {0, "GGUF"sv, "is a GGUF file, not an ONNX model"},
    {0, "\x93NUMPY"sv, "is a NumPy array, not an ONNX model"},
    {0,
     "\x7f"
     "ELF"sv,
     "is a program or shared library (ELF), not an ONNX model"},
    {4, "ORTM"sv,
     "is in ONNX Runtime's own format (.ort), not an ONNX model; use the .onnx file it was made "
     "from"},
    {4, "TFL3"sv, "is a TensorFlow Lite model, not an ONNX model"},
    {8, "{\""sv, "is a safetensors file, not an ONNX model: it holds weights without a graph"},
    {257, "ustar"sv, "is a tar archive, not an ONNX model; unpack it first"},
};

bool HasAt(std::string_view bytes, size_t offset, std::string_view magic) {
  return bytes.size() >= offset + magic.size() && bytes.substr(offset, magic.size()) == magic;
}

// https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md: lines of "key value".
std::string DescribeLfsPointer(std::string_view bytes) {
  std::string size;
  constexpr std::string_view kSize = "\nsize ";
  if (const size_t at = bytes.find(kSize); at != bytes.npos) {
    for (const char c : bytes.substr(at + kSize.size())) {
      if (c < '0' || c > '9' || size.size() == 19) break;
      size += c;
    }
  }
  return fmt::format("is a Git LFS pointer, not the model itself{}; fetch it with 'git lfs pull'",
                     size.empty() ? "" : fmt::format(" (which has {} bytes)", size));
}

// Text has no control characters but white space. A sequence that the end of what we see cuts
// short does not count.
bool IsText(std::string_view bytes, bool whole) {
  while (!bytes.empty()) {
    uint32_t code = 0;
    const size_t n = base::DecodeUtf8(bytes, code);
    if (n == 0) return !whole && bytes.size() < 4;
    if (code < 0x20 && code != '\n' && code != '\r' && code != '\t' && code != '\f') return false;
    if (code == 0x7f) return false;
    bytes.remove_prefix(n);
  }
  return true;
}

bool StartsWithWord(std::string_view text, std::string_view lower_case) {
  return text.size() >= lower_case.size() &&
         std::equal(lower_case.begin(), lower_case.end(), text.begin(), [](char want, char is) {
           return want == (is >= 'A' && is <= 'Z' ? static_cast<char>(is - 'A' + 'a') : is);
         });
}

std::string DescribeText(std::string_view text) {
  if (text.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);  // a byte order mark
  const size_t start = text.find_first_not_of(" \t\r\n\f");
  if (start == text.npos) return "is blank: it holds white space only, no ONNX model";
  text.remove_prefix(start);
  if (StartsWithWord(text, "<!doctype html") || StartsWithWord(text, "<html")) {
    return "is an HTML page, not an ONNX model; a download page, perhaps, instead of the file";
  }
  if (StartsWithWord(text, "<?xml")) return "is an XML document, not an ONNX model";
  if (text[0] == '{' || text[0] == '[') return "looks like JSON text, not an ONNX model";
  return "is a text file, not an ONNX model";
}

}  // namespace

std::string DescribeOtherFormat(std::string_view bytes) {
  if (bytes.empty()) return "is empty (0 bytes), so it is not an ONNX model";
  if (bytes.starts_with("version https://git-lfs.github.com/")) return DescribeLfsPointer(bytes);
  for (const Format& format : kFormats) {
    if (HasAt(bytes, format.offset, format.magic)) return std::string(format.text);
  }
  // Protocol 2 to 5 of Python's pickle; the opcodes that follow one are FRAME or an object.
  if (bytes.size() > 2 && bytes[0] == '\x80' && bytes[1] >= 2 && bytes[1] <= 5) {
    return "looks like a Python pickle (a PyTorch or scikit-learn checkpoint), not an ONNX model; "
           "export the model to ONNX";
  }
  if (IsText(bytes, bytes.size() < kOtherFormatBytes)) return DescribeText(bytes);
  if (std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; })) {
    return "begins with zero bytes only, so it is not an ONNX model; an unfinished download, "
           "perhaps";
  }
  return "";
}

}  // namespace hoarfrost::wire
