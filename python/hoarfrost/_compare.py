"""verify, diff and merge: what a trainer moved, and bringing it home."""

from __future__ import annotations

import os
from typing import Any

from hoarfrost import _compared, _core
from hoarfrost._load import Path, load
from hoarfrost._model import Model
from hoarfrost._tensor_sets import TensorSource, to_set
from hoarfrost._values import Plan
from hoarfrost.errors import NotFoundError


def verify(
    frozen: Model | Any,
    tuned: TensorSource,
    *,
    plan: Plan | str | None = None,
    partial: bool = False,
) -> _compared.VerifyResult:
    """Whether every frozen tensor and frozen statistic of `frozen` is in `tuned` bit for bit, and
    nothing is missing.

    `frozen` is a Model, or what load() takes. `tuned` is a Model; the path of an ONNX model, a
    safetensors file, an ONNX Runtime training checkpoint or a torch.save file; an object with a
    state_dict(); or a mapping of names to NumPy arrays, torch tensors or the like. `plan` holds
    it to another plan than the one in `frozen`: a Plan, or its JSON. `partial` says that `tuned`
    has some of the tensors only, so that a missing one is a warning.
    """
    text = plan.json if isinstance(plan, Plan) else plan or ""
    return _compared.make_verify(_core.verify(_model(frozen)._core, to_set(tuned), text, partial))


def diff(a: TensorSource, b: TensorSource) -> _compared.DiffResult:
    """What two models, or sets of tensors, differ in. Either side is as `tuned` of verify()."""
    return _compared.make_diff(_core.diff(to_set(a), to_set(b)))


def merge(
    base: Model | Any, tuned: TensorSource, out: Path, *, keep_frozen: bool = False
) -> _compared.MergeResult:
    """Writes `base` to `out` with the trained tensors of `tuned`, and every other byte as it is.

    Taken over by name are the trainable weights, and the statistics of BatchNormalizations that
    are not frozen. A frozen tensor that differs is refused, unless `keep_frozen` leaves it as
    `base` has it. On any failure `out` is as it was. `base` and `tuned` are as those of verify().
    """
    path = os.fsencode(out)
    folder = os.path.dirname(path)
    if folder and not os.path.isdir(folder):
        raise NotFoundError(f"{os.fsdecode(path)}: there is no folder {os.fsdecode(folder)}")
    model = _model(base)
    return _compared.make_merge(_core.merge(model._core, to_set(tuned), path, keep_frozen))


def _model(source: Any) -> Model:
    return source if isinstance(source, Model) else load(source)
