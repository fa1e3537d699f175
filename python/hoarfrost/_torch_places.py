"""Where the initializers of a model went in the module that a converter made of it.

Neither converter keeps their names. onnx2torch 1.5.15 names modules by nodes, and makes parameters
of what it knows modules for, buffers of all else, one for each use; onnx2pytorch 0.6.0 names
modules by operator and first output, and makes a buffer of the root of every initializer besides.
So places are read off the converters' own mappings, and each is then checked to hold the bits of
its initializer: a mapping that is not understood is an error, never a wrong tensor.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch  # type: ignore[import-not-found,unused-ignore]
import torch.fx  # type: ignore[import-not-found,unused-ignore]

from hoarfrost.errors import UnsupportedError

if TYPE_CHECKING:
    import onnx

# Inputs 1 and up of an operator, as torch's modules call them.
_SLOTS = {
    "BatchNormalization": ("weight", "bias", "running_mean", "running_var"),
    "Conv": ("weight", "bias"),
    "ConvTranspose": ("weight", "bias"),
    "Gemm": ("weight", "bias"),
    "InstanceNormalization": ("weight", "bias"),
    "LayerNormalization": ("weight", "bias"),
    "MatMul": ("weight",),
    "PRelu": ("weight",),
}


@dataclass(frozen=True)
class Place:
    """A parameter or buffer that holds an initializer."""

    owner: torch.nn.Module
    attribute: str
    transposed: bool = False  # of a matrix: it holds the transpose
    scale: float = 1.0  # it holds so many times the values

    def value(self) -> Any:
        return getattr(self.owner, self.attribute)

    def tensor(self) -> Any:
        """The values in the layout of the file."""
        value = self.value().detach()
        value = value.t() if self.transposed else value
        return value if self.scale == 1.0 else value / self.scale


def same_bits(a: torch.Tensor, b: torch.Tensor) -> bool:
    """Whether the elements are the same, a NaN and the sign of 0 counted; not whether the shape is:
    converters reshape vectors."""
    if a.dtype != b.dtype or a.numel() != b.numel():
        return False
    flat = [tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8) for tensor in (a, b)]
    return bool(torch.equal(*flat))


class Places:
    """The module as the model sees it: where its tensors are, and its nodes' modules."""

    def __init__(self, module: torch.nn.Module, proto: onnx.ModelProto) -> None:
        self.module = module
        self.of: dict[str, list[Place]] = {}
        self.module_of: dict[str, torch.nn.Module] = {}  # by the first output of the node
        self._initializers = {tensor.name: tensor for tensor in proto.graph.initializer}
        self._nodes = {node.output[0]: node for node in proto.graph.node if node.output}
        if isinstance(module, torch.fx.GraphModule):
            found = self._in_onnx2torch(module)
        elif hasattr(module, "onnx_model") and hasattr(module, "mapping"):
            found = self._in_onnx2pytorch(module, proto)
        else:
            raise TypeError(
                "the module is none that onnx2torch or onnx2pytorch makes, but a"
                f" {type(module).__name__}"
            )
        for name, place in found:
            known = self.of.setdefault(name, [])
            if not any(p.owner is place.owner and p.attribute == place.attribute for p in known):
                self._check(name, place)
                known.append(place)

    def _check(self, name: str, place: Place) -> None:
        from onnx import numpy_helper

        held = torch.from_numpy(numpy_helper.to_array(self._initializers[name]).copy())
        expected = held.t() if place.transposed else held
        expected = expected if place.scale == 1.0 else expected * place.scale
        if not same_bits(place.value(), expected):
            raise UnsupportedError(
                f"tensor {name!r}: the module's {type(place.owner).__name__}.{place.attribute},"
                " where the converter should have put it, holds other values. Apply the plan right"
                " after converting, before anything is trained, and to the module of this model"
            )

    def _in_onnx2torch(self, module: Any) -> Iterator[tuple[str, Place]]:
        """By the mapping of values that each module carries, and the calls of the fx graph: the
        inputs that a module takes when called are its arguments in order, the others, which
        it has taken in, its parameters."""
        calls = {node.target: node for node in module.graph.nodes if node.op == "call_module"}
        for target, submodule in module._modules.items():
            if target not in calls:
                continue
            mapping = getattr(submodule, "onnx_mapping", None)
            if mapping is None:
                raise UnsupportedError(
                    "the module does not say where its values come from: convert with"
                    " onnx2torch.convert(model, attach_onnx_mapping=True)"
                )
            self.module_of[mapping.outputs[0]] = submodule
            call = calls[target]
            given = [name for name in mapping.inputs if name]
            for name, argument in zip(given, [*call.args, *call.kwargs.values()], strict=False):
                if name in self._initializers and getattr(argument, "op", "") == "get_attr":
                    box, _, attribute = argument.target.rpartition(".")
                    yield name, Place(module.get_submodule(box), attribute)
            node = self._nodes.get(mapping.outputs[0])
            if node is None or len(given) == len([name for name in node.input if name]):
                continue
            for slot, name in enumerate(node.input[1:]):
                if name in self._initializers and name not in given:
                    yield from self._taken_in(name, node, slot, submodule, transpose="Gemm")

    def _in_onnx2pytorch(self, module: Any, proto: onnx.ModelProto) -> Iterator[tuple[str, Place]]:
        """By the module of each node. Those that hold their own parameters are called with
        activations alone; whatever else reads an initializer reads the root's buffer."""
        layers = (
            torch.nn.modules.conv._ConvNd,
            torch.nn.Linear,
            torch.nn.modules.batchnorm._BatchNorm,
            torch.nn.modules.instancenorm._InstanceNorm,
        )
        drawn_in = self._biases_drawn_in(module, proto)
        for edited in module.onnx_model.graph.node:
            target = module.mapping.get(edited.output[0], "")
            submodule = module._modules.get(target)
            if submodule is None:
                submodule = module  # a plain function, which reads the root's buffers
            else:
                self.module_of[edited.output[0]] = submodule
            inner = next((m for m in submodule.modules() if isinstance(m, layers)), None)
            node_inputs = list(edited.input[1:])
            if inner is not None and edited.op_type in _SLOTS and target:
                for slot, name in enumerate(node_inputs):
                    if name in self._initializers:
                        yield from self._taken_in(name, edited, slot, inner, transpose="MatMul")
                if edited.output[0] in drawn_in:
                    yield drawn_in[edited.output[0]], Place(inner, "bias")
                continue
            for name in edited.input:
                attribute = "_initializer_" + name.replace(".", "_")
                if name in self._initializers and attribute in module._buffers:
                    yield name, Place(module, attribute)

    def _biases_drawn_in(self, module: Any, proto: onnx.ModelProto) -> dict[str, str]:
        """onnx2pytorch makes one Linear of a MatMul and the Add after it, in the message that it
        was given: by the output of the Linear, the Add's initializer."""
        left = {node.output[0] for node in module.onnx_model.graph.node if node.op_type == "Add"}
        products = {n.output[0] for n in proto.graph.node if n.op_type == "MatMul"}
        biases = {}
        for node in proto.graph.node:
            if node.op_type == "Add" and node.output[0] not in left:
                name = next((i for i in node.input if i in self._initializers), None)
                if name is not None and products & set(node.input):
                    biases[node.output[0]] = name
        return biases

    def _taken_in(
        self, name: str, node: onnx.NodeProto, slot: int, submodule: Any, transpose: str
    ) -> Iterator[tuple[str, Place]]:
        slots = _SLOTS.get(node.op_type, ())
        if slot >= len(slots) or getattr(submodule, slots[slot], None) is None:
            return
        numbers = {a.name: a for a in node.attribute}
        transposed, scale = node.op_type == transpose == "MatMul" and slot == 0, 1.0
        if node.op_type == "Gemm":
            transposed = slot == 0 and not ("transB" in numbers and numbers["transB"].i)
            factor = numbers.get("alpha" if slot == 0 else "beta")
            scale = 1.0 if factor is None else factor.f
        yield name, Place(submodule, slots[slot], transposed, scale)
