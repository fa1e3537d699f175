"""Fine-tune a frozen model as a torch module: `python tune_torch.py FROZEN.onnx OUT.onnx`

Needs torch and onnx2torch; with onnx2pytorch, convert by onnx2pytorch.ConvertModel(proto) instead.
"""

import sys

import hoarfrost
import hoarfrost.torch
import onnx2torch
import torch

source, target = sys.argv[1:3]
frozen = hoarfrost.load(source)

# %% Convert, and right after that apply the plan that lies in the file.
proto = frozen.to_onnx()
module = onnx2torch.convert(proto, attach_onnx_mapping=True)
applied = hoarfrost.torch.apply(module, frozen)
optimizer = torch.optim.AdamW(hoarfrost.torch.parameter_groups(applied, weight_decay=0.01), lr=1e-3)

# %% Your data here. train() leaves the frozen BatchNormalizations in eval mode.
torch.manual_seed(0)
x = torch.randn([dim.dim_value or 8 for dim in proto.graph.input[0].type.tensor_type.shape.dim])
module.train()
y = torch.randn_like(module(x))
for _ in range(20):
    optimizer.zero_grad()
    loss = ((module(x) - y) ** 2).mean()
    loss.backward()
    optimizer.step()
print("loss", loss.item())

# %% Nothing frozen moved, and the trained tensors go into the file that was frozen.
proof = frozen.verify(applied.tensors())
print(proof)
assert proof.ok
print(frozen.merge(applied.tensors(), target))
