"""What can go wrong, as exceptions.

All are HoarfrostError; each is also the built-in exception of its kind, so that code which knows
nothing of hoarfrost catches it too. The messages name the file, the tensor or node, and the cause.
"""


class HoarfrostError(Exception):
    """Base of all: what hoarfrost could not do, and why."""

    def __str__(self) -> str:
        # OSError, which some subclasses are too, would print an error number.
        return str(self.args[0]) if self.args else ""


class ModelError(HoarfrostError, ValueError):
    """The file is no readable ONNX model, or a tensor's bytes are damaged."""


class NotFoundError(HoarfrostError, FileNotFoundError):
    """A model or data file is not there."""


class AccessError(HoarfrostError, PermissionError):
    """A file may not be read or written."""


class SaveError(HoarfrostError, OSError):
    """The model could not be written; the target is as it was."""


class UnknownTensorError(HoarfrostError, LookupError):
    """The model has no tensor of that name."""


class SelectionError(HoarfrostError, ValueError):
    """A name or pattern that selects nothing, or not one thing."""


class StateError(HoarfrostError, RuntimeError):
    """The file changed since it was loaded, was never frozen, or was rewritten by another tool; or
    the tensors that are to be merged do not fit."""


class UnsupportedError(HoarfrostError, NotImplementedError):
    """Something that cannot be done with this tensor or model."""


# By status code; where what was being done matters, the pair comes first.
_CLASSES: dict[str | tuple[str, str], type[HoarfrostError]] = {
    ("finding", "NOT_FOUND"): UnknownTensorError,
    ("finding", "INVALID_ARGUMENT"): SelectionError,
    ("selecting", "NOT_FOUND"): SelectionError,
    ("selecting", "INVALID_ARGUMENT"): SelectionError,
    ("merging", "NOT_FOUND"): UnknownTensorError,
    ("merging", "INVALID_ARGUMENT"): SaveError,
    "INVALID_ARGUMENT": ModelError,
    "DATA_LOSS": ModelError,
    "OUT_OF_RANGE": ModelError,
    "NOT_FOUND": NotFoundError,
    "PERMISSION_DENIED": AccessError,
    "FAILED_PRECONDITION": StateError,
    "ABORTED": StateError,
    "UNIMPLEMENTED": UnsupportedError,
}


def from_status(doing: str, code: str, message: str) -> HoarfrostError:
    """The exception of a failure in the library, which calls this."""
    default = SaveError if doing in ("saving", "merging") else HoarfrostError
    found = _CLASSES.get((doing, code)) or _CLASSES.get(code, default)
    return found(message)
