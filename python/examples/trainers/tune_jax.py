"""Fine-tune a frozen model with JAX: `python tune_jax.py FROZEN.onnx OUT.onnx`

Needs jax and jaxonnxruntime, for which every initializer is a parameter by its name in the file.
"""

import sys

import hoarfrost
import jax
import jax.numpy as jnp
import numpy as np
from jaxonnxruntime import call_onnx

source, target = sys.argv[1:3]
frozen = hoarfrost.load(source)
proto = frozen.to_onnx()

# %% Your data here.
random = np.random.default_rng(0)
shape = [dim.dim_value or 8 for dim in proto.graph.input[0].type.tensor_type.shape.dim]
x = jnp.asarray(random.standard_normal(shape), "float32")
call, parameters = call_onnx.call_onnx_model(proto, [x])
y = jnp.asarray(random.standard_normal(call(parameters, [x])[0].shape), "float32")

# %% Only what the plan names is differentiated: with all of `parameters`, the running means and
# variances of BatchNormalizations would be trained by gradient too.
names = frozen.plan().names("trainable")
trained = {name: parameters[name] for name in names}
rest = {name: value for name, value in parameters.items() if name not in trained}


def loss(trained: dict[str, jax.Array]) -> jax.Array:
    return ((call({**rest, **trained}, [x])[0] - y) ** 2).mean()


for _ in range(20):
    value, gradients = jax.value_and_grad(loss)(trained)
    trained = jax.tree.map(lambda weight, gradient: weight - 0.01 * gradient, trained, gradients)
print("loss", float(value))

# %% Nothing frozen moved, and the trained tensors go into the file that was frozen.
tuned = {**rest, **trained}
proof = frozen.verify(tuned)
print(proof)
assert proof.ok
print(frozen.merge(tuned, target))
