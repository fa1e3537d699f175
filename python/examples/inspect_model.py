"""What is in a model: `python inspect_model.py MODEL.onnx`"""

import sys

import hoarfrost

# %% Load it. Nothing of the weights is read, so the size of the file does not matter.
model = hoarfrost.load(sys.argv[1])
print(repr(model))

# %% The table that `hoarfrost inspect` prints; in a notebook, `model` alone shows it.
print(model.summary())

# %% The numbers. Statistics, such as running means, are parameters that never train.
totals = model.totals
print(f"{totals.trainable:,} of {totals.parameters:,} parameters are trainable")
assert totals.parameters == totals.trainable + totals.non_trainable

# %% Tensors and layers are sequences whose items are made when they are looked at.
for layer in model.layers:
    print(layer.path, layer.type, layer.output_shape, layer.parameters)
statistics = [tensor.name for tensor in model.tensors if tensor.role == "statistic"]
print(f"{len(model.tensors)} tensors, of which {len(statistics)} statistics: {statistics}")

# %% The values of one tensor, and of no other, when you ask for them.
largest = max(model.tensors, key=lambda tensor: tensor.bytes)
array = largest.numpy()
print(largest.name, array.dtype, array.shape)

# %% What is odd about the file.
for note in model.notes:
    print(note.severity, note.text)
