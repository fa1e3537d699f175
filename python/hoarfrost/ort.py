"""Fine-tuning with ONNX Runtime training (the package onnxruntime-training-cpu 1.19.2).

>>> import hoarfrost.ort
>>> training = hoarfrost.ort.load_training()
>>> hoarfrost.ort.generate_artifacts(
...     "frozen.onnx",
...     loss=training.artifacts.LossType.MSELoss,
...     optimizer=training.artifacts.OptimType.AdamW,
...     artifact_directory="artifacts",
... )

Then train from the artifacts as ever, save the checkpoint, and let hoarfrost.verify() and merge()
read it. The graph that the trainer runs is not the one of the file, so do not keep its export:
merge() brings the trained tensors back into the file.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import sys
import types
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hoarfrost import _ort_graph
from hoarfrost._sources import AnyModel, AnyPlan, frozen_batch_norms, names_of, proto_of
from hoarfrost.errors import StateError

if TYPE_CHECKING:
    import onnx
    from numpy.typing import NDArray

__all__ = ["Prepared", "generate_artifacts", "load_training", "prepare", "tensors"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A model as ONNX Runtime training takes it, in memory only, and the lists to give with it."""

    model: onnx.ModelProto
    requires_grad: list[str]
    frozen_params: list[str]
    left_out: list[str]  # trainable, and no initializer of the main graph that anything reads

    @property
    def lists(self) -> dict[str, list[str]]:
        """The arguments of onnxruntime's own generate_artifacts."""
        return {"requires_grad": self.requires_grad, "frozen_params": self.frozen_params}


def prepare(model: AnyModel, plan: AnyPlan = None, *, update_statistics: bool = True) -> Prepared:
    """A copy of `model` that ONNX Runtime training honours `plan` with.

    `model` is a hoarfrost.Model, an onnx.ModelProto, or a path; `plan` the model's own, unless
    another is given. The statistics of BatchNormalizations that are trained follow the batches,
    as in every framework, unless `update_statistics` is false.
    """
    names = names_of(plan, model)
    proto = proto_of(model)
    # While initializers still may be inputs: the opset converter of an IR 3 model needs them so.
    proto = _ort_graph.to_supported_versions(proto)
    _ort_graph.take_out_of_inputs(proto.graph)
    _ort_graph.add_outputs_for_gradients(proto.graph)
    frozen_ones = {n for node in frozen_batch_norms(proto.graph, names) for n in node.input[3:5]}
    proto = _ort_graph.settle_batch_norms(proto, names)

    held = {tensor.name for tensor in proto.graph.initializer}
    read = {name for node in proto.graph.node for name in node.input}
    # A name that is no initializer, or that nothing reads, has no gradient: "Node arg ... is not
    # found in the graph".
    requires_grad = [name for name in names.trainable if name in held & read]
    left_out = [name for name in names.trainable if name not in held & read]
    if not requires_grad:
        # Told nothing to train, the runtime says "list index out of range".
        raise StateError(
            "nothing is trainable that ONNX Runtime training could train: it knows the initializers"
            " of the main graph only"
        )
    # The frozen ones too, or they are no part of the checkpoint. A name that does not exist would
    # be taken in silence.
    frozen_params = sorted(names.frozen & held)
    if update_statistics:
        # A BatchNormalization's statistics move, and are exported, only where they are listed as
        # "frozen"; which is why those of a frozen one must never be.
        frozen_params += sorted((names.statistics & held) - names.frozen_statistics - frozen_ones)
    return Prepared(proto, requires_grad, frozen_params, left_out + list(names.elsewhere))


def generate_artifacts(
    model: AnyModel,
    plan: AnyPlan = None,
    *,
    artifact_directory: str | os.PathLike[str],
    update_statistics: bool = True,
    **options: Any,
) -> Prepared:
    """onnxruntime.training.artifacts.generate_artifacts() for prepare()d `model` and `plan`.

    `options` are those of the function: `loss`, `optimizer`, `loss_input_names` and so on. Gives
    back what was prepared.
    """
    for taken in ("requires_grad", "frozen_params"):
        if taken in options:
            raise TypeError(f"{taken} comes from the plan")
    training = load_training()
    prepared = prepare(model, plan, update_statistics=update_statistics)
    folder = os.path.abspath(artifact_directory)
    os.makedirs(folder, exist_ok=True)
    copy = type(prepared.model)()
    copy.CopyFrom(prepared.model)  # which the function works in
    with _supported_ir_version(), _working_folder(folder):
        training.artifacts.generate_artifacts(
            copy, artifact_directory=folder, **prepared.lists, **options
        )
    return prepared


def tensors(state: Any) -> dict[str, NDArray[Any]]:
    """The parameters in a CheckpointState, by name: for hoarfrost.verify() and merge()."""
    import numpy

    return {name: numpy.array(parameter.data) for name, parameter in state.parameters}


def load_training() -> Any:
    """The module onnxruntime.training with `artifacts` and `api`, be torch there or not."""
    if importlib.util.find_spec("torch") is None:
        # Two of its parts import torch, which the package does not declare and these functions
        # do not need.
        for part in ("amp", "optim"):
            name = f"onnxruntime.training.{part}"
            sys.modules.setdefault(name, types.ModuleType(name))
    training = importlib.import_module("onnxruntime.training")
    importlib.import_module("onnxruntime.training.artifacts")
    importlib.import_module("onnxruntime.training.api")
    return training


@contextlib.contextmanager
def _supported_ir_version() -> Iterator[None]:
    """The optimizer's graph is stamped with the newest IR version that the installed onnx knows,
    which the runtime then refuses to load: "Unsupported model IR version: 14"."""
    onnx: Any = importlib.import_module("onnx")
    before = onnx.IR_VERSION
    onnx.IR_VERSION = min(before, _ort_graph.MAX_IR)
    try:
        yield
    finally:
        onnx.IR_VERSION = before


@contextlib.contextmanager
def _working_folder(folder: str) -> Iterator[None]:
    """The function leaves files in the working folder. One for the whole process: do not call it
    from several threads."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
