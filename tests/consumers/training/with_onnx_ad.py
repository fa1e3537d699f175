"""onnx-ad: the derivative of a model by its graph inputs, run by ONNX Runtime."""

import numpy as np
import onnx
import onnxruntime
from common import STEPS, Adam, Refused, Run, inputs_of, short
from onnx import helper, numpy_helper

CONSUMERS = {"onnx-ad": "onnx-ad"}


def train(consumer, job):
    from onnx_ad import reverse

    names = job.plan.names("trainable")
    model = onnx.ModelProto()
    model.CopyFrom(job.proto)
    held = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    inputs = [value.name for value in inputs_of(model)]
    listed = {value.name for value in model.graph.input}
    # Only what is an input has a derivative. And an initializer that is an input too, a default
    # that callers may replace, onnx-ad folds into what is computed from it alone, as the
    # transpose of a tied embedding: in silence, training would see old values. So it has to go.
    kept = []
    for tensor in model.graph.initializer:
        if tensor.name not in names:
            kept.append(tensor)
        elif tensor.name not in listed:
            value = helper.make_tensor_value_info(tensor.name, tensor.data_type, tensor.dims)
            model.graph.input.append(value)
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    output = model.graph.output[0].name
    try:
        session = onnxruntime.InferenceSession(
            reverse(model, inputs=names, layout="onnx").SerializeToString(),
            providers=["CPUExecutionProvider"],
        )
        weights = {name: held[name].copy() for name in names}
        optimizer, losses, first = Adam(weights), [], None
        feeds = dict(zip(inputs, job.feeds, strict=True))

        def run(wanted, seed):
            given = {**feeds, **weights, "adj_" + output: seed[..., None].astype("float32")}
            return session.run(wanted, given)

        def forward():
            return run([output], np.zeros_like(job.target))[0]

        for _ in range(STEPS):
            y = forward()
            first = y.copy() if first is None else first
            losses.append(float(((y - job.target) ** 2).mean()))
            seed = 2 * (y - job.target) / y.size
            gradients = run(["adj_" + name for name in names], seed)
            optimizer.step({n: g[..., 0] for n, g in zip(names, gradients, strict=True)})
        trained = forward()
    except Exception as error:
        raise Refused(short(error)) from error
    return Run(losses, first, {**held, **weights}, trained)
