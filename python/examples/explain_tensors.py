"""Why a tensor is what it is said to be: `python explain_tensors.py MODEL.onnx`"""

import sys
from collections import Counter

import hoarfrost

model = hoarfrost.load(sys.argv[1])

# %% How strong is the evidence? "stated" is strongest; "name" and "assumed" are guesses.
print(Counter(tensor.evidence for tensor in model.tensors))

# %% One sentence a tensor.
for tensor in model.tensors:
    print(f"{tensor.name}: {tensor.role} ({tensor.evidence}: {tensor.reason})")

# %% All about one: who uses it, and where its bytes lie.
print(model.tensors[0].explain())

# %% By name. A name that is not there gets its nearest neighbours in the message.
try:
    model.explain(model.tensors[0].name + "x")
except hoarfrost.UnknownTensorError as error:
    print(error)
