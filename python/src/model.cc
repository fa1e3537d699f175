// hoarfrost::Model and what it takes.
#include "hoarfrost/model.h"

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/vector.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bind.h"
#include "failure.h"
#include "text.h"
#include "values.h"

namespace hoarfrost::python {
namespace {

namespace nb = nanobind;
using nb::literals::operator""_a;

using Bytes = nb::ndarray<nb::numpy, uint8_t, nb::ndim<1>, nb::c_contig>;
using Positions = nb::ndarray<nb::numpy, uint64_t, nb::ndim<1>, nb::c_contig>;

Model Load(const nb::bytes& path, bool infer_shapes) {
  const std::string file = ToPath(path);
  return Value(Unlocked([&] { return Model::Load(file, {.infer_shapes = infer_shapes}); }),
               Doing::kLoading);
}

Model FromBytes(const nb::bytes& data, const Text& name, const nb::bytes& directory,
                bool infer_shapes) {
  const char* begin = data.c_str();
  const size_t size = data.size();
  const std::string folder = ToPath(directory);
  return Value(Unlocked([&] {
                 return Model::FromBytes(std::string(begin, size), name.bytes, folder,
                                         {.infer_shapes = infer_shapes});
               }),
               Doing::kLoading);
}

size_t Checked(size_t i, size_t count) {
  if (i >= count) throw nb::index_error("index out of range");
  return i;
}

size_t CheckedTensor(const Model& model, size_t i) { return Checked(i, model.tensor_count()); }

size_t FindTensor(const Model& model, const Text& name, const std::optional<Text>& scope) {
  std::optional<std::string> in_scope;
  if (scope) in_scope = scope->bytes;
  return Value(Unlocked([&] { return model.FindTensor(name.bytes, in_scope); }), Doing::kFinding);
}

// The array owns the bytes that were read: they are copied no further.
Bytes ReadTensor(const Model& model, size_t i) {
  CheckedTensor(model, i);
  auto bytes = std::make_unique<std::string>(
      Value(Unlocked([&] { return model.ReadTensor(i); }), Doing::kReading));
  std::string* data = bytes.get();
  const nb::capsule owner(data, [](void* p) noexcept { delete static_cast<std::string*>(p); });
  bytes.release();
  return Bytes(data->data(), {data->size()}, owner);
}

nb::list ReadStrings(const Model& model, size_t i) {
  CheckedTensor(model, i);
  const std::vector<std::string> strings =
      Value(Unlocked([&] { return model.ReadStrings(i); }), Doing::kReading);
  nb::list list;
  for (const std::string& text : strings) list.append(ToStr(text));
  return list;
}

Positions ReadPositions(const Model& model, size_t i) {
  CheckedTensor(model, i);
  auto positions = std::make_unique<std::vector<uint64_t>>(
      Value(Unlocked([&] { return model.ReadPositions(i); }), Doing::kReading));
  std::vector<uint64_t>* data = positions.get();
  const nb::capsule owner(data,
                          [](void* p) noexcept { delete static_cast<std::vector<uint64_t>*>(p); });
  positions.release();
  return Positions(data->data(), {data->size()}, owner);
}

std::vector<std::string> Patterns(const std::vector<Text>& from) {
  std::vector<std::string> to;
  to.reserve(from.size());
  for (const Text& text : from) to.push_back(text.bytes);
  return to;
}

Selection MakeSelection(bool all, const std::vector<Text>& layers, const std::vector<Text>& tensors,
                        const std::vector<Text>& types, const std::vector<Text>& upto,
                        int64_t first, const std::vector<Text>& except) {
  Selection selection;
  selection.all = all;
  selection.layers = Patterns(layers);
  selection.tensors = Patterns(tensors);
  selection.types = Patterns(types);
  selection.upto = Patterns(upto);
  selection.first = first;
  selection.except = Patterns(except);
  return selection;
}

Model Freeze(const Model& model, const Selection& selection, const SharedTensors& shared,
             bool batchnorm_arithmetic, bool dropout_identity, bool constants,
             bool expose_trainable) {
  FreezeOptions options;
  options.shared = shared;
  options.forms = {batchnorm_arithmetic, dropout_identity, constants, expose_trainable};
  return Value(Unlocked([&] { return model.Freeze(selection, options); }), Doing::kSelecting);
}

Model Thaw(const Model& model, const Selection* selection) {
  return Value(
      Unlocked([&] { return selection == nullptr ? model.Thaw() : model.Thaw(*selection); }),
      Doing::kSelecting);
}

void Save(const Model& model, const nb::bytes& path) {
  const std::string file = ToPath(path);
  Check(Unlocked([&] { return model.Save(file); }), Doing::kSaving);
}

nb::bytes Serialize(const Model& model) {
  const std::string bytes = Value(Unlocked([&] { return model.Serialize(); }), Doing::kReading);
  return nb::bytes(bytes.data(), bytes.size());
}

// What `render` makes of the model, which may take long for a large one.
template <typename Render>
nb::str Rendered(const Render& render) {
  return ToStr(Unlocked(render));
}

}  // namespace

void BindModel(nb::module_& m) {
  nb::class_<Model>(m, "Model")
      .def_static("load", Load, "path"_a, "infer_shapes"_a)
      .def_static("from_bytes", FromBytes, "data"_a, "name"_a, "directory"_a, "infer_shapes"_a)
      .def(
          "info", [](const Model& model) { return ToDict(model.info()); },
          nb::sig("def info(self) -> dict[str, typing.Any]"))
      .def(
          "totals", [](const Model& model) { return ToDict(model.totals()); },
          nb::sig("def totals(self) -> dict[str, int]"))
      .def(
          "framework",
          [](const Model& model) -> nb::object {
            if (!model.framework()) return nb::none();
            return ToDict(*model.framework());
          },
          nb::sig("def framework(self) -> dict[str, typing.Any] | None"))
      .def(
          "notes",
          [](const Model& model) {
            nb::list list;
            for (const Note& note : model.notes()) list.append(ToDict(note));
            return list;
          },
          nb::sig("def notes(self) -> list[dict[str, typing.Any]]"))
      .def("tensor_count", &Model::tensor_count)
      .def(
          "tensor",
          [](const Model& model, size_t i) {
            return ToDict(model.tensor(CheckedTensor(model, i)));
          },
          "i"_a, nb::sig("def tensor(self, i: int) -> dict[str, typing.Any]"))
      .def("layer_count", &Model::layer_count)
      .def(
          "layer",
          [](const Model& model, size_t i) {
            return ToDict(model.layer(Checked(i, model.layer_count())));
          },
          "i"_a, nb::sig("def layer(self, i: int) -> dict[str, typing.Any]"))
      .def("find_tensor", FindTensor, "name"_a, "scope"_a.none())
      .def("read_tensor", ReadTensor, "i"_a,
           nb::sig("def read_tensor(self, i: int) -> numpy.typing.NDArray[numpy.uint8]"))
      .def(
          "read_values",
          [](const Model& model, size_t i) {
            CheckedTensor(model, i);
            return ToDict(Value(Unlocked([&] { return model.ReadValues(i); }), Doing::kReading));
          },
          "i"_a, nb::sig("def read_values(self, i: int) -> dict[str, typing.Any]"))
      .def("read_strings", ReadStrings, "i"_a,
           nb::sig("def read_strings(self, i: int) -> list[str]"))
      .def("read_positions", ReadPositions, "i"_a,
           nb::sig("def read_positions(self, i: int) -> numpy.typing.NDArray[numpy.uint64]"))
      .def(
          "table",
          [](const Model& model, int width) {
            return Rendered([&] { return model.ToTable(width); });
          },
          "width"_a)
      .def("json", [](const Model& model) { return Rendered([&] { return model.ToJson(); }); })
      .def(
          "explain",
          [](const Model& model, size_t i) {
            CheckedTensor(model, i);
            return Rendered([&] { return model.Explain(i); });
          },
          "i"_a)
      .def(
          "explain_json",
          [](const Model& model, size_t i) {
            CheckedTensor(model, i);
            return Rendered([&] { return model.ExplainJson(i); });
          },
          "i"_a)
      .def(
          "lint",
          [](const Model& model, const std::vector<Text>& rules) {
            const std::vector<std::string> chosen = Patterns(rules);
            nb::list list;
            for (const LintFinding& finding :
                 Value(Unlocked([&] { return model.Lint(chosen); }), Doing::kSelecting)) {
              list.append(ToDict(finding));
            }
            return list;
          },
          "rules"_a, nb::sig("def lint(self, rules: list[str]) -> list[dict[str, typing.Any]]"))
      .def(
          "plan",
          [](const Model& model) {
            return ToDict(Value(Unlocked([&] { return model.plan(); }), Doing::kReading));
          },
          nb::sig("def plan(self) -> dict[str, typing.Any]"))
      .def("freeze", Freeze, "selection"_a, "shared"_a, "batchnorm_arithmetic"_a,
           "dropout_identity"_a, "constants"_a, "expose_trainable"_a)
      .def("thaw", Thaw, "selection"_a.none())
      .def("save", Save, "path"_a)
      .def("serialize", Serialize);
}

void BindSelection(nb::module_& m) {
  nb::enum_<SharedTensors>(m, "SharedTensors")
      .value("refuse", SharedTensors::kRefuse)
      .value("freeze", SharedTensors::kFreeze)
      .value("train", SharedTensors::kTrain);
  nb::class_<Selection>(m, "Selection")
      .def(nb::new_(&MakeSelection), nb::kw_only(), "all"_a, "layers"_a, "tensors"_a, "types"_a,
           "upto"_a, "first"_a, "except_"_a);
}

}  // namespace hoarfrost::python
