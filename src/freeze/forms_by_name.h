// Forms of a frozen model taken back by name, after another tool has written the file anew.
#ifndef HOARFROST_FREEZE_FORMS_BY_NAME_H_
#define HOARFROST_FREEZE_FORMS_BY_NAME_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/hash.h"
#include "freeze/undo.h"
#include "summary/summary.h"
#include "wire/byte_source.h"
#include "wire/splice.h"

namespace hoarfrost::freeze {

// Nodes are found by their first output, initializers and inputs by name, all of the main graph.
class FormsByName {
 public:
  FormsByName(const wire::ByteSource& file, const summary::Summary& model);

  // Whether the item is one of a form; it must outlive this.
  bool Take(const UndoItem& item);

  // Adds the edits that take the forms back, and a sentence for each that could not be.
  absl::Status Finish(std::vector<wire::Edit>& edits, std::vector<std::string>& unplaced);

 private:
  using Items = std::vector<const UndoItem*>;

  void HideInput(const std::string& name);
  void RestoreNode(const std::string& output, const Items& items);
  void EraseHelpers(uint32_t last, const std::vector<std::string>& kept);
  absl::Status RestoreInitializers();
  void Miss(std::string what) { unplaced_.push_back(std::move(what)); }

  const wire::ByteSource& file_;
  const summary::Summary& model_;
  const onnx::GraphProto& graph_;
  base::ViewMap<uint32_t> node_of_;  // by output
  std::vector<std::string> exposed_;
  std::map<std::string, Items> nodes_;  // Dropouts and BatchNormalizations, by first output
  std::vector<const UndoItem*> constants_;
  uint64_t nameless_ = 0;  // in subgraphs and functions
  std::vector<wire::Edit> edits_;
  std::vector<std::string> unplaced_;
};

}  // namespace hoarfrost::freeze

#endif  // HOARFROST_FREEZE_FORMS_BY_NAME_H_
