// The words of enumerations that more than one kind of value has: those of the JSON contract.
#ifndef HOARFROST_PYTHON_WORDS_H_
#define HOARFROST_PYTHON_WORDS_H_

#include "hoarfrost/tensor.h"

namespace hoarfrost::python {

const char* RoleWord(Role role);

}  // namespace hoarfrost::python

#endif  // HOARFROST_PYTHON_WORDS_H_
