#include "page_file.h"

#include <fmt/format.h>

#include <filesystem>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/status/statusor.h"
#include "base/text.h"
#include "wire/atomic_file.h"
#include "wire/byte_source.h"

namespace hoarfrost::tool {
namespace {

// Passes text on to a file, and keeps the first error.
class FileSink final : public base::Sink {
 public:
  explicit FileSink(wire::AtomicFile& file) : file_(file) {}
  void Write(std::string_view bytes) override {
    if (status_.ok()) status_ = file_.Append(bytes);
  }
  const absl::Status& status() const { return status_; }

 private:
  wire::AtomicFile& file_;
  absl::Status status_;
};

bool IsSame(const std::filesystem::path& a, const std::filesystem::path& b) {
  std::error_code ignored;
  return std::filesystem::equivalent(a, b, ignored);
}

}  // namespace

absl::Status WritePageFile(const std::string& path, const std::function<void(base::Sink&)>& write,
                           Console& console) {
  if (path == "-") {
    write(console.out());
    return absl::OkStatus();
  }
  absl::StatusOr<wire::AtomicFile> file = wire::AtomicFile::Create(path, {.mode = 0644});
  if (!file.ok()) return file.status();
  FileSink sink(*file);
  write(sink);
  return sink.status().ok() ? file->Commit() : sink.status();
}

absl::Status CheckReplacesPage(const std::string& path) {
  constexpr std::string_view kStart = "<!doctype html>";
  std::error_code ignored;
  if (path == "-" || !std::filesystem::exists(path, ignored)) return absl::OkStatus();
  const auto file = wire::OpenFile(path);
  if (!file.ok()) return file.status();
  std::string start(kStart.size(), '\0');
  const absl::StatusOr<size_t> got = (*file)->ReadAt(0, start.data(), start.size());
  if (!got.ok()) return got.status();
  if (*got == 0 || (*got == kStart.size() && start == kStart)) return absl::OkStatus();
  return absl::FailedPreconditionError(fmt::format(
      "{}: is there already and is no page; name another file for the page", base::Quote(path)));
}

absl::Status CheckPagePath(const std::string& path, const summary::Summary& summary) {
  if (path == "-") return absl::OkStatus();
  if (IsSame(path, summary.file)) {
    return absl::FailedPreconditionError(
        fmt::format("{}: is the model itself; name another file for the page", base::Quote(path)));
  }
  const std::filesystem::path folder = std::filesystem::path(summary.file).parent_path();
  std::set<std::string_view> seen;
  for (const model::Tensor& tensor : summary.facts.tensors) {
    const std::string& location = tensor.storage.location;
    if (location.empty() || !seen.insert(location).second) continue;
    if (location.find('\0') != std::string::npos || !IsSame(path, folder / location)) continue;
    return absl::FailedPreconditionError(fmt::format(
        "{}: is a data file of the model; name another file for the page", base::Quote(path)));
  }
  return absl::OkStatus();
}

}  // namespace hoarfrost::tool
