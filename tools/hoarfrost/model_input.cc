#include "model_input.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fnmatch.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "rewrite.h"

namespace hoarfrost::tool {
namespace {

constexpr const char* kStandardInput = "<stdin>";
constexpr size_t kMostInMemory = size_t{256} << 20;

// A descriptor that is closed with it.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.Release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

absl::Status Failed(std::string_view doing, int error) {
  return absl::UnavailableError(
      fmt::format("{}: cannot {}: {}", kStandardInput, doing, std::strerror(error)));
}

absl::Status WriteAll(int fd, const char* bytes, size_t size) {
  while (size > 0) {
    const ssize_t written = ::write(fd, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed("keep what was read (TMPDIR says where)", errno);
    bytes += written;
    size -= static_cast<size_t>(written);
  }
  return absl::OkStatus();
}

// A file without a name in TMPDIR.
absl::StatusOr<Descriptor> TemporaryFile() {
  const char* stated = std::getenv("TMPDIR");
  std::string folder = stated == nullptr || *stated == '\0' ? "/tmp" : stated;
  Descriptor file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file.get() < 0) {  // a file system without nameless files
    std::string name = folder + "/hoarfrost.XXXXXX";
    file = Descriptor(::mkostemp(name.data(), O_CLOEXEC));
    if (file.get() >= 0) ::unlink(name.c_str());
  }
  if (file.get() < 0) return Failed(fmt::format("make a temporary file in {}", folder), errno);
  return file;
}

// Moves what `memory` holds to a file, and `memory` to that.
absl::Status Spill(Descriptor& memory, size_t size, std::vector<char>& chunk) {
  absl::StatusOr<Descriptor> file = TemporaryFile();
  if (!file.ok()) return file.status();
  for (size_t at = 0; at < size;) {
    const ssize_t got = ::pread(memory.get(), chunk.data(), chunk.size(), static_cast<off_t>(at));
    if (got <= 0) return Failed("read back what was kept", got < 0 ? errno : EIO);
    const size_t n = static_cast<size_t>(got);
    if (absl::Status written = WriteAll(file->get(), chunk.data(), n); !written.ok()) {
      return written;
    }
    at += n;
  }
  memory = *std::move(file);
  return absl::OkStatus();
}

// All that comes, as a file.
absl::StatusOr<Descriptor> Drain() {
  Descriptor kept(::memfd_create("hoarfrost", MFD_CLOEXEC));
  bool in_memory = kept.get() >= 0;
  if (!in_memory) {
    absl::StatusOr<Descriptor> file = TemporaryFile();
    if (!file.ok()) return file.status();
    kept = *std::move(file);
  }
  std::vector<char> chunk(size_t{1} << 20);
  for (size_t size = 0;;) {
    const ssize_t got = ::read(STDIN_FILENO, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failed("read", errno);
    if (got == 0) return kept;
    const size_t n = static_cast<size_t>(got);
    if (absl::Status written = WriteAll(kept.get(), chunk.data(), n); !written.ok()) {
      return written;
    }
    size += n;
    if (!in_memory || size <= kMostInMemory) continue;
    if (absl::Status spilled = Spill(kept, size, chunk); !spilled.ok()) return spilled;
    in_memory = false;
  }
}

absl::StatusOr<std::unique_ptr<wire::ByteSource>> StandardInput() {
  static bool taken = false;
  if (std::exchange(taken, true)) {
    return absl::InvalidArgumentError("-: standard input can be read only once");
  }
  struct stat info{};
  const bool from_start = ::lseek(STDIN_FILENO, 0, SEEK_CUR) == 0;
  if (from_start && ::fstat(STDIN_FILENO, &info) == 0 && S_ISREG(info.st_mode)) {
    Descriptor same(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0));
    if (same.get() < 0) return Failed("read", errno);
    return wire::FromDescriptor(kStandardInput, same.Release());
  }
  absl::StatusOr<Descriptor> kept = Drain();
  if (!kept.ok()) return kept.status();
  return wire::FromDescriptor(kStandardInput, kept->Release());
}

bool HasWildcard(std::string_view name) {
  return name.find_first_of("*?[") != std::string_view::npos;
}

// The files whose path matches, part by part of the path.
std::vector<std::string> Matches(const std::filesystem::path& pattern) {
  namespace fs = std::filesystem;
  std::vector<fs::path> found = {pattern.root_path()};
  for (const fs::path& part : pattern.relative_path()) {
    std::vector<fs::path> next;
    for (const fs::path& folder : found) {
      std::error_code error;
      if (!HasWildcard(part.native())) {
        if (fs::exists(folder / part, error)) next.push_back(folder / part);
        continue;
      }
      fs::directory_iterator entries(folder.empty() ? fs::path(".") : folder, error);
      for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
        const fs::path name = entries->path().filename();
        if (::fnmatch(part.c_str(), name.c_str(), FNM_PERIOD) == 0) next.push_back(folder / name);
      }
    }
    found = std::move(next);
  }
  std::vector<std::string> names;
  names.reserve(found.size());
  for (const fs::path& path : found) names.push_back(path.native());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

absl::StatusOr<ModelInput> OpenModel(const std::string& path) {
  const bool is_file = path != "-";
  absl::StatusOr<std::unique_ptr<wire::ByteSource>> source =
      is_file ? wire::OpenFile(path) : StandardInput();
  if (!source.ok()) return source.status();
  return ModelInput{*std::move(source), is_file ? DirectoryOf(path) : ""};
}

absl::StatusOr<summary::Summary> SummarizeModel(const std::string& path,
                                                const summary::Options& options) {
  absl::StatusOr<ModelInput> input = OpenModel(path);
  if (!input.ok()) return input.status();
  return summary::Summarize(*input->source, input->directory, options);
}

std::vector<std::string> ExpandNames(const std::vector<std::string>& names) {
  std::vector<std::string> expanded;
  for (const std::string& name : names) {
    std::error_code error;
    const bool literal = !HasWildcard(name) || name.find('\0') != std::string::npos ||
                         std::filesystem::symlink_status(name, error).type() !=
                             std::filesystem::file_type::not_found;
    std::vector<std::string> matches;
    if (!literal) matches = Matches(name);
    if (matches.empty()) {
      expanded.push_back(name);
    } else {
      expanded.insert(expanded.end(), matches.begin(), matches.end());
    }
  }
  return expanded;
}

bool RefusesStandardInput(const std::string& command, const std::string& name, Console& console) {
  if (name != "-") return false;
  console.Error(command,
                fmt::format("-: {} needs a file; standard input is for inspect, explain, lint and "
                            "plan (./- is a file)",
                            command));
  return true;
}

}  // namespace hoarfrost::tool
