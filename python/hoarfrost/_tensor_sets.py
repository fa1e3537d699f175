"""From whatever holds named tensors to a set that can be compared."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from hoarfrost import _arrays, _core
from hoarfrost._load import Path, load
from hoarfrost._model import Model
from hoarfrost.errors import ModelError, UnsupportedError

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    _Item = tuple[str, str, tuple[int, ...], NDArray[numpy.uint8]]


class _HasStateDict(Protocol):
    def state_dict(self) -> Mapping[str, Any]: ...


class _Message(Protocol):
    def SerializeToString(self) -> bytes: ...


TensorSource = Model | Path | bytes | Mapping[str, Any] | _HasStateDict | _Message

# A zip archive, and a pickle of protocol 2 or later: what torch.save writes, now and before 1.6.
_TORCH_STARTS = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")

# torch's names of types where they are not ONNX's.
_FROM_TORCH = {
    "float8_e4m3fn": "float8e4m3fn",
    "float8_e4m3fnuz": "float8e4m3fnuz",
    "float8_e5m2": "float8e5m2",
    "float8_e5m2fnuz": "float8e5m2fnuz",
    "float8_e8m0fnu": "float8e8m0",
}

# The keys that training scripts keep the tensors under, beside the optimizer and the rest.
_STATE_KEYS = ("state_dict", "model_state_dict", "model")


def to_set(source: TensorSource) -> _core.TensorSet:
    if isinstance(source, Model):
        return _core.TensorSet.of_model(source._core)
    if isinstance(source, (str, os.PathLike)):
        return _open(os.fsencode(source))
    if isinstance(source, Mapping):
        return _of_mapping(source, "<mapping>")
    if hasattr(source, "state_dict"):
        return _of_mapping(source.state_dict(), f"<{type(source).__name__}>")
    if isinstance(source, bytes) or hasattr(source, "SerializeToString"):
        return to_set(load(source))
    raise TypeError(
        "tensors come from a Model, a path, a mapping of names to arrays, an object with a"
        f" state_dict() or an onnx.ModelProto, not from {type(source).__name__}"
    )


def _open(path: bytes) -> _core.TensorSet:
    try:
        with open(path, "rb") as file:
            start = file.read(4)
    except OSError:
        start = b""  # whatever it is, opening it says it better
    if start.startswith(_TORCH_STARTS):
        return _of_mapping(_load_torch(path, start), os.fsdecode(path))
    return _core.TensorSet.open(path)


def _load_torch(path: bytes, start: bytes) -> Mapping[str, Any]:
    name = os.fsdecode(path)
    try:
        torch: Any = importlib.import_module("torch")
    except ImportError as error:
        raise UnsupportedError(
            f"{name}: looks like a file of torch.save, which needs torch"
            " (pip install hoarfrost[torch])"
        ) from error
    try:
        # A pickle is a program; weights_only runs none but that which makes tensors. Mapped, a
        # file larger than memory can be compared.
        held = torch.load(name, map_location="cpu", weights_only=True, mmap=start[:2] == b"PK")
    except Exception as error:
        raise ModelError(f"{name}: torch.load(weights_only=True) refuses it: {error}") from error
    for key in _STATE_KEYS:
        if isinstance(held, Mapping) and isinstance(held.get(key), Mapping):
            held = held[key]
            break
    if not isinstance(held, Mapping):
        raise ModelError(f"{name}: holds a {type(held).__name__}, not a state dict")
    return held


def _of_mapping(tensors: Mapping[Any, Any], name: str) -> _core.TensorSet:
    items: list[_Item] = []
    for key, value in tensors.items():
        if not isinstance(key, str):
            raise TypeError(f"{name}: names are str, not {type(key).__name__}")
        items.append(_of_torch(key, value) if _is_torch(value) else _of_array(key, value, name))
    return _core.TensorSet.from_memory(name, items)


def _is_torch(value: Any) -> bool:
    # Without importing torch, which may not be there.
    return hasattr(value, "detach") and str(getattr(value, "dtype", "")).startswith("torch.")


def _of_torch(name: str, tensor: Any) -> _Item:
    torch: Any = importlib.import_module("torch")
    dtype = str(tensor.dtype).removeprefix("torch.")
    dtype = _FROM_TORCH.get(dtype, dtype)
    if tensor.layout != torch.strided or dtype.startswith(("q", "float4")):
        raise UnsupportedError(
            f"tensor {name!r}: a torch tensor of {tensor.dtype} in the layout"
            f" {tensor.layout} has no counterpart in ONNX"
        )
    # resolve_conj() and resolve_neg(): complex views may be lazy, and their bytes another tensor's.
    flat = tensor.detach().cpu().resolve_conj().resolve_neg().contiguous().reshape(-1)
    return name, dtype, tuple(tensor.shape), flat.view(torch.uint8).numpy()


def _of_array(name: str, value: Any, holder: str) -> _Item:
    import numpy

    array = numpy.asarray(value)
    dtype = _arrays.name_of(array.dtype)
    if dtype is None:
        raise TypeError(
            f"{holder}: {name!r} is a {type(value).__name__} of {array.dtype}, not an array of"
            " numbers"
        )
    return name, dtype, array.shape, _arrays.encode(array, dtype)
