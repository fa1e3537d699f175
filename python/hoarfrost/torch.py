"""Fine-tuning as a torch module that onnx2torch or onnx2pytorch made of a model.

>>> module = onnx2torch.convert(proto, attach_onnx_mapping=True)
>>> applied = hoarfrost.torch.apply(module, proto, plan)
>>> optimizer = torch.optim.AdamW(hoarfrost.torch.parameter_groups(applied, weight_decay=0.01))
>>> module.train()
>>> ...
>>> hoarfrost.verify("frozen.onnx", applied.tensors())
>>> hoarfrost.merge("frozen.onnx", applied.tensors(), "tuned.onnx")
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import torch  # type: ignore[import-not-found,unused-ignore]
from torch.nn.utils import parametrize  # type: ignore[import-not-found,unused-ignore]

from hoarfrost._sources import AnyModel, AnyPlan, frozen_batch_norms, names_of, proto_of
from hoarfrost._torch_places import Place, Places, same_bits
from hoarfrost.errors import StateError, UnsupportedError

__all__ = ["Applied", "apply", "parameter_groups"]


@dataclass(frozen=True)
class Applied:
    """A module with a plan applied, seen by the names of the model."""

    module: torch.nn.Module
    trainable: Mapping[str, torch.nn.Parameter]  # by initializer
    _places: Mapping[str, list[Place]]
    _before: Mapping[str, Any]  # of places that hold a multiple: the file's own values

    def tensors(self) -> dict[str, torch.Tensor]:
        """What the module holds now, by initializer and in the file's layout: for
        hoarfrost.verify() and merge(). What the converter computed with and dropped is not
        there."""
        return {name: self._tensor(name, places) for name, places in self._places.items()}

    def _tensor(self, name: str, places: list[Place]) -> torch.Tensor:
        place = places[0]
        if not all(same_bits(place.tensor(), other.tensor()) for other in places[1:]):
            raise StateError(f"tensor {name!r}: its {len(places)} copies in the module differ")
        if name in self._before:
            before = self._before[name]
            held = (before.t() if place.transposed else before) * place.scale
            if same_bits(place.value(), held):
                return cast(torch.Tensor, before)  # dividing need not give the same bits back
        return cast(torch.Tensor, place.tensor().contiguous())


def apply(module: torch.nn.Module, model: AnyModel, plan: AnyPlan = None) -> Applied:
    """Makes the module train what the plan says, and nothing else.

    `module` is what onnx2torch.convert(..., attach_onnx_mapping=True) or onnx2pytorch.ConvertModel
    made of `model`, right after converting. `model` is a hoarfrost.Model, an onnx.ModelProto or a
    path; as onnx2pytorch edits the message that it converts, give that one a copy. `plan` is the
    model's own, unless another is given.

    Trainable weights that became buffers, which no optimizer sees, become parameters; a tensor
    that became several is one again; everything else loses requires_grad; and the frozen
    BatchNormalizations stay in eval mode when the module's train() is called.
    """
    names = names_of(plan, model)
    proto = proto_of(model)
    places = Places(module, proto)
    lost = [name for name in names.trainable if not places.of.get(name)]
    if lost or names.elsewhere:
        raise UnsupportedError(
            f"{len(lost) + len(names.elsewhere)} trainable tensors have no place in the module, as"
            f" {(*lost, *names.elsewhere)[0]!r}: freeze them, or train with another tool"
        )
    for parameter in module.parameters():
        parameter.requires_grad_(False)
    trainable = {name: _make_trainable(places.of[name]) for name in names.trainable}
    for node in frozen_batch_norms(proto.graph, names):
        if node.output[0] in places.module_of:
            _keep_in_eval(places.module_of[node.output[0]])
    scaled = {n for n, all_ in places.of.items() if any(p.scale != 1.0 for p in all_)}
    return Applied(module, trainable, places.of, _values(proto, scaled))


def parameter_groups(applied: Applied, *, weight_decay: float = 0.0) -> list[dict[str, Any]]:
    """The trainable parameters as an optimizer takes them: matrices and larger, with the weight
    decay; biases, scales and other vectors, without. `initializers` are the names in the model."""
    groups = []
    for decays in (True, False):
        named = {n: p for n, p in applied.trainable.items() if (p.dim() > 1) == decays}
        if named:
            groups.append(
                {
                    "params": list(named.values()),
                    "weight_decay": weight_decay if decays else 0.0,
                    "initializers": list(named),
                }
            )
    return groups


def _make_trainable(places: list[Place]) -> torch.nn.Parameter:
    """One parameter in all the places of a tensor."""
    value = places[0].value()
    shared = value if isinstance(value, torch.nn.Parameter) else None
    if shared is None:
        shared = torch.nn.Parameter(value.detach().clone())
    first = places[0]
    for place in places:
        if place.scale != first.scale:
            raise UnsupportedError(
                "a tensor that two Gemm nodes use with different factors cannot be trained"
            )
        if place.transposed == first.transposed:
            _put(place, shared)
        else:
            # No parameter can be the transpose of another; computed from it, it may.
            if not isinstance(place.value(), torch.nn.Parameter):
                _put(place, torch.nn.Parameter(place.value().detach().clone()))
            parametrize.register_parametrization(place.owner, place.attribute, _Transposed())
            parametrizations: Any = place.owner.parametrizations
            parametrizations[place.attribute].original = shared
    shared.requires_grad_(True)
    return shared


def _put(place: Place, parameter: torch.nn.Parameter) -> None:
    place.owner._buffers.pop(place.attribute, None)
    if place.attribute in place.owner._parameters:
        place.owner._parameters[place.attribute] = parameter
    else:
        place.owner.register_parameter(place.attribute, parameter)


class _Transposed(torch.nn.Module):  # type: ignore[misc,unused-ignore]
    def forward(self, original: torch.Tensor) -> torch.Tensor:
        return original.t()

    def right_inverse(self, value: torch.Tensor) -> torch.Tensor:
        return value.t()


def _keep_in_eval(module: torch.nn.Module) -> None:
    """In train mode a BatchNormalization normalizes by the batch and moves its statistics, whether
    or not its parameters are frozen, and train() of the whole network reaches it."""
    module.eval()
    for inner in module.modules():
        kind: Any = type(inner)
        inner.__class__ = _staying_in_eval(kind)


@functools.cache
def _staying_in_eval(kind: Any) -> Any:
    """A subclass, so that isinstance() still finds what it looks for, and copies stay so too."""

    def train(self: Any, mode: bool = True) -> Any:
        return self

    def reduce(self: Any) -> Any:  # the class has no name that pickle could find it by
        return _rebuild, (kind,), self.__dict__

    return type(kind.__name__, (kind,), {"train": train, "__reduce__": reduce})


def _rebuild(kind: Any) -> Any:
    staying = _staying_in_eval(kind)
    return staying.__new__(staying)


def _values(proto: Any, names: set[str]) -> dict[str, Any]:
    from onnx import numpy_helper

    return {
        tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy())
        for tensor in proto.graph.initializer
        if tensor.name in names
    }
