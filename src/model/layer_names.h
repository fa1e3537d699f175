// What the file itself calls the module of a node or tensor, before anything is traced.
//
// Evidence, strongest first: a tensor's own name where it is a state_dict name (or what constant
// folding says it came from), a node's traced module, a node's name. Paths are interned: equal
// paths have equal ids.
#ifndef HOARFROST_MODEL_LAYER_NAMES_H_
#define HOARFROST_MODEL_LAYER_NAMES_H_

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "model/exporter_metadata.h"
#include "model/facts.h"
#include "model/layers.h"

namespace hoarfrost::model {

using PathId = int32_t;

class LayerNames {
 public:
  LayerNames(const Facts& facts, Exporter exporter);

  // kNone where nothing names one (the root module has no name either).
  PathId node_path(NodeId n) const { return node_path_[static_cast<size_t>(n)]; }
  PathId tensor_path(TensorId t) const { return tensor_path_[static_cast<size_t>(t)]; }
  // A tensor that constant folding copied from another one of this file; kNone if it did not.
  TensorId copied_from(TensorId t) const { return copied_from_[static_cast<size_t>(t)]; }

  size_t path_count() const { return paths_.size(); }
  std::string_view path(PathId p) const { return paths_[static_cast<size_t>(p)]; }
  // The framework's class without its module ("BatchNorm2d"); empty where it is not known.
  std::string_view class_name(PathId p) const { return classes_[static_cast<size_t>(p)]; }

  const GraphSignature& signature() const { return signature_; }

 private:
  PathId Intern(std::string_view path);  // `path` outlives this
  PathId InternCopy(std::string&& path);
  void NameTensors();
  void NameNodes();
  PathId TensorOwnPath(const Tensor& tensor, TensorId id);
  PathId NodeOwnPath(const Node& node);
  void JoinNodesToTensors();
  void SplitFoldedBatchNorm();
  void GuessFoldedBatchNorm();
  void JoinRecurrentNodes();
  void JoinProductsToBiases();
  void RenameTied();

  const Facts& facts_;
  const Exporter exporter_;
  GraphSignature signature_;
  std::deque<std::string> owned_;
  std::vector<std::string_view> paths_;
  std::vector<std::string_view> classes_;
  base::ViewMap<PathId> by_path_;
  base::ViewMap<PathId> by_prefix_;  // of node names, up to the operator
  std::vector<PathId> node_path_;
  std::vector<PathId> tensor_path_;
  std::vector<TensorId> copied_from_;
};

}  // namespace hoarfrost::model

#endif  // HOARFROST_MODEL_LAYER_NAMES_H_
