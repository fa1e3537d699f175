"""jaxonnxruntime: every initializer is a leaf of its parameters, by name."""

import numpy as np
import onnx
from common import STEPS, Adam, Refused, Run, short

CONSUMERS = {"jaxonnxruntime": "jaxonnxruntime"}


def train(consumer, job):
    import jax
    from jaxonnxruntime import call_onnx
    from jaxonnxruntime import config as jax_onnx

    # Shapes that a graph computes are constants for it then, as they are in these models.
    jax_onnx.update("jaxort_only_allow_initializers_as_static_args", False)
    try:
        copy = onnx.ModelProto()
        copy.CopyFrom(job.proto)
        call, parameters = call_onnx.call_onnx_model(copy, job.feeds)
        names = set(job.plan.names("trainable")) & set(parameters)
        still = {name: value for name, value in parameters.items() if name not in names}
        weights = {name: np.array(parameters[name]) for name in sorted(names)}

        def loss(weights):
            y = call({**still, **weights}, job.feeds)[0]
            return ((y - job.target) ** 2).mean(), y

        step = jax.value_and_grad(loss, has_aux=True)
        optimizer, losses, first = Adam(weights), [], None
        for _ in range(STEPS):
            (value, y), gradients = step(weights)
            first = np.array(y) if first is None else first
            losses.append(float(value))
            optimizer.step(gradients)
        output = np.array(call({**still, **weights}, job.feeds)[0])
    except Exception as error:
        raise Refused(short(error)) from error
    tensors = {name: np.array(value) for name, value in {**still, **weights}.items()}
    return Run(losses, first, tensors, output)
