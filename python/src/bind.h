// The parts of the module hoarfrost._core: a function for each header of the public API.
#ifndef HOARFROST_PYTHON_BIND_H_
#define HOARFROST_PYTHON_BIND_H_

#include <nanobind/nanobind.h>

namespace hoarfrost::python {

void BindBatch(nanobind::module_& m);
void BindCompare(nanobind::module_& m);
void BindModel(nanobind::module_& m);
void BindSelection(nanobind::module_& m);

}  // namespace hoarfrost::python

#endif  // HOARFROST_PYTHON_BIND_H_
