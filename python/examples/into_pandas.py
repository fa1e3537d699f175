"""A model as tables: `python into_pandas.py MODEL.onnx`"""

import sys

import hoarfrost

model = hoarfrost.load(sys.argv[1])

# %% A row a tensor: where do the bytes go?
tensors = model.to_pandas()
print(tensors.groupby(["role", "dtype"])[["elements", "bytes"]].sum())

# %% A row a layer: which are the largest?
layers = model.to_pandas(by="layer")
print(layers.nlargest(5, "parameters")[["path", "type", "parameters", "trainable"]])

# %% Weights that rest on a guess, to be looked at.
guessed = tensors[tensors.evidence.isin(["name", "assumed"]) & (tensors.role == "weight")]
print(guessed[["name", "reason"]])
