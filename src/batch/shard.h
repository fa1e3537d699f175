// One of N parts of a batch, and their reports made one again.
//
// A model belongs to the shard that a hash of its path below the folder given says, so that every
// machine finds the same split whatever it has mounted where. The report of a shard ends in a line
// that is no record: which shard, of how many, of which run, and how many records there are.
#ifndef HOARFROST_BATCH_SHARD_H_
#define HOARFROST_BATCH_SHARD_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "batch/record.h"

namespace hoarfrost::batch {

inline constexpr std::string_view kShardSchema = "hoarfrost.batch-shard/1";

struct Shard {
  uint64_t number = 1;  // from 1
  uint64_t of = 1;

  bool Holds(std::string_view relative_path) const;
};

// "K/N" with 1 <= K <= N; InvalidArgument for anything else.
absl::StatusOr<Shard> ParseShard(std::string_view text);

struct ShardEnd {
  Shard shard;
  std::string run;
  uint64_t models = 0;
};

// The last line of a shard's report, with its line feed; nullopt for any other line.
std::string ShardEndLine(const ShardEnd& end);
std::optional<ShardEnd> ParseShardEnd(std::string_view line);

// Writes the records of all the shards to `report`, in the order of an undivided run; `take` sees
// each, and gives false to stop. InvalidArgument, naming the file, for one that is no finished
// shard, that is of another run, that is given twice, or where shards are missing.
absl::Status Join(const std::vector<std::string>& shards, const std::string& report,
                  const std::function<bool(const Row& row, std::string_view line)>& take);

}  // namespace hoarfrost::batch

#endif  // HOARFROST_BATCH_SHARD_H_
