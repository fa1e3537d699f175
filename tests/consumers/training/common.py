"""What every trainer is given, and has to give back."""

import dataclasses
from pathlib import Path
from typing import Any

import hoarfrost
import numpy as np
import onnx
import onnxruntime

STEPS = 20


class Refused(Exception):
    """The consumer does not take the model, in its own words."""


@dataclasses.dataclass
class Job:
    """A frozen file to fine-tune by a plan, and the data."""

    path: Path
    plan: hoarfrost.Plan
    folder: Path  # for what the trainer writes
    feeds: list[np.ndarray]
    target: np.ndarray
    proto: onnx.ModelProto


@dataclasses.dataclass
class Run:
    """What came of it."""

    losses: list[float]
    first_forward: np.ndarray  # of the first step, in training
    tensors: Any  # as hoarfrost.verify() takes them
    output: np.ndarray  # the trainer's own inference, of the trained model
    partial: bool = False  # `tensors` are only those that the trainer was told of
    rest: Any = None  # where the others are then


def inputs_of(proto):
    initializers = {tensor.name for tensor in proto.graph.initializer}
    return [value for value in proto.graph.input if value.name not in initializers]


def shape_of(value, batch=8):
    return [dim.dim_value or batch for dim in value.type.tensor_type.shape.dim]


def data_for(proto):
    """Inputs and a target for the first output, from one seed."""
    random = np.random.RandomState(7)
    feeds = []
    for value in inputs_of(proto):
        kind = value.type.tensor_type.elem_type
        if "mask" in value.name:
            feeds.append(np.ones(shape_of(value), "int64"))
        elif kind == onnx.TensorProto.INT64:
            feeds.append(random.randint(0, 8, shape_of(value)))
        else:
            feeds.append(random.randn(*shape_of(value)).astype("float32"))
    output = infer(proto, feeds)
    return feeds, (3 * random.randn(*output.shape)).astype("float32")


def infer(proto, feeds):
    """The first output, by ONNX Runtime, in inference: a BatchNormalization that the file has in
    training mode, and that is not frozen, is taken out of it, as trainers do for inference."""
    copy = onnx.ModelProto()
    copy.CopyFrom(proto)
    for node in copy.graph.node:
        if node.op_type == "BatchNormalization":
            kept = [a for a in node.attribute if a.name != "training_mode"]
            del node.attribute[:], node.output[1:]
            node.attribute.extend(kept)
    # The training package of ONNX Runtime is of an older release; none of this changes a result.
    if copy.ir_version > 10:
        copy.ir_version = 10
    opset = next(o.version for o in copy.opset_import if o.domain in ("", "ai.onnx"))
    if opset > 21:
        copy = onnx.version_converter.convert_version(copy, 21)
    session = onnxruntime.InferenceSession(
        copy.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    names = [value.name for value in inputs_of(proto)]
    first = proto.graph.output[0].name
    return session.run([first], dict(zip(names, feeds, strict=True)))[0]


def short(error):
    """An error of a consumer on one line, without the C++ signature that a check prints."""
    text = " ".join(str(error).split())
    signature, found, message = text.rpartition(" was false.")
    if found:
        text = message.strip() or signature[-80:] + found
    return f"{type(error).__name__}: {text}"


class Adam:
    """For trainers that bring no optimizer. It moves whatever has any gradient."""

    def __init__(self, weights, rate=0.01):
        self.weights, self.rate, self.step_count = weights, rate, 0
        self.first = {name: np.zeros_like(value) for name, value in weights.items()}
        self.second = {name: np.zeros_like(value) for name, value in weights.items()}

    def step(self, gradients):
        self.step_count += 1
        for name, gradient in gradients.items():
            gradient = np.asarray(gradient)
            first, second = self.first[name], self.second[name]
            first[...] = 0.9 * first + 0.1 * gradient
            second[...] = 0.999 * second + 0.001 * gradient * gradient
            mean = first / (1 - 0.9**self.step_count)
            deviation = np.sqrt(second / (1 - 0.999**self.step_count)) + 1e-8
            moved = self.weights[name] - self.rate * mean / deviation
            self.weights[name] = moved.astype(self.weights[name].dtype)
