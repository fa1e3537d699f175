// The overview of a zoo as a page for a browser: a row for each record.
#ifndef HOARFROST_BATCH_PAGE_H_
#define HOARFROST_BATCH_PAGE_H_

#include <string>
#include <vector>

#include "base/sink.h"
#include "batch/record.h"

namespace hoarfrost::batch {

// `inputs`: the folders and files as they were named; `made_by`: "hoarfrost 0.1.0".
void WritePage(const std::vector<Row>& rows, const std::vector<std::string>& inputs,
               const std::string& made_by, base::Sink& sink);

}  // namespace hoarfrost::batch

#endif  // HOARFROST_BATCH_PAGE_H_
