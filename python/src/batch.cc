// Folders of models, and the record of each.
#include "hoarfrost/batch.h"

#include <nanobind/nanobind.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <utility>
#include <vector>

#include "bind.h"
#include "failure.h"
#include "text.h"

namespace hoarfrost::python {
namespace {

namespace nb = nanobind;
using nb::literals::operator""_a;

nb::bytes ToBytes(const std::string& text) { return nb::bytes(text.data(), text.size()); }

std::vector<std::string> Patterns(const std::vector<Text>& words) {
  std::vector<std::string> patterns;
  for (const Text& word : words) patterns.push_back(word.bytes);
  return patterns;
}

// Pairs of a path and, of a folder that could not be read, its record.
using FoundList = nb::typed<nb::list, nb::typed<nb::tuple, nb::bytes, nb::bytes>>;

FoundList FindAll(const std::vector<nb::bytes>& roots, const std::vector<Text>& globs,
                  const std::vector<Text>& excludes, bool hidden) {
  std::vector<std::string> paths;
  for (const nb::bytes& root : roots) paths.push_back(ToPath(root));
  const FindOptions options = {Patterns(globs), Patterns(excludes), hidden};
  auto found = Unlocked([&] { return FindModels(paths, options); });
  const bool missing = absl::IsNotFound(found.status());
  FoundList list;
  for (const FoundModel& model :
       Value(std::move(found), missing ? Doing::kLoading : Doing::kSelecting)) {
    list.append(nb::make_tuple(ToBytes(model.file), ToBytes(model.problem)));
  }
  return list;
}

nb::bytes InspectOne(const nb::bytes& file, bool full) {
  const FoundModel model = {ToPath(file)};
  return ToBytes(Unlocked([&] { return InspectRecord(model, full); }).json);
}

}  // namespace

void BindBatch(nb::module_& m) {
  m.def("find_models", FindAll, "roots"_a, "globs"_a, "excludes"_a, "hidden"_a);
  m.def("inspect_record", InspectOne, "file"_a, "full"_a);
}

}  // namespace hoarfrost::python
