"""From whatever holds a model to a Model."""

from __future__ import annotations

import io
import os
from typing import Protocol

from hoarfrost import _arguments, _core
from hoarfrost._model import Model


class _Readable(Protocol):
    def read(self) -> bytes: ...


class _Message(Protocol):
    def SerializeToString(self) -> bytes: ...


Path = str | os.PathLike[str] | os.PathLike[bytes]


def load(
    source: Path | bytes | bytearray | memoryview | _Readable | _Message,
    *,
    directory: Path | None = None,
    infer_shapes: bool = False,
) -> Model:
    """Reads a model without its weights.

    `source` is a path, the bytes of a model file, a binary file open for reading, or an
    onnx.ModelProto. What is no file on disk is kept in memory. `directory` is where external data
    is relative to: the model's own folder for a path or an open file, else nowhere unless given.
    `infer_shapes` runs ONNX's shape inference where the model carries no shapes.
    """
    infer_shapes = _arguments.flag("infer_shapes", infer_shapes)
    if isinstance(source, (str, os.PathLike)):
        if directory is not None:
            raise TypeError("directory: external data of a file is relative to its own folder")
        return Model(_core.Model.load(os.fsencode(source), infer_shapes))
    if isinstance(source, (bytes, bytearray, memoryview)):
        data, name = bytes(source), "<bytes>"
    elif hasattr(source, "SerializeToString"):
        kind = type(source).__name__
        if kind.endswith("Proto") and kind != "ModelProto":
            raise TypeError(f"load() takes an onnx.ModelProto, not a part of one: {kind}")
        data, name = source.SerializeToString(), f"<{kind}>"
    elif hasattr(source, "read"):
        path = _path_of(source)
        if path is not None and directory is None:
            return Model(_core.Model.load(path, infer_shapes))
        data, name = _read(source)
        if directory is None and name != "<file>":
            directory = os.path.dirname(os.path.abspath(name))
    else:
        raise TypeError(
            "load() takes a path, bytes, a binary file or an onnx.ModelProto,"
            f" not {type(source).__name__}"
        )
    folder = b"" if directory is None else os.fsencode(directory)
    return Model(_core.Model.from_bytes(data, name, folder, infer_shapes))


def _path_of(file: _Readable) -> bytes | None:
    """The path of a file that is open at its start, so that its weights need not be read."""
    # Not of what only stands on a file, as gzip does.
    if not isinstance(file, (io.BufferedReader, io.BufferedRandom)):
        return None
    if not isinstance(file.raw, io.FileIO) or not isinstance(file.name, (str, bytes)):
        return None
    try:
        if file.tell() == 0 and os.path.samestat(os.fstat(file.fileno()), os.stat(file.name)):
            return os.fsencode(file.name)
    except (OSError, ValueError):
        pass
    return None


def _read(file: _Readable) -> tuple[bytes, str]:
    data = file.read()
    if not isinstance(data, bytes):
        raise TypeError(f"the file gives {type(data).__name__}, not bytes: open it in binary mode")
    name = getattr(file, "name", None)
    return data, name if isinstance(name, str) and os.path.isfile(name) else "<file>"
