#include "batch/find.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "base/pattern.h"
#include "base/text.h"

namespace hoarfrost::batch {
namespace {

namespace fs = std::filesystem;

struct Folder {
  std::string path;
  size_t root;
  size_t below;  // where in `path` the part below the root begins
};

bool EndsInOnnx(std::string_view name) {
  constexpr std::string_view kEnding = ".onnx";
  if (name.size() <= kEnding.size()) return false;
  name.remove_prefix(name.size() - kEnding.size());
  return std::equal(name.begin(), name.end(), kEnding.begin(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

absl::StatusOr<std::vector<base::Pattern>> Compile(const std::vector<std::string>& words) {
  std::vector<base::Pattern> patterns;
  for (const std::string& word : words) {
    absl::StatusOr<base::Pattern> pattern = base::Pattern::Compile(word);
    if (!pattern.ok()) return pattern.status();
    patterns.push_back(*std::move(pattern));
  }
  return patterns;
}

class Finder {
 public:
  Finder(std::vector<base::Pattern> globs, std::vector<base::Pattern> excludes, bool hidden)
      : globs_(std::move(globs)), excludes_(std::move(excludes)), hidden_(hidden) {}

  absl::Status AddRoot(const std::string& root, size_t number) {
    struct stat info = {};
    if (stat(root.c_str(), &info) != 0) {
      return absl::NotFoundError(fmt::format("{}: cannot be found: {}", base::Escape(root),
                                             std::generic_category().message(errno)));
    }
    if (!S_ISDIR(info.st_mode)) {
      const size_t slash = root.rfind('/');
      found.push_back({root, number, slash == std::string::npos ? 0 : slash + 1, {}});
      return absl::OkStatus();
    }
    std::string path = root;
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    const size_t below = path == "/" ? 1 : path.size() + 1;
    plain_.push_back({std::move(path), number, below});
    return absl::OkStatus();
  }

  // Folders first that no link leads to, so that files have the names that people expect.
  void Walk() {
    for (size_t link = 0;;) {
      while (!plain_.empty()) {
        const Folder folder = std::move(plain_.back());
        plain_.pop_back();
        Read(folder);
      }
      if (link == linked_.size()) return;
      if (link == sorted_) {
        const auto by_path = [](const Folder& a, const Folder& b) { return a.path < b.path; };
        std::sort(linked_.begin() + static_cast<ptrdiff_t>(link), linked_.end(), by_path);
        sorted_ = linked_.size();
      }
      plain_.push_back(linked_[link++]);
    }
  }

  std::vector<Found> found;

 private:
  void Read(const Folder& folder) {
    struct stat info = {};
    if (stat(folder.path.c_str(), &info) == 0 &&
        !visited_.insert({info.st_dev, info.st_ino}).second) {
      return;
    }
    std::error_code error;
    fs::directory_iterator entry(folder.path, error);
    while (!error && entry != fs::directory_iterator()) {
      Look(*entry, folder);
      entry.increment(error);
    }
    if (!error) return;
    const std::string text =
        fmt::format("{}: cannot read this folder: {}", base::Escape(folder.path), error.message());
    const bool denied = error == std::errc::permission_denied;
    Found problem = {folder.path, folder.root, std::min(folder.below, folder.path.size()), {}};
    problem.problem = denied ? absl::PermissionDeniedError(text) : absl::UnavailableError(text);
    found.push_back(std::move(problem));
  }

  void Look(const fs::directory_entry& entry, const Folder& folder) {
    const std::string name = entry.path().filename().string();
    if (!hidden_ && name.starts_with('.')) return;
    std::string path = folder.path;
    if (path.back() != '/') path += '/';
    path += name;
    const std::string_view relative = std::string_view(path).substr(folder.below);
    if (Matches(excludes_, relative, name)) return;
    std::error_code error;
    if (entry.is_directory(error)) {
      std::vector<Folder>& where = entry.is_symlink(error) ? linked_ : plain_;
      where.push_back({std::move(path), folder.root, folder.below});
      return;
    }
    if (globs_.empty() ? EndsInOnnx(name) : Matches(globs_, relative, name)) {
      found.push_back({std::move(path), folder.root, folder.below, {}});
    }
  }

  static bool Matches(const std::vector<base::Pattern>& patterns, std::string_view relative,
                      std::string_view name) {
    return std::any_of(patterns.begin(), patterns.end(), [&](const base::Pattern& pattern) {
      return pattern.Matches(relative) || pattern.Matches(name);
    });
  }

  const std::vector<base::Pattern> globs_;
  const std::vector<base::Pattern> excludes_;
  const bool hidden_;
  std::set<std::pair<dev_t, ino_t>> visited_;
  std::vector<Folder> plain_;   // still to be read
  std::vector<Folder> linked_;  // behind links: read when no other is left
  size_t sorted_ = 0;           // how many of linked_ are in order
};

}  // namespace

absl::StatusOr<std::vector<Found>> Find(const std::vector<std::string>& roots,
                                        const FindOptions& options) {
  absl::StatusOr<std::vector<base::Pattern>> globs = Compile(options.globs);
  if (!globs.ok()) return globs.status();
  absl::StatusOr<std::vector<base::Pattern>> excludes = Compile(options.excludes);
  if (!excludes.ok()) return excludes.status();
  Finder finder(*std::move(globs), *std::move(excludes), options.hidden);
  for (size_t i = 0; i < roots.size(); ++i) {
    if (absl::Status added = finder.AddRoot(roots[i], i); !added.ok()) return added;
  }
  finder.Walk();
  std::vector<Found> found = std::move(finder.found);
  std::sort(found.begin(), found.end(),
            [](const Found& a, const Found& b) { return a.file < b.file; });
  const auto same = [](const Found& a, const Found& b) { return a.file == b.file; };
  found.erase(std::unique(found.begin(), found.end(), same), found.end());
  return found;
}

}  // namespace hoarfrost::batch
