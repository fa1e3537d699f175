"""onnx_load.py FILE: what a user of the onnx package does: onnx.load, then a walk."""

import math
import sys

import onnx

model = onnx.load(sys.argv[1])
tensors = [(t.name, t.data_type, list(t.dims)) for t in model.graph.initializer]
print(len(tensors), "tensors,", sum(math.prod(dims) for _, _, dims in tensors), "elements")
