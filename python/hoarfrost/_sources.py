"""A model and its plan as the helpers for trainers need them: the whole message, and names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hoarfrost._load import load
from hoarfrost._model import Model
from hoarfrost._values import Plan

if TYPE_CHECKING:
    import onnx

AnyModel = Any  # a Model, an onnx.ModelProto, or the path or bytes of a file
AnyPlan = Plan | str | Mapping[str, Any] | None


@dataclass(frozen=True)
class PlanNames:
    """A plan as names in the main graph, which is all that a trainer knows."""

    trainable: tuple[str, ...]
    frozen: frozenset[str]
    statistics: frozenset[str]
    frozen_statistics: frozenset[str]
    elsewhere: tuple[str, ...]  # trainable, in a subgraph or function


def names_of(plan: AnyPlan, model: AnyModel) -> PlanNames:
    """`plan`, or the one of the model: what is frozen in it."""
    if plan is None:
        plan = (model if isinstance(model, Model) else load(model)).plan()
    if isinstance(plan, str):
        import json

        plan = json.loads(plan)
    lists = plan.to_dict() if isinstance(plan, Plan) else plan
    if not isinstance(lists, Mapping) or "trainable" not in lists:
        raise TypeError("a plan is a hoarfrost.Plan, its JSON, or what that holds")

    def names(key: str) -> list[str]:
        return [entry["name"] for entry in lists.get(key, ()) if not entry.get("scope")]

    return PlanNames(
        trainable=tuple(names("trainable")),
        frozen=frozenset(names("frozen")),
        statistics=frozenset(names("statistics")),
        frozen_statistics=frozenset(names("frozen_statistics")),
        elsewhere=tuple(e["name"] for e in lists["trainable"] if e.get("scope")),
    )


def proto_of(model: AnyModel) -> onnx.ModelProto:
    """The whole model with its external data, a copy of one's own."""
    import onnx

    if isinstance(model, onnx.ModelProto):
        copy = onnx.ModelProto()
        copy.CopyFrom(model)
        return copy
    loaded = model if isinstance(model, Model) else load(model)
    proto = loaded.to_onnx()
    folder = os.path.dirname(os.path.abspath(loaded.info.file))
    onnx.external_data_helper.load_external_data_for_model(proto, folder)
    return proto


def without_identity(graph: onnx.GraphProto) -> Any:
    """A function from the name of a value to what it is a copy of."""
    sources = {node.output[0]: node.input[0] for node in graph.node if node.op_type == "Identity"}

    def source(name: str) -> str:
        for _ in range(len(sources)):  # a graph need not be free of cycles
            if name not in sources:
                break
            name = sources[name]
        return name

    return source


def frozen_batch_norms(graph: onnx.GraphProto, plan: PlanNames) -> list[onnx.NodeProto]:
    """The BatchNormalizations whose mean and variance must not move."""
    source = without_identity(graph)
    return [
        node
        for node in graph.node
        if node.op_type == "BatchNormalization"
        and node.domain in ("", "ai.onnx")
        and len(node.input) >= 5
        and {source(name) for name in node.input[3:5]} <= plan.frozen_statistics
    ]
