// Values of the public API as Python dicts: the keyword arguments of the classes of that name in
// hoarfrost/_values.py, which nobody else builds.
#ifndef HOARFROST_PYTHON_VALUES_H_
#define HOARFROST_PYTHON_VALUES_H_

#include <nanobind/nanobind.h>

#include "hoarfrost/model.h"

namespace hoarfrost::python {

nanobind::dict ToDict(const ModelInfo& info);
nanobind::dict ToDict(const Totals& totals);
nanobind::dict ToDict(const FrameworkCount& framework);
nanobind::dict ToDict(const Note& note);
nanobind::dict ToDict(const LintFinding& finding);
nanobind::dict ToDict(const Layer& layer);
nanobind::dict ToDict(const Tensor& tensor);
nanobind::dict ToDict(const Plan& plan);
nanobind::dict ToDict(const Values& values);

}  // namespace hoarfrost::python

#endif  // HOARFROST_PYTHON_VALUES_H_
