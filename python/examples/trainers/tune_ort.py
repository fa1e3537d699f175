"""Fine-tune a frozen model with ONNX Runtime: `python tune_ort.py FROZEN.onnx OUT.onnx`

Needs onnxruntime-training-cpu (pip install hoarfrost[ort]).
"""

import os
import sys
import tempfile

import hoarfrost
import hoarfrost.ort
import numpy as np

source, target = sys.argv[1:3]
training = hoarfrost.ort.load_training()

# %% The artifacts that the trainer wants, of the model as it can train it, and the plan's lists.
folder = tempfile.mkdtemp()
prepared = hoarfrost.ort.generate_artifacts(
    source,
    artifact_directory=folder,
    loss=training.artifacts.LossType.MSELoss,
    optimizer=training.artifacts.OptimType.AdamW,
)


def at(name: str) -> str:
    return os.path.join(folder, name)


state = training.api.CheckpointState.load_checkpoint(at("checkpoint"))
module = training.api.Module(at("training_model.onnx"), state, at("eval_model.onnx"))
optimizer = training.api.Optimizer(at("optimizer_model.onnx"), module)

# %% Your data here.
graph = prepared.model.graph
random = np.random.default_rng(0)
shapes = [
    [dim.dim_value or 8 for dim in value.type.tensor_type.shape.dim]
    for value in (graph.input[0], graph.output[0])
]
x, y = (random.standard_normal(shape).astype("float32") for shape in shapes)
for _ in range(20):
    module.train()
    loss = module(x, y)
    optimizer.step()
    module.lazy_reset_grad()
print("loss", loss)

# %% Nothing frozen moved, and the trained tensors go into the file that was frozen.
tuned = at("tuned")
training.api.CheckpointState.save_checkpoint(state, tuned)
proof = hoarfrost.verify(source, tuned)
print(proof)
assert proof.ok
print(hoarfrost.merge(source, tuned, target))
