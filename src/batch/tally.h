// What a batch comes to, for the table at its end, and its records as comma-separated values.
#ifndef HOARFROST_BATCH_TALLY_H_
#define HOARFROST_BATCH_TALLY_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/sink.h"
#include "batch/record.h"

namespace hoarfrost::batch {

class Tally {
 public:
  void Add(const Row& row);

  // Models, failures by cause, parameters, bytes, and the files that took longest; sums stop at
  // 2^64 - 1.
  void Write(base::Sink& sink) const;

  uint64_t models() const { return models_; }
  uint64_t failed() const { return failed_; }

 private:
  uint64_t models_ = 0;
  uint64_t failed_ = 0;
  std::map<std::string, uint64_t> causes_;
  uint64_t bytes_ = 0;
  summary::Totals totals_;
  uint64_t with_statistics_ = 0;  // models
  uint64_t weak_ = 0;             // models of which some tensor rests on a name or an assumption
  std::vector<std::pair<double, std::string>> slowest_;  // longest first
};

// RFC 4180, lines ended by a line feed; names with control characters as \xNN. A failed model has
// empty numbers.
void WriteCsvHeading(base::Sink& sink);
void WriteCsvRow(const Row& row, base::Sink& sink);

}  // namespace hoarfrost::batch

#endif  // HOARFROST_BATCH_TALLY_H_
