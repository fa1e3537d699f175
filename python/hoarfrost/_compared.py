"""What verify, diff and merge found, as frozen values. The fields are those of their JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from hoarfrost._values import Role

Answer = Literal["yes", "no", "unknown"]
PlanList = Literal["trainable", "frozen", "statistics", "frozen_statistics"]


@dataclass(frozen=True, slots=True, repr=False)
class ComparedTensor:
    """One side of a comparison. Role and layer are known of models only."""

    name: str
    scope: str
    dtype: str
    shape: tuple[int, ...]
    role: Role | None
    layer: str | None

    def __repr__(self) -> str:
        role = f", {self.role}" if self.role else ""
        return f"ComparedTensor({self.name!r}, {self.dtype} {list(self.shape)}{role})"


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much two tensors of as many elements differ. Values are compared by their bits."""

    elements: int
    changed: int
    max_abs: float | None  # the largest |a - b| of finite numbers
    max_ulps: int | None  # numbers of the type between the two, the second counted
    not_finite: int  # of `changed`: NaN or infinite; not in the two above
    signed_zeros: int  # of `changed`: 0 against -0
    first: int | None  # index of the first that changed, in row-major order


@dataclass(frozen=True, slots=True)
class Finding:
    """What verify() has to say of one tensor."""

    kind: Literal[
        "moved",
        "missing",
        "retyped",
        "unreadable",
        "unchanged",
        "reshaped",
        "renamed",
        "not_stored",
    ]
    severity: Literal["failure", "unknown", "warning"]
    list: PlanList
    expected: ComparedTensor
    found: ComparedTensor | None
    difference: Difference | None
    text: str  # a sentence


@dataclass(frozen=True, slots=True)
class VerifyCount:
    """How many tensors of one list of the plan are as they were."""

    tensors: int
    identical: int
    changed: int  # the rest are missing or cannot be compared


class _Result:
    """What the results have in common."""

    __slots__ = ()
    json: str
    text: str

    @property
    def ok(self) -> bool:
        raise NotImplementedError

    def to_dict(self) -> dict[str, Any]:
        """What the command prints with --json (docs/comparing.md)."""
        result: dict[str, Any] = json.loads(self.json)
        return result

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        """What the command prints, without the line feed at its end."""
        return self.text.rstrip("\n")


@dataclass(frozen=True, slots=True, repr=False)
class VerifyResult(_Result):
    """Whether what was frozen did not move. As a condition it is `ok`."""

    frozen_file: str
    tuned_file: str
    answer: Answer
    trainable: VerifyCount
    frozen: VerifyCount
    statistics: VerifyCount  # may move
    frozen_statistics: VerifyCount  # must not
    findings: tuple[Finding, ...]
    json: str
    text: str

    @property
    def ok(self) -> bool:
        """No frozen tensor moved, none is missing, and all could be read."""
        return self.answer == "yes"

    @property
    def failures(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.severity != "warning")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.severity == "warning")

    def __repr__(self) -> str:
        return (
            f"<VerifyResult {self.answer}: frozen {self.frozen.identical} of"
            f" {self.frozen.tensors} identical, frozen statistics"
            f" {self.frozen_statistics.identical} of {self.frozen_statistics.tensors}, trainable"
            f" {self.trainable.changed} of {self.trainable.tensors} changed,"
            f" {len(self.failures)} failures, {len(self.warnings)} warnings>"
        )


@dataclass(frozen=True, slots=True)
class TensorChange:
    """A tensor that is not the same on both sides."""

    kind: Literal["changed", "reshaped", "cast", "renamed", "added", "removed", "unreadable"]
    a: ComparedTensor | None
    b: ComparedTensor | None
    difference: Difference | None
    text: str  # why it is unreadable


@dataclass(frozen=True, slots=True)
class OperatorChange:
    """An operator of which one model has more nodes than the other."""

    domain: str  # "" is ai.onnx
    op_type: str
    a: int
    b: int


@dataclass(frozen=True, slots=True)
class ValueChange:
    """An input or output of the main graph: "float32 [N, 3]", None where a side has none."""

    name: str
    a: str | None
    b: str | None


@dataclass(frozen=True, slots=True, repr=False)
class DiffResult(_Result):
    """What two sets of tensors differ in. As a condition it is true where they are equal."""

    a_file: str
    b_file: str
    answer: Answer  # whether they are equal
    equal_tensors: int
    tensors: tuple[TensorChange, ...]  # in the order of a, then what only b has
    graphs_compared: bool  # both are models
    operators: tuple[OperatorChange, ...]
    inputs: tuple[ValueChange, ...]
    outputs: tuple[ValueChange, ...]
    json: str
    text: str

    @property
    def ok(self) -> bool:
        """The two are equal."""
        return self.answer == "yes"

    def __repr__(self) -> str:
        return (
            f"<DiffResult equal={self.answer}: {self.equal_tensors} tensors equal,"
            f" {len(self.tensors)} not, {len(self.operators)} operators,"
            f" {len(self.inputs)} inputs, {len(self.outputs)} outputs differ>"
        )


@dataclass(frozen=True, slots=True)
class MergedTensor:
    """A tensor with the values it had, or might have had, from the tuned side."""

    tensor: ComparedTensor
    difference: Difference


@dataclass(frozen=True, slots=True, repr=False)
class MergeResult(_Result):
    """What merge() took over. As a condition it is `ok`."""

    base_file: str
    tuned_file: str
    output: str
    bytes: int
    merged: tuple[MergedTensor, ...]  # that got new values
    unchanged: int  # trainable ones and statistics with the base's values
    missing: tuple[ComparedTensor, ...]  # not in the tuned set: left as they are
    kept: tuple[MergedTensor, ...]  # frozen, moved in the tuned set, left as they are
    data_files: tuple[str, ...]  # written beside the output
    json: str
    text: str

    @property
    def ok(self) -> bool:
        """Everything that may have been trained was there, and nothing frozen had moved."""
        return not self.missing and not self.kept

    def __repr__(self) -> str:
        return (
            f"<MergeResult {self.output!r}: {len(self.merged)} tensors taken over,"
            f" {self.unchanged} unchanged, {len(self.missing)} missing, {len(self.kept)} kept>"
        )


def make_verify(fields: dict[str, Any]) -> VerifyResult:
    for count in ("trainable", "frozen", "statistics", "frozen_statistics"):
        fields[count] = VerifyCount(**fields[count])
    fields["findings"] = tuple(map(_finding, fields["findings"]))
    return VerifyResult(**fields)


def make_diff(fields: dict[str, Any]) -> DiffResult:
    fields["tensors"] = tuple(map(_change, fields["tensors"]))
    fields["operators"] = tuple(OperatorChange(**change) for change in fields["operators"])
    for side in ("inputs", "outputs"):
        fields[side] = tuple(ValueChange(**change) for change in fields[side])
    return DiffResult(**fields)


def make_merge(fields: dict[str, Any]) -> MergeResult:
    for key in ("merged", "kept"):
        fields[key] = tuple(
            MergedTensor(ComparedTensor(**item["tensor"]), Difference(**item["difference"]))
            for item in fields[key]
        )
    fields["missing"] = tuple(ComparedTensor(**tensor) for tensor in fields["missing"])
    return MergeResult(**fields)


def _finding(fields: dict[str, Any]) -> Finding:
    fields["expected"] = ComparedTensor(**fields["expected"])
    fields["found"] = _tensor(fields["found"])
    fields["difference"] = _difference(fields["difference"])
    return Finding(**fields)


def _change(fields: dict[str, Any]) -> TensorChange:
    fields["a"], fields["b"] = _tensor(fields["a"]), _tensor(fields["b"])
    fields["difference"] = _difference(fields["difference"])
    return TensorChange(**fields)


def _tensor(fields: dict[str, Any] | None) -> ComparedTensor | None:
    return None if fields is None else ComparedTensor(**fields)


def _difference(fields: dict[str, Any] | None) -> Difference | None:
    return None if fields is None else Difference(**fields)
