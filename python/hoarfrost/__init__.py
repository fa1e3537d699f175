"""hoarfrost: what is trainable in an ONNX model, and models with layers frozen.

>>> import hoarfrost
>>> model = hoarfrost.load("model.onnx")
>>> model.totals.trainable
1030
>>> model.freeze(layers="backbone").save("frozen.onnx")

No weight is read unless asked for, so a model of any size is loaded in milliseconds.
"""

from hoarfrost._batch import Batch, batch
from hoarfrost._compare import diff, merge, verify
from hoarfrost._compared import (
    ComparedTensor,
    Difference,
    DiffResult,
    Finding,
    MergedTensor,
    MergeResult,
    OperatorChange,
    TensorChange,
    ValueChange,
    VerifyCount,
    VerifyResult,
)
from hoarfrost._core import version as _version
from hoarfrost._load import load
from hoarfrost._model import Model
from hoarfrost._sequences import LazySequence
from hoarfrost._text import Report
from hoarfrost._values import (
    Adjustment,
    Evidence,
    FrameworkCount,
    Layer,
    LintFinding,
    ModelInfo,
    Note,
    Plan,
    PlanEntry,
    Role,
    Storage,
    Tensor,
    Totals,
    Values,
)
from hoarfrost.errors import (
    AccessError,
    HoarfrostError,
    ModelError,
    NotFoundError,
    SaveError,
    SelectionError,
    StateError,
    UnknownTensorError,
    UnsupportedError,
)

__version__ = _version()

__all__ = [
    "AccessError",
    "Adjustment",
    "Batch",
    "ComparedTensor",
    "DiffResult",
    "Difference",
    "Evidence",
    "Finding",
    "FrameworkCount",
    "HoarfrostError",
    "Layer",
    "LazySequence",
    "LintFinding",
    "MergeResult",
    "MergedTensor",
    "Model",
    "ModelError",
    "ModelInfo",
    "NotFoundError",
    "Note",
    "OperatorChange",
    "Plan",
    "PlanEntry",
    "Report",
    "Role",
    "SaveError",
    "SelectionError",
    "StateError",
    "Storage",
    "Tensor",
    "TensorChange",
    "Totals",
    "UnknownTensorError",
    "UnsupportedError",
    "ValueChange",
    "Values",
    "VerifyCount",
    "VerifyResult",
    "__version__",
    "batch",
    "diff",
    "load",
    "merge",
    "verify",
]
