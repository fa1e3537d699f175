// What comparing found, as Python dicts: the keyword arguments of the classes of that name in
// hoarfrost/_compared.py, which nobody else builds.
#ifndef HOARFROST_PYTHON_COMPARED_H_
#define HOARFROST_PYTHON_COMPARED_H_

#include <nanobind/nanobind.h>

#include "hoarfrost/compare.h"

namespace hoarfrost::python {

nanobind::dict ToDict(const VerifyResult& result);
nanobind::dict ToDict(const DiffResult& result);
nanobind::dict ToDict(const MergeResult& result);

}  // namespace hoarfrost::python

#endif  // HOARFROST_PYTHON_COMPARED_H_
