"""What a model is made of, as frozen values. The fields are those of the JSON contract."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from hoarfrost import _arrays
from hoarfrost._sequences import LazySequence
from hoarfrost._text import Report

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hoarfrost import _core

Role = Literal["weight", "statistic", "quantization", "constant", "unused"]
Evidence = Literal["stated", "operator", "traced", "pattern", "name", "assumed"]


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What the file says of itself."""

    file: str
    bytes: int  # of the model file, without external data
    ir_version: int
    opsets: tuple[tuple[str, int], ...]  # domain ("" is ai.onnx) and version
    producer: str
    graph: str


@dataclass(frozen=True, slots=True)
class Totals:
    """Elements, but for the counts of bytes; as in Keras, trainable and not make the whole."""

    parameters: int
    trainable: int
    non_trainable: int  # statistics, and weights that must not or cannot train
    frozen: int
    statistics: int
    quantization: int  # this and the next two are no parameters
    constants: int
    unused: int
    bytes: int  # of the parameters
    trainable_bytes: int
    non_trainable_bytes: int


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One difference between what lies in the file and what the framework had."""

    kind: Literal["hidden", "stored_twice", "padding", "dropped"]
    layer: str
    type: str
    trainable: int  # elements to add to the file's count; may be negative
    statistics: int
    text: str


@dataclass(frozen=True, slots=True)
class FrameworkCount:
    """The exporting framework's own count."""

    parameters: int
    trainable: int
    statistics: int
    proved: bool  # else estimated
    adjustments: tuple[Adjustment, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """A fault of the file, or a remark on it."""

    severity: Literal["warning", "info"]
    text: str


@dataclass(frozen=True, slots=True)
class Layer:
    """A module of the framework that owns tensors or nodes."""

    path: str
    type: str
    output_shape: tuple[int | str | None, ...] | None  # None: unknown
    parameters: int
    trainable: int
    non_trainable: int
    shared_with: str | None  # the earlier layer that owns tensors this one uses too


@dataclass(frozen=True, slots=True)
class Storage:
    """Where a tensor's bytes lie."""

    kind: Literal["inline", "fields", "external"]
    spans: tuple[tuple[int, int], ...]  # offset and length in the model file
    location: str | None  # this and the next two: of external data
    offset: int | None
    length: int | None  # None: to the end of the data file


@dataclass(frozen=True, slots=True)
class Values:
    """What stands in a tensor, summed up. None where there is no finite value, or none at all."""

    min: int | float | None  # of the finite values, as are the next three
    max: int | float | None
    mean: float | None
    std: float | None  # of the population, as numpy.std
    count: int  # as many as elements, of a complex tensor twice that
    zeros: int
    subnormals: int
    nan: int
    inf: int
    digest: str  # of the bytes, wherever they lie


class _OfModel:
    """The model that a tensor is of: no field, so that copies and comparisons leave it out."""

    __slots__ = ("_index", "_owner")
    _owner: _core.Model
    _index: int


@dataclass(frozen=True, slots=True, repr=False)
class Tensor(_OfModel):
    """A stored value of a model: what it is for, and why. Its own values are read by numpy()."""

    name: str
    scope: str  # "" for the main graph
    source: Literal["initializer", "sparse_initializer", "constant_node"]
    dtype: str
    shape: tuple[int, ...]
    elements: int
    stored_elements: int | None  # of a sparse tensor: how many values lie there
    logical_elements: int | None  # of packed storage: how many weights it holds
    bytes: int
    role: Role
    evidence: Evidence
    reason: str
    trainable: bool
    frozen: bool
    used: bool
    layer: str | None
    storage: Storage

    def numpy(self) -> NDArray[Any]:
        """The values, as an array of their own. Reads just these bytes, from the data file if
        external. The types that NumPy lacks are those of the package ml_dtypes; a tensor of
        strings gives an array of str objects, a sparse one the dense array."""
        core, index = self._place()
        return _arrays.read(core, index, self)

    def values(self) -> Values:
        """Least, greatest, mean, deviation and odd values, read in one pass that holds a block of
        the tensor at a time. Strings have a digest and no numbers."""
        core, index = self._place()
        return Values(**core.read_values(index))

    def explain(self) -> Report:
        """Role, reason, users and place, as `hoarfrost explain` prints them."""
        core, index = self._place()
        return Report(core.explain(index))

    def to_dict(self) -> dict[str, Any]:
        """What explain() says, as `hoarfrost explain --json` prints it."""
        core, index = self._place()
        result: dict[str, Any] = json.loads(core.explain_json(index))
        return result

    def _place(self) -> tuple[_core.Model, int]:
        try:
            return self._owner, self._index
        except AttributeError:
            raise TypeError(
                f"this copy of tensor {self.name!r} is of no model: ask the model for it"
            ) from None

    def __repr__(self) -> str:
        state = "frozen " if self.frozen else ""
        scope = f", scope={self.scope!r}" if self.scope else ""
        layer = f", layer={self.layer!r}" if self.layer is not None else ""
        shape = list(self.shape)
        return f"Tensor({self.name!r}, {self.dtype} {shape}, {state}{self.role}{layer}{scope})"


@dataclass(frozen=True, slots=True)
class LintFinding:
    """What could go wrong with a model, and the remedy."""

    rule: str  # its identifier in docs/lint.md
    severity: Literal["info", "warning", "error"]
    text: str
    remedy: str
    tensors: LazySequence[Tensor]  # that it is about; may be none


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """A tensor in a plan."""

    name: str
    scope: str
    dtype: str
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Plan:
    """What is trainable and what is frozen, by name, to hand to a trainer."""

    trainable: tuple[PlanEntry, ...]
    frozen: tuple[PlanEntry, ...]
    statistics: tuple[PlanEntry, ...]  # may move in training
    frozen_statistics: tuple[PlanEntry, ...]  # must not
    other: tuple[PlanEntry, ...]  # never trainable
    json: str  # all of it, as a plan file holds it

    def names(
        self,
        which: Literal[
            "trainable", "frozen", "statistics", "frozen_statistics", "other"
        ] = "trainable",
    ) -> list[str]:
        """The names of one list, of the main graph: for a trainer that has the initializers by
        their names, as those of JAX and tinygrad do."""
        entries: tuple[PlanEntry, ...] = getattr(self, which)
        return [entry.name for entry in entries if not entry.scope]

    def to_dict(self) -> dict[str, Any]:
        """The plan as its JSON has it."""
        result: dict[str, Any] = json.loads(self.json)
        return result

    def __repr__(self) -> str:
        counts = ", ".join(
            f"{field}={len(getattr(self, field))}"
            for field in ("trainable", "frozen", "statistics", "frozen_statistics", "other")
        )
        return f"Plan({counts})"


def make_tensor(core: _core.Model, index: int) -> Tensor:
    fields = core.tensor(index)
    fields["storage"] = Storage(**fields["storage"])
    tensor = Tensor(**fields)
    object.__setattr__(tensor, "_owner", core)
    object.__setattr__(tensor, "_index", index)
    return tensor


def make_layer(core: _core.Model, index: int) -> Layer:
    return Layer(**core.layer(index))


def make_framework(core: _core.Model) -> FrameworkCount | None:
    fields = core.framework()
    if fields is None:
        return None
    fields["adjustments"] = tuple(Adjustment(**a) for a in fields["adjustments"])
    return FrameworkCount(**fields)


def make_lint_finding(core: _core.Model, fields: dict[str, Any]) -> LintFinding:
    indices: list[int] = fields.pop("tensors")
    tensors = LazySequence("tensors", range(len(indices)), lambda i: make_tensor(core, indices[i]))
    return LintFinding(tensors=tensors, **fields)


def make_plan(core: _core.Model) -> Plan:
    fields = core.plan()
    text = fields.pop("json")
    lists = {key: tuple(PlanEntry(**e) for e in entries) for key, entries in fields.items()}
    return Plan(json=text, **lists)
