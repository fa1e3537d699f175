"""Fine-tune a frozen model with tinygrad: `python tune_tinygrad.py FROZEN.onnx OUT.onnx`

Needs tinygrad, whose runner holds every initializer by its name in the file. On a processor it
compiles with clang; DEV=PYTHON does without, slowly.
"""

import sys

import hoarfrost
import numpy as np
from tinygrad import Context, Tensor, nn
from tinygrad.nn.onnx import OnnxRunner

source, target = sys.argv[1:3]
frozen = hoarfrost.load(source)
proto = frozen.to_onnx()
runner = OnnxRunner(source)

# %% What the optimizer is given is trained, so it is given what the plan names.
names = frozen.plan().names("trainable")
for name in names:
    runner.graph_values[name] = Tensor(frozen.tensor(name).numpy())
optimizer = nn.optim.SGD([runner.graph_values[name] for name in names], lr=0.01)

# %% Your data here.
random = np.random.default_rng(0)
value = proto.graph.input[0]
shape = [dim.dim_value or 8 for dim in value.type.tensor_type.shape.dim]
x = Tensor(random.standard_normal(shape).astype("float32"))
output = proto.graph.output[0].name
y = Tensor(random.standard_normal(runner({value.name: x})[output].shape).astype("float32"))
with Context(TRAINING=1):
    for _ in range(20):
        optimizer.zero_grad()
        loss = ((runner({value.name: x})[output] - y) ** 2).mean()
        loss.backward()
        optimizer.step()
print("loss", loss.item())

# %% Nothing frozen moved, and the trained tensors go into the file that was frozen.
held = {tensor.name for tensor in proto.graph.initializer}
tuned = {name: runner.graph_values[name].numpy() for name in held}
proof = frozen.verify(tuned)
print(proof)
assert proof.ok
print(frozen.merge(tuned, target))
