"""Freeze layers before fine-tuning: `python freeze_layers.py MODEL.onnx OUT.onnx [LAYERS]`"""

import sys

import hoarfrost

source, target = sys.argv[1:3]
model = hoarfrost.load(source)

# %% Freeze a subtree of layers, by its path or a glob, or the first layer where none is named.
if len(sys.argv) > 3:
    frozen = model.freeze(layers=sys.argv[3])
else:
    frozen = model.freeze(first=1)
print(model.totals.trainable, "parameters were trainable,", frozen.totals.trainable, "still are")

# %% The names to hand to a trainer. No trainer reads a mark in an ONNX file.
plan = frozen.plan()
print("requires_grad =", [entry.name for entry in plan.trainable])
print("frozen_params =", [entry.name for entry in plan.frozen])

# %% Written without reading the weights: the kernel copies them.
frozen.save(target)

# %% And back: the bytes are those of the file before it was frozen.
thawed = hoarfrost.load(target).thaw()
thawed.save(target)
with open(source, "rb") as before, open(target, "rb") as after:
    assert before.read() == after.read()
