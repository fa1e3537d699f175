#include "payload/external.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>

#include "base/checked.h"
#include "base/text.h"

namespace hoarfrost::payload {
namespace {

constexpr uint64_t kMostOffset = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());

std::optional<uint64_t> ParseNumber(std::string_view key, std::string_view text,
                                    std::vector<std::string>& problems) {
  uint64_t value = 0;
  bool digits = !text.empty();
  for (const char c : text) {
    if (c < '0' || c > '9') digits = false;
    if (!digits) break;
    const auto digit = static_cast<uint64_t>(c - '0');
    value = base::SaturatingAdd(base::SaturatingMul(value, 10), digit);
  }
  if (!digits) {
    problems.push_back(
        fmt::format("external {} {} is not a decimal number", key, base::Quote(text, 40)));
    return std::nullopt;
  }
  if (value > kMostOffset) {
    problems.push_back(
        fmt::format("external {} {} is beyond the end of any file", key, base::Quote(text, 40)));
    return std::nullopt;
  }
  return value;
}

bool IsBeneath(const std::string& path, const std::string& folder) {
  if (folder.empty()) return false;
  if (folder == "/") return true;
  return path.size() > folder.size() && path.compare(0, folder.size(), folder) == 0 &&
         path[folder.size()] == '/';
}

std::string TruePath(const std::string& path) {
  std::error_code error;
  const std::filesystem::path result = std::filesystem::canonical(path, error);
  return error ? std::string() : result.string();
}

std::string_view KindOf(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a named pipe (FIFO)";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

}  // namespace

ExternalKeys ReadExternalKeys(const onnx::TensorProto& tensor) {
  ExternalKeys keys;
  bool location = false;
  bool offset = false;
  bool length = false;
  bool checksum = false;
  for (const onnx::StringStringEntryProto& entry : tensor.external_data()) {
    const std::string_view key = entry.key();
    const std::string_view value = entry.value();
    bool* seen = key == "location"   ? &location
                 : key == "offset"   ? &offset
                 : key == "length"   ? &length
                 : key == "checksum" ? &checksum
                                     : nullptr;
    if (seen == nullptr) continue;
    if (*seen) {
      keys.problems.push_back(fmt::format("external_data key '{}' is given twice", key));
      continue;  // the first one counts, as a map that refuses duplicates would have it
    }
    *seen = true;
    if (seen == &location) {
      keys.location = value;
    } else if (seen == &offset) {
      keys.offset = ParseNumber(key, value, keys.problems);
    } else if (seen == &length) {
      keys.length = ParseNumber(key, value, keys.problems);
      if (keys.length == 0u) keys.length.reset();
    }
  }
  if (keys.location.empty()) {
    keys.problems.push_back("its data is external, but external_data names no location");
  }
  return keys;
}

std::string LocationFault(std::string_view location) {
  if (location.find('\0') != std::string_view::npos) {
    return fmt::format("external location {} holds a NUL byte", base::Quote(location));
  }
  if (!location.empty() && location.front() == '/') {
    return fmt::format("external location {} is an absolute path, outside the model's folder",
                       base::Quote(location));
  }
  for (size_t begin = 0; begin <= location.size();) {
    const size_t slash = location.find('/', begin);
    const size_t end = slash == std::string_view::npos ? location.size() : slash;
    if (location.substr(begin, end - begin) == "..") {
      return fmt::format("external location {} goes up with '..' and may leave the model's folder",
                         base::Quote(location));
    }
    begin = end + 1;
  }
  return {};
}

ExternalFiles::ExternalFiles(std::string directory, std::string model_file)
    : directory_(std::move(directory)), model_file_(std::move(model_file)) {}

const ExternalFile& ExternalFiles::Look(std::string_view location) {
  if (last_ != nullptr && last_location_ == location) return *last_;
  last_location_ = std::string(location);
  auto found = seen_.find(last_location_);
  if (found == seen_.end()) {
    if (seen_.empty() && !directory_.empty()) {
      true_directory_ = TruePath(directory_);
      if (!model_file_.empty()) {
        true_model_directory_ = std::filesystem::path(TruePath(model_file_)).parent_path().string();
      }
    }
    found = seen_.emplace(last_location_, Stat(last_location_)).first;
    last_ = nullptr;
    return found->second;  // emplacing may have moved what last_ pointed at
  }
  last_ = &found->second;
  return *last_;
}

std::string ExternalFiles::PathOf(std::string_view location) const {
  return fmt::format("{}/{}", directory_, location);
}

ExternalFile ExternalFiles::Stat(const std::string& location) const {
  ExternalFile file;
  if (directory_.empty() || location.empty()) return file;
  file.problem = LocationFault(location);
  if (!file.problem.empty()) return file;
  file.looked_at = true;
  const std::string path = PathOf(location);
  const std::string quoted = base::Quote(location);
  struct stat info = {};
  if (::stat(path.c_str(), &info) != 0) {
    if (errno != ENOENT && errno != ENOTDIR) {
      file.present = true;
      file.problem =
          fmt::format("external location {} cannot be looked at: {}", quoted, std::strerror(errno));
    }
    return file;
  }
  file.present = true;
  file.regular = S_ISREG(info.st_mode);
  if (!file.regular) {
    file.problem =
        fmt::format("external location {} is {}, not a regular file", quoted, KindOf(info.st_mode));
    return file;
  }
  file.size = static_cast<uint64_t>(info.st_size);
  struct stat model = {};
  if (!model_file_.empty() && ::stat(model_file_.c_str(), &model) == 0 &&
      model.st_dev == info.st_dev && model.st_ino == info.st_ino) {
    file.problem = fmt::format("external location {} is the model file itself", quoted);
    return file;
  }
  // A hub cache keeps model and data as links into one folder; a link elsewhere is a trap.
  const std::string true_path = TruePath(path);
  if (!true_path.empty() && !IsBeneath(true_path, true_directory_) &&
      !IsBeneath(true_path, true_model_directory_)) {
    file.problem =
        fmt::format("external location {} is a link that leads outside the model's folder", quoted);
  }
  return file;
}

}  // namespace hoarfrost::payload
