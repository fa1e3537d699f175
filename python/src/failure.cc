#include "failure.h"

#include <string>
#include <string_view>

#include "text.h"

namespace hoarfrost::python {
namespace {

namespace nb = nanobind;

const char* Word(Doing doing) {
  switch (doing) {
    case Doing::kLoading:
      return "loading";
    case Doing::kFinding:
      return "finding";
    case Doing::kReading:
      return "reading";
    case Doing::kSelecting:
      return "selecting";
    case Doing::kSaving:
      return "saving";
    case Doing::kComparing:
      return "comparing";
    case Doing::kMerging:
      return "merging";
  }
  return "";
}

}  // namespace

void Failure::Raise() const {
  const std::string message(status_.message());
  try {
    const nb::object error =
        nb::module_::import_("hoarfrost.errors")
            .attr("from_status")(Word(doing_), absl::StatusCodeToString(status_.code()).c_str(),
                                 ToStr(message));
    PyErr_SetObject(error.type().ptr(), error.ptr());
  } catch (nb::python_error& e) {
    e.restore();
  }
}

void RegisterFailures() {
  nb::register_exception_translator([](const std::exception_ptr& thrown, void* /*payload*/) {
    try {
      std::rethrow_exception(thrown);
    } catch (const Failure& failure) {
      failure.Raise();
    }
  });
}

}  // namespace hoarfrost::python
