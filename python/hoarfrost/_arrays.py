"""Elements as ONNX stores them, to NumPy arrays and back."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hoarfrost.errors import ModelError, UnsupportedError

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    from hoarfrost import _core
    from hoarfrost._values import Tensor

_OWN = {
    name: name
    for name in (
        "float16 float32 float64 int8 int16 int32 int64 uint8 uint16 uint32 uint64 bool"
        " complex64 complex128"
    ).split()
}

# ONNX's name to that of ml_dtypes.
_ML_DTYPES = {
    "bfloat16": "bfloat16",
    "float8e4m3fn": "float8_e4m3fn",
    "float8e4m3fnuz": "float8_e4m3fnuz",
    "float8e5m2": "float8_e5m2",
    "float8e5m2fnuz": "float8_e5m2fnuz",
    "float8e8m0": "float8_e8m0fnu",
    "float4e2m1": "float4_e2m1fn",
    "int4": "int4",
    "uint4": "uint4",
    "int2": "int2",
    "uint2": "uint2",
}

_FROM_ML_DTYPES = {theirs: ours for ours, theirs in _ML_DTYPES.items()}

_BITS = {"int4": 4, "uint4": 4, "float4e2m1": 4, "int2": 2, "uint2": 2}
_SIGNED = {"int4", "int2"}


def read(core: _core.Model, index: int, tensor: Tensor) -> NDArray[Any]:
    """The values of the model's tensor `index`, which `tensor` describes."""
    # First, so that nothing is read for a type that cannot be shown.
    dtype = dtype_of(tensor.dtype, tensor.name)
    sparse = tensor.stored_elements is not None
    shape = (tensor.stored_elements,) if tensor.stored_elements is not None else tensor.shape
    if tensor.dtype == "string":
        values = _array_of(core.read_strings(index), shape)
    else:
        values = decode(core.read_tensor(index), dtype, tensor.dtype, shape)
    return _dense(values, core.read_positions(index), tensor) if sparse else values


def _dense(values: NDArray[Any], positions: NDArray[numpy.uint64], tensor: Tensor) -> NDArray[Any]:
    import numpy

    try:
        dense: NDArray[Any] = numpy.zeros(tensor.elements, values.dtype)
    except (MemoryError, ValueError) as error:
        raise UnsupportedError(
            f"tensor {tensor.name!r}: the dense array of its {tensor.elements:,} elements is too"
            " large for this memory"
        ) from error
    if tensor.dtype == "string":
        dense[:] = ""
    dense[positions] = values
    return dense.reshape(tensor.shape)


def _array_of(strings: list[str], shape: Sequence[int]) -> NDArray[Any]:
    import numpy

    array = numpy.empty(len(strings), numpy.object_)
    for i, string in enumerate(strings):  # as a whole they would lose zeros at their ends
        array[i] = string
    return array.reshape(shape)


def dtype_of(name: str, tensor: str) -> numpy.dtype[Any]:
    """The NumPy type of an ONNX element type; for the error, the tensor's name is wanted."""
    import numpy

    if name == "string":
        return numpy.dtype(numpy.object_)
    if name in _OWN:
        return numpy.dtype(_OWN[name])
    if name not in _ML_DTYPES:
        raise UnsupportedError(f"tensor {tensor!r}: there is no NumPy type for {name}")
    try:
        ml_dtypes = importlib.import_module("ml_dtypes")
        dtype: numpy.dtype[Any] = numpy.dtype(getattr(ml_dtypes, _ML_DTYPES[name]))
        return dtype
    except (ImportError, AttributeError) as error:
        raise UnsupportedError(
            f"tensor {tensor!r}: {name} needs the package ml_dtypes"
            " (pip install --upgrade hoarfrost[ml-dtypes])"
        ) from error


def decode(
    data: NDArray[numpy.uint8], dtype: numpy.dtype[Any], name: str, shape: Sequence[int]
) -> NDArray[Any]:
    """The array of `shape`. It owns `data`, but for the types of less than a byte, which are
    unpacked to a byte each: that is how ml_dtypes keeps them."""
    if name in _BITS:
        data = _unpack(data, _BITS[name], name in _SIGNED)[: _count(shape)]
    try:
        return data.view(dtype).reshape(shape)
    except ValueError as error:
        raise ModelError(f"{data.nbytes} bytes do not fill {name} {list(shape)}") from error


def _count(shape: Sequence[int]) -> int:
    count = 1
    for size in shape:
        count *= size
    return count


def _unpack(data: NDArray[numpy.uint8], bits: int, signed: bool) -> NDArray[numpy.uint8]:
    import numpy

    per_byte = 8 // bits
    out = numpy.empty((data.size, per_byte), numpy.uint8)
    for i in range(per_byte):  # the first element lies in the lowest bits
        numpy.bitwise_and(data >> (i * bits), (1 << bits) - 1, out=out[:, i])
    if signed:
        top = 1 << (bits - 1)
        numpy.subtract(out ^ top, top, out=out)  # wraps around: the bytes of the int8
    return out.reshape(-1)


def name_of(dtype: numpy.dtype[Any]) -> str | None:
    """ONNX's name of a NumPy type, or of one of ml_dtypes; None where it has none."""
    if dtype.name in _OWN:
        return dtype.name
    return _FROM_ML_DTYPES.get(dtype.name)


def encode(array: NDArray[Any], name: str) -> NDArray[numpy.uint8]:
    """The elements of the array as ONNX stores them: row-major, little-endian, small types
    packed. The array's own memory where that is what lies there."""
    import numpy

    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    flat = numpy.ascontiguousarray(array).reshape(-1).view(numpy.uint8)
    return _pack(flat, _BITS[name]) if name in _BITS else flat


def _pack(data: NDArray[numpy.uint8], bits: int) -> NDArray[numpy.uint8]:
    import numpy

    per_byte = 8 // bits
    padded = numpy.zeros(-(-data.size // per_byte) * per_byte, numpy.uint8)
    padded[: data.size] = data & ((1 << bits) - 1)
    shifts = numpy.arange(per_byte, dtype=numpy.uint8) * bits
    packed: NDArray[numpy.uint8] = numpy.bitwise_or.reduce(
        padded.reshape(-1, per_byte) << shifts.astype(numpy.uint8), axis=1
    )
    return packed
