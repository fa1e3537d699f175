#include "batch/targets.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "base/hash.h"
#include "base/text.h"

namespace hoarfrost::batch {
namespace {

namespace fs = std::filesystem;

fs::path Canonical(const std::string& path) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(path, error);
  return error ? fs::path(path) : canonical;
}

// "/a/b" is in "/a" and in itself.
bool IsIn(const fs::path& path, const fs::path& folder) {
  std::string outer = folder.string();
  std::string inner = path.string();
  if (!outer.ends_with('/')) outer += '/';
  if (!inner.ends_with('/')) inner += '/';
  return inner.starts_with(outer);
}

// What a root is called in the output: its last name, for a file that of its folder.
std::string NameOf(const std::string& root) {
  const fs::path canonical = Canonical(root);
  std::error_code error;
  const bool folder = fs::is_directory(canonical, error);
  return (folder ? canonical : canonical.parent_path()).filename().string();
}

}  // namespace

absl::Status CheckOutput(const std::vector<std::string>& roots, const std::string& output) {
  const fs::path out = Canonical(output);
  for (const std::string& root : roots) {
    const fs::path in = Canonical(root);
    std::error_code error;
    const bool folder = fs::is_directory(in, error);
    if (!(folder && IsIn(out, in)) && !IsIn(in, out)) continue;
    return absl::InvalidArgumentError(
        fmt::format("--output {}: must lie apart from {}, which is read", base::Escape(output),
                    base::Escape(root)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> TargetsOf(const std::vector<std::string>& roots,
                                                   const std::vector<Found>& files) {
  std::vector<std::string> targets;
  targets.reserve(files.size());
  std::vector<std::string> names;
  if (roots.size() > 1) {
    for (const std::string& root : roots) names.push_back(NameOf(root));
  }
  base::ViewMap<const Found*> seen;
  seen.reserve(files.size());
  for (const Found& found : files) {
    targets.push_back(names.empty() || names[found.root].empty()
                          ? std::string(found.relative())
                          : fmt::format("{}/{}", names[found.root], found.relative()));
    const auto [at, is_new] = seen.try_emplace(targets.back(), &found);
    if (!is_new) {
      return absl::InvalidArgumentError(fmt::format(
          "{} and {} would both be written to {}; give their folders one by one",
          base::Escape(at->second->file), base::Escape(found.file), base::Escape(targets.back())));
    }
  }
  return targets;
}

}  // namespace hoarfrost::batch
