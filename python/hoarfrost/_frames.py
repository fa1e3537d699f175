"""Tensors and layers as pandas tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from hoarfrost._values import Layer, Tensor

if TYPE_CHECKING:
    import pandas

# storage becomes two columns, of its kind and its data file.
_TENSOR_COLUMNS = [field.name for field in fields(Tensor) if field.name != "storage"]
_LAYER_COLUMNS = [field.name for field in fields(Layer)]


def of_tensors(tensors: Iterable[Tensor]) -> pandas.DataFrame:
    rows = [
        (*(getattr(t, c) for c in _TENSOR_COLUMNS), t.storage.kind, t.storage.location)
        for t in tensors
    ]
    frame = _frame(rows, [*_TENSOR_COLUMNS, "storage", "location"])
    # Where some have none, pandas would make floats of the others.
    return frame.astype({"stored_elements": "Int64", "logical_elements": "Int64"})


def of_layers(layers: Iterable[Layer]) -> pandas.DataFrame:
    return _frame([[getattr(x, c) for c in _LAYER_COLUMNS] for x in layers], _LAYER_COLUMNS)


def _frame(rows: list[Any], columns: list[str]) -> pandas.DataFrame:
    try:
        import pandas
    except ImportError as error:
        raise ImportError("to_pandas() needs pandas: pip install hoarfrost[pandas]") from error
    return pandas.DataFrame(rows, columns=columns)
