// hoarfrost._core: the public API of C++ for the Python package around it, which holds all manners.
//
// Paths are bytes, names are str, values are dicts (values.h). Whatever reads, writes or takes long
// runs without the interpreter's lock.
#include <nanobind/nanobind.h>

#include "bind.h"
#include "failure.h"
#include "hoarfrost/model.h"

namespace hoarfrost::python {

NB_MODULE(_core, m) {
  RegisterFailures();
  BindSelection(m);
  BindModel(m);
  BindCompare(m);
  BindBatch(m);
  m.def("version", Version);
}

}  // namespace hoarfrost::python
