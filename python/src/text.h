// Names between C++ and Python.
//
// A name in a model is bytes, mostly valid UTF-8. In Python it is a str in which each byte that is
// no UTF-8 is a lone surrogate (PEP 383, "surrogateescape"), so that every name makes the way there
// and back.
#ifndef HOARFROST_PYTHON_TEXT_H_
#define HOARFROST_PYTHON_TEXT_H_

#include <nanobind/nanobind.h>

#include <string>
#include <string_view>

namespace hoarfrost::python {

// What a function taking or giving a name declares.
struct Text {
  std::string bytes;
};

inline nanobind::str ToStr(std::string_view bytes) {
  PyObject* str =
      PyUnicode_DecodeUTF8(bytes.data(), static_cast<Py_ssize_t>(bytes.size()), "surrogateescape");
  if (str == nullptr) throw nanobind::python_error();
  return nanobind::steal<nanobind::str>(str);
}

// A file path, as os.fsencode() gives it.
inline std::string ToPath(const nanobind::bytes& path) { return {path.c_str(), path.size()}; }

}  // namespace hoarfrost::python

namespace nanobind::detail {

template <>
struct type_caster<hoarfrost::python::Text> {
  NB_TYPE_CASTER(hoarfrost::python::Text, const_name("str"))

  bool from_python(handle from, uint32_t /*flags*/, cleanup_list* /*cleanup*/) noexcept {
    if (!PyUnicode_Check(from.ptr())) return false;
    const object encoded = steal(PyUnicode_AsEncodedString(from.ptr(), "utf-8", "surrogateescape"));
    if (!encoded.is_valid()) {
      PyErr_Clear();
      return false;
    }
    value.bytes.assign(PyBytes_AsString(encoded.ptr()),
                       static_cast<size_t>(PyBytes_Size(encoded.ptr())));
    return true;
  }

  static handle from_cpp(const hoarfrost::python::Text& text, rv_policy /*policy*/,
                         cleanup_list* /*cleanup*/) noexcept {
    return PyUnicode_DecodeUTF8(text.bytes.data(), static_cast<Py_ssize_t>(text.bytes.size()),
                                "surrogateescape");
  }
};

}  // namespace nanobind::detail

#endif  // HOARFROST_PYTHON_TEXT_H_
