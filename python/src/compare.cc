// verify, diff and merge, and the sets of tensors that they take.
#include "hoarfrost/compare.h"

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bind.h"
#include "compared.h"
#include "failure.h"
#include "text.h"

namespace hoarfrost::python {
namespace {

namespace nb = nanobind;
using nb::literals::operator""_a;

using Bytes = nb::ndarray<const uint8_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

TensorSet Open(const nb::bytes& path) {
  const std::string file = ToPath(path);
  return Value(Unlocked([&] { return TensorSet::Open(file); }), Doing::kLoading);
}

// `tensors`: (name, dtype, shape, bytes) each. The set keeps the list, and so the bytes.
TensorSet FromMemory(const Text& name, const nb::list& tensors) {
  std::vector<MemoryTensor> taken;
  taken.reserve(tensors.size());
  for (const nb::handle item : tensors) {
    const auto tuple = nb::cast<nb::tuple>(item);
    const auto bytes = nb::cast<Bytes>(tuple[3]);
    MemoryTensor tensor;
    tensor.name = nb::cast<Text>(tuple[0]).bytes;
    tensor.dtype = nb::cast<Text>(tuple[1]).bytes;
    tensor.shape = nb::cast<std::vector<int64_t>>(tuple[2]);
    tensor.bytes = std::string_view(
        static_cast<const char*>(static_cast<const void*>(bytes.data())), bytes.size());
    taken.push_back(std::move(tensor));
  }
  return Value(TensorSet::FromMemory(name.bytes, std::move(taken)), Doing::kLoading);
}

nb::dict Verify(const Model& frozen, const TensorSet& tuned, const Text& plan_json, bool partial) {
  const VerifyOptions options{.plan_json = plan_json.bytes, .partial = partial};
  return ToDict(Value(Unlocked([&] { return hoarfrost::Verify(frozen, tuned, options); }),
                      Doing::kComparing));
}

nb::dict Diff(const TensorSet& a, const TensorSet& b) {
  return ToDict(Value(Unlocked([&] { return hoarfrost::Diff(a, b); }), Doing::kComparing));
}

nb::dict Merge(const Model& base, const TensorSet& tuned, const nb::bytes& output,
               bool keep_frozen) {
  const std::string file = ToPath(output);
  const MergeOptions options{.keep_frozen = keep_frozen};
  return ToDict(Value(Unlocked([&] { return hoarfrost::Merge(base, tuned, file, options); }),
                      Doing::kMerging));
}

}  // namespace

void BindCompare(nb::module_& m) {
  nb::class_<TensorSet>(m, "TensorSet")
      .def_static("open", Open, "path"_a)
      .def_static("of_model", &TensorSet::OfModel, "model"_a)
      .def_static("from_memory", FromMemory, "name"_a, "tensors"_a, nb::keep_alive<0, 2>(),
                  nb::sig("def from_memory(name: str, tensors: list[tuple[str, str, "
                          "tuple[int, ...], numpy.typing.NDArray[numpy.uint8]]]) -> TensorSet"))
      .def("__len__", &TensorSet::size);
  m.def("verify", Verify, "frozen"_a, "tuned"_a, "plan_json"_a, "partial"_a,
        nb::sig("def verify(frozen: Model, tuned: TensorSet, plan_json: str, partial: bool) -> "
                "dict[str, typing.Any]"));
  m.def("diff", Diff, "a"_a, "b"_a,
        nb::sig("def diff(a: TensorSet, b: TensorSet) -> dict[str, typing.Any]"));
  m.def("merge", Merge, "base"_a, "tuned"_a, "output"_a, "keep_frozen"_a,
        nb::sig("def merge(base: Model, tuned: TensorSet, output: bytes, keep_frozen: bool) -> "
                "dict[str, typing.Any]"));
}

}  // namespace hoarfrost::python
