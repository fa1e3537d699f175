// absl::Status as a Python exception.
//
// Which class it becomes is the business of hoarfrost/errors.py, which is given the status code,
// the message, and what was being done.
#ifndef HOARFROST_PYTHON_FAILURE_H_
#define HOARFROST_PYTHON_FAILURE_H_

#include <nanobind/nanobind.h>

#include <exception>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace hoarfrost::python {

// What was being done; errors.py knows the words.
enum class Doing : unsigned char {
  kLoading,
  kFinding,
  kReading,
  kSelecting,
  kSaving,
  kComparing,
  kMerging,
};

class Failure : public std::exception {
 public:
  Failure(absl::Status status, Doing doing) : status_(std::move(status)), doing_(doing) {}

  const char* what() const noexcept override { return "hoarfrost::python::Failure"; }
  // Sets the Python error that this is.
  void Raise() const;

 private:
  absl::Status status_;
  Doing doing_;
};

// Has nanobind turn every Failure that leaves a bound function into its Python exception.
void RegisterFailures();

inline void Check(absl::Status status, Doing doing) {
  if (!status.ok()) throw Failure(std::move(status), doing);
}

template <typename T>
T Value(absl::StatusOr<T> result, Doing doing) {
  if (!result.ok()) throw Failure(std::move(result).status(), doing);
  return *std::move(result);
}

// Runs `work`, which touches no Python object, while other Python threads go on.
template <typename Work>
auto Unlocked(const Work& work) {
  const nanobind::gil_scoped_release released;
  return work();
}

}  // namespace hoarfrost::python

#endif  // HOARFROST_PYTHON_FAILURE_H_
