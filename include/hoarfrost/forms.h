// Forms: how a frozen model is written, beyond what every consumer takes.
//
// Each is for one kind of consumer and costs something with another (docs/freezing.md tells which),
// so none is a default. What was asked for once goes for all of a file that is frozen, until it is
// thawed.
#ifndef HOARFROST_FORMS_H_
#define HOARFROST_FORMS_H_

namespace hoarfrost {

struct Forms {
  // Frozen BatchNormalizations as arithmetic on their own four tensors: the only form that
  // ONNX Runtime training runs in inference mode.
  bool batchnorm_arithmetic = false;
  // Dropouts that feed only frozen layers as Identity.
  bool dropout_identity = false;
  // Frozen tensors as Constant nodes, for consumers that train every initializer.
  bool constants = false;
  // Trainable initializers as graph inputs, for consumers that take gradients of inputs.
  bool expose_trainable = false;

  bool any() const {
    return batchnorm_arithmetic || dropout_identity || constants || expose_trainable;
  }
  friend bool operator==(const Forms&, const Forms&) = default;
};

}  // namespace hoarfrost

#endif  // HOARFROST_FORMS_H_
