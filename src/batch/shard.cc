#include "batch/shard.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <queue>
#include <utility>

#include "base/text.h"
#include "batch/lines.h"
#include "wire/atomic_file.h"

namespace hoarfrost::batch {
namespace {

using nlohmann::json;

std::optional<uint64_t> ParseNumber(std::string_view text) {
  uint64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return n;
}

uint64_t Count(const json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_number_unsigned() ? at->get<uint64_t>() : 0;
}

absl::Status Refuse(const std::string& file, std::string_view cause) {
  return absl::InvalidArgumentError(fmt::format("{}: {}", base::Escape(file), cause));
}

// One shard while it is read, with the record that comes next.
struct Input {
  std::string path;
  LineReader lines;
  ShardEnd end;
  uint64_t records = 0;
  Row row;
  std::string line;
};

// The last line. Shards are read to their end later on; here only its tail.
absl::StatusOr<ShardEnd> ReadEnd(const std::string& path) {
  constexpr uint64_t kLongest = 4096;
  absl::StatusOr<std::unique_ptr<wire::ByteSource>> source = wire::OpenFile(path);
  if (!source.ok()) return source.status();
  const uint64_t size = (*source)->size();
  std::string tail(std::min(size, kLongest), '\0');
  const absl::StatusOr<size_t> got =
      (*source)->ReadAt(size - tail.size(), tail.data(), tail.size());
  if (!got.ok()) return got.status();
  std::string_view line = tail;
  if (line.ends_with('\n')) {
    const size_t before =
        line.size() < 2 ? std::string_view::npos : line.rfind('\n', line.size() - 2);
    if (before != std::string_view::npos) line.remove_prefix(before + 1);
    if (std::optional<ShardEnd> end = ParseShardEnd(line)) return *std::move(end);
  }
  return Refuse(path, "is no finished report of a shard (hoarfrost batch --shard K/N)");
}

// False at the end of the records.
absl::StatusOr<bool> Advance(Input& input) {
  std::string_view line;
  if (!input.lines.Next(line)) {
    if (!input.lines.status().ok()) return input.lines.status();
    return Refuse(input.path, "changed while it was read");
  }
  if (input.lines.at_end()) {
    if (input.records == input.end.models) return false;
    return Refuse(input.path, fmt::format("says that it has {} records, and has {}",
                                          input.end.models, input.records));
  }
  absl::StatusOr<Row> row = ReadRow(line);
  if (!row.ok()) return Refuse(input.path, "has a line that is no record");
  if (input.records > 0 && row->file <= input.row.file) {
    return Refuse(input.path, "its records are not in order");
  }
  ++input.records;
  input.row = *std::move(row);
  input.line.assign(line);
  return true;
}

absl::StatusOr<std::vector<Input>> OpenAll(const std::vector<std::string>& shards) {
  std::vector<Input> inputs;
  std::map<uint64_t, std::string> by_number;
  for (const std::string& path : shards) {
    absl::StatusOr<ShardEnd> end = ReadEnd(path);
    if (!end.ok()) return end.status();
    if (!inputs.empty()) {
      const Input& first = inputs.front();
      if (end->run != first.end.run || end->shard.of != first.end.shard.of) {
        return Refuse(path, fmt::format("is a shard of another run than {}: other folders, "
                                        "options, number of shards or version",
                                        base::Escape(first.path)));
      }
      const auto [there, is_new] = by_number.insert({end->shard.number, path});
      if (!is_new) {
        return Refuse(path, fmt::format("is shard {}/{}, as {} is", end->shard.number,
                                        end->shard.of, base::Escape(there->second)));
      }
    } else {
      by_number[end->shard.number] = path;
    }
    absl::StatusOr<LineReader> lines = LineReader::Open(path);
    if (!lines.ok()) return lines.status();
    inputs.push_back({path, *std::move(lines), *std::move(end), 0, {}, {}});
  }
  if (inputs.empty()) return absl::InvalidArgumentError("no shard given");
  const uint64_t of = inputs.front().end.shard.of;
  std::string missing;
  uint64_t count = 0;
  constexpr uint64_t kMostNamed = 20;
  for (uint64_t number = 1; number <= of && count < kMostNamed; ++number) {
    if (by_number.contains(number)) continue;
    missing += fmt::format("{}{}/{}", count++ == 0 ? "" : ", ", number, of);
  }
  if (count == 0) return inputs;
  const uint64_t absent = of - by_number.size();
  return absl::InvalidArgumentError(fmt::format("{} shard{} missing: {}{}", absent,
                                                absent == 1 ? " is" : "s are", missing,
                                                absent > count ? ", ..." : ""));
}

}  // namespace

bool Shard::Holds(std::string_view relative_path) const {
  return of <= 1 || XXH3_64bits(relative_path.data(), relative_path.size()) % of == number - 1;
}

absl::StatusOr<Shard> ParseShard(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    const std::optional<uint64_t> number = ParseNumber(text.substr(0, slash));
    const std::optional<uint64_t> of = ParseNumber(text.substr(slash + 1));
    if (number && of && *number >= 1 && *number <= *of) return Shard{*number, *of};
  }
  return absl::InvalidArgumentError(
      fmt::format("{}: a shard is K/N with K from 1 to N, such as 2/8", base::Quote(text)));
}

std::string ShardEndLine(const ShardEnd& end) {
  return fmt::format(R"({{"schema":"{}","shard":{},"of":{},"run":"{}","models":{}}})"
                     "\n",
                     kShardSchema, end.shard.number, end.shard.of, end.run, end.models);
}

std::optional<ShardEnd> ParseShardEnd(std::string_view line) {
  // No need to parse a record of megabytes to see that it is none.
  if (!line.starts_with(fmt::format(R"({{"schema":"{}")", kShardSchema))) return std::nullopt;
  const json object = json::parse(line, nullptr, false);
  if (object.is_discarded()) return std::nullopt;
  ShardEnd end;
  end.shard = {Count(object, "shard"), Count(object, "of")};
  end.models = Count(object, "models");
  const auto run = object.find("run");
  if (run == object.end() || !run->is_string()) return std::nullopt;
  end.run = run->get<std::string>();
  if (end.shard.number < 1 || end.shard.number > end.shard.of) return std::nullopt;
  return end;
}

absl::Status Join(const std::vector<std::string>& shards, const std::string& report,
                  const std::function<bool(const Row& row, std::string_view line)>& take) {
  absl::StatusOr<std::vector<Input>> inputs = OpenAll(shards);
  if (!inputs.ok()) return inputs.status();
  const auto later = [](const Input* a, const Input* b) { return a->row.file > b->row.file; };
  std::priority_queue<Input*, std::vector<Input*>, decltype(later)> next(later);
  for (Input& input : *inputs) {
    const absl::StatusOr<bool> more = Advance(input);
    if (!more.ok()) return more.status();
    if (*more) next.push(&input);
  }
  absl::StatusOr<wire::AtomicFile> out = wire::AtomicFile::Create(report, {.mode = 0644});
  if (!out.ok()) return out.status();
  while (!next.empty()) {
    Input& input = *next.top();
    next.pop();
    if (absl::Status written = out->Append(input.line); !written.ok()) return written;
    if (!take(input.row, input.line)) return absl::OkStatus();
    const absl::StatusOr<bool> more = Advance(input);
    if (!more.ok()) return more.status();
    if (*more) next.push(&input);
  }
  return out->Commit();
}

}  // namespace hoarfrost::batch
