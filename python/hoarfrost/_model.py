"""Model: an ONNX model read without its weights."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from hoarfrost import _arguments, _core, _values
from hoarfrost._arguments import Patterns
from hoarfrost._sequences import LazySequence
from hoarfrost._text import Report

if TYPE_CHECKING:
    import onnx
    import pandas

    from hoarfrost._compared import DiffResult, MergeResult, VerifyResult
    from hoarfrost._tensor_sets import TensorSource


class Model:
    """An ONNX model read without its weights. Made by load(); never changes.

    It may be used from several threads at once.
    """

    __slots__ = ("_core",)

    def __init__(self, core: _core.Model) -> None:
        if not isinstance(core, _core.Model):
            raise TypeError("a Model is made by hoarfrost.load()")
        self._core = core

    # What is known of it.

    @property
    def info(self) -> _values.ModelInfo:
        """What the file says of itself: versions, producer, name."""
        return _values.ModelInfo(**self._core.info())

    @property
    def totals(self) -> _values.Totals:
        """Parameters, trainable and not, of what lies in the file."""
        return _values.Totals(**self._core.totals())

    @property
    def framework(self) -> _values.FrameworkCount | None:
        """The exporting framework's own count, where the file shows it and it differs."""
        return _values.make_framework(self._core)

    @property
    def notes(self) -> tuple[_values.Note, ...]:
        """Faults of the file, and remarks on it."""
        return tuple(_values.Note(**note) for note in self._core.notes())

    @property
    def layers(self) -> LazySequence[_values.Layer]:
        """The layers that own tensors or share some, in graph order."""
        core = self._core
        indices = range(core.layer_count())
        return LazySequence("layers", indices, lambda i: _values.make_layer(core, i))

    @property
    def tensors(self) -> LazySequence[_values.Tensor]:
        """Every stored tensor of every scope, in file order."""
        core = self._core
        indices = range(core.tensor_count())
        return LazySequence("tensors", indices, lambda i: _values.make_tensor(core, i))

    def tensor(self, name: str, scope: str | None = None) -> _values.Tensor:
        """The tensor of that name; where several scopes have one, `scope` must say which."""
        name = _arguments.name("name", name)
        if scope is not None:
            scope = _arguments.name("scope", scope)
        return _values.make_tensor(self._core, self._core.find_tensor(name, scope))

    def lint(
        self, *, only: str | Iterable[str] | None = None, ignore: str | Iterable[str] | None = None
    ) -> tuple[_values.LintFinding, ...]:
        """What could go wrong with it, or when it is trained, by the rules of docs/lint.md.

        `only` and `ignore` choose rules by their identifiers.
        """
        core = self._core
        found = core.lint(_arguments.patterns("only", only))
        left_out = _arguments.patterns("ignore", ignore)
        if left_out:
            core.lint(left_out)  # raises where one is no rule
        findings = (_values.make_lint_finding(core, fields) for fields in found)
        return tuple(finding for finding in findings if finding.rule not in left_out)

    # As text and data.

    def summary(self, width: int | None = None) -> Report:
        """The table that `hoarfrost inspect` prints, as wide as the terminal unless told."""
        return Report(
            self._core.table(_arguments.width(_terminal_width() if width is None else width))
        )

    def explain(self, name: str, scope: str | None = None) -> Report:
        """What a tensor is for and why, who uses it, where its bytes lie."""
        return self.tensor(name, scope).explain()

    def to_dict(self) -> dict[str, Any]:
        """All that is known, as `hoarfrost inspect --json` prints it (docs/json.md)."""
        result: dict[str, Any] = json.loads(self._core.json())
        return result

    def to_pandas(self, by: Literal["tensor", "layer"] = "tensor") -> pandas.DataFrame:
        """A row per tensor or layer. Needs pandas (pip install hoarfrost[pandas])."""
        from hoarfrost import _frames

        if by == "tensor":
            return _frames.of_tensors(self.tensors)
        if by == "layer":
            return _frames.of_layers(self.layers)
        raise ValueError(f"by is 'tensor' or 'layer', not {by!r}")

    # Frozen and thawed.

    def freeze(
        self,
        *,
        layers: Patterns | None = None,
        tensors: Patterns | None = None,
        types: Patterns | None = None,
        upto: Patterns | None = None,
        first: int | None = None,
        except_: Patterns | None = None,
        all: bool = False,
        shared: Literal["refuse", "freeze", "train"] = "refuse",
        batchnorm: Literal["arithmetic"] | None = None,
        dropout: Literal["identity"] | None = None,
        constants: bool = False,
        expose_trainable: bool = False,
    ) -> Model:
        """A model with the selected weights frozen, besides those that are already.

        A pattern is a glob whose * crosses separators, or "re:REGEX". The selectors add up, then
        `except_` takes away: `layers` (a layer or any of its ancestors matches), `tensors`,
        `types` (framework class or ONNX operator), `upto` (a node, tensor or layer: it and all
        that lies upstream), `first` (so many layers that own parameters), `all`. In `except_` a
        pattern is one of layers, unless it starts with "tensors:" or "types:". `shared` says what
        to do with a tensor that a frozen and a trained layer share.

        The others say how the result is written (docs/freezing.md): `batchnorm="arithmetic"` for
        frozen BatchNormalizations as arithmetic on their own tensors, `dropout="identity"` for a
        Dropout that feeds only frozen layers, `constants` for frozen tensors as Constant nodes,
        `expose_trainable` for trainable initializers as graph inputs. A model that is frozen
        already keeps what it was written with.
        """
        selection = _selection(layers, tensors, types, upto, first, except_, all)
        if shared not in ("refuse", "freeze", "train"):
            raise ValueError(f"shared is 'refuse', 'freeze' or 'train', not {shared!r}")
        if batchnorm not in (None, "arithmetic"):
            raise ValueError(f"batchnorm is 'arithmetic' or None, not {batchnorm!r}")
        if dropout not in (None, "identity"):
            raise ValueError(f"dropout is 'identity' or None, not {dropout!r}")
        return Model(
            self._core.freeze(
                selection,
                _core.SharedTensors[shared],
                batchnorm is not None,
                dropout is not None,
                bool(constants),
                bool(expose_trainable),
            )
        )

    def thaw(
        self,
        *,
        layers: Patterns | None = None,
        tensors: Patterns | None = None,
        types: Patterns | None = None,
        upto: Patterns | None = None,
        first: int | None = None,
        except_: Patterns | None = None,
        all: bool = False,
    ) -> Model:
        """A model with the selected weights no longer frozen; without a selector, with none.

        Thawing everything gives the bytes that the file had before it was frozen.
        """
        selectors = (layers, tensors, types, upto, first, except_)
        all = _arguments.flag("all", all)
        if selectors.count(None) == len(selectors):  # whether or not `all` is said
            return Model(self._core.thaw(None))
        selection = _selection(layers, tensors, types, upto, first, except_, all)
        return Model(self._core.thaw(selection))

    def plan(self) -> _values.Plan:
        """What is trainable and what is frozen now, by name, to hand to a trainer."""
        return _values.make_plan(self._core)

    # Held against another.

    def verify(
        self, tuned: TensorSource, *, plan: _values.Plan | str | None = None, partial: bool = False
    ) -> VerifyResult:
        """Whether what is frozen in this model did not move in `tuned`: hoarfrost.verify()."""
        from hoarfrost import _compare

        return _compare.verify(self, tuned, plan=plan, partial=partial)

    def diff(self, other: TensorSource) -> DiffResult:
        """What this model and another, or a set of tensors, differ in: hoarfrost.diff()."""
        from hoarfrost import _compare

        return _compare.diff(self, other)

    def merge(
        self,
        tuned: TensorSource,
        out: str | os.PathLike[str] | os.PathLike[bytes],
        *,
        keep_frozen: bool = False,
    ) -> MergeResult:
        """Writes this model to `out` with the trained tensors of `tuned`: hoarfrost.merge()."""
        from hoarfrost import _compare

        return _compare.merge(self, tuned, out, keep_frozen=keep_frozen)

    # Written.

    def save(self, path: str | os.PathLike[str] | os.PathLike[bytes]) -> None:
        """Writes the model; on any failure `path` is as it was.

        Refuses where the source changed since it was loaded. External data stays where it is, so
        a model that has any must be saved into the same folder.
        """
        self._core.save(os.fsencode(path))

    def to_onnx(self) -> onnx.ModelProto:
        """The model as the onnx package has it, external data not loaded. Reads all weights in it.

        Needs onnx (pip install hoarfrost[onnx]).
        """
        try:
            import onnx
        except ImportError as error:
            raise ImportError("to_onnx() needs onnx: pip install hoarfrost[onnx]") from error
        proto = onnx.ModelProto()
        proto.ParseFromString(self._core.serialize())
        return proto

    def __repr__(self) -> str:
        totals = self.totals
        return (
            f"<hoarfrost.Model {self.info.file!r}: {self._core.layer_count():,} layers,"
            f" {self._core.tensor_count():,} tensors, {totals.parameters:,} parameters,"
            f" {totals.trainable:,} trainable>"
        )

    # It never changes, so a copy is the model itself.

    def __copy__(self) -> Model:
        return self

    def __deepcopy__(self, memo: object) -> Model:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Model cannot be pickled: load() the file where it is needed")

    def _repr_html_(self) -> str:
        return self.summary(width=100)._repr_html_()


def _terminal_width() -> int:
    return shutil.get_terminal_size(fallback=(80, 24)).columns


def _selection(
    layers: Patterns | None,
    tensors: Patterns | None,
    types: Patterns | None,
    upto: Patterns | None,
    first: int | None,
    except_: Patterns | None,
    all: bool,
) -> _core.Selection:
    return _core.Selection(
        all=_arguments.flag("all", all),
        layers=_arguments.patterns("layers", layers),
        tensors=_arguments.patterns("tensors", tensors),
        types=_arguments.patterns("types", types),
        upto=_arguments.patterns("upto", upto),
        first=_arguments.count("first", first),
        except_=_arguments.patterns("except_", except_),
    )
