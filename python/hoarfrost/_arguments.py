"""Arguments as the library takes them; of a wrong kind, an error in the words of who called."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from typing import SupportsIndex

from hoarfrost._values import Layer, Tensor

Patterns = str | Iterable[str]

_MOST = 2**31 - 1  # of what the library holds as an int


def name(what: str, value: str) -> str:
    if not isinstance(value, str):
        hint = " (its name)" if isinstance(value, Tensor) else ""
        raise TypeError(f"{what} is a str, not {type(value).__name__}{hint}")
    value.encode("utf-8", "surrogateescape")  # raises what says which character cannot be in it
    return value


def patterns(what: str, value: Patterns | None) -> list[str]:
    if value is None:
        return []
    if isinstance(value, str):
        return [name(what, value)]
    # What is iterable, but surely not meant to be taken apart.
    if not isinstance(value, Iterable) or isinstance(value, (bytes, bytearray, Mapping)):
        raise _no_pattern(what, value)
    words = list(value)
    for word in words:
        if not isinstance(word, str):
            raise _no_pattern(what, word)
        name(what, word)
    return words


def _no_pattern(what: str, value: object) -> TypeError:
    hint = ""
    if isinstance(value, Layer):
        hint = ": give its path"
    elif isinstance(value, Tensor):
        hint = ": give its name"
    return TypeError(f"{what}: a pattern is a str, not {type(value).__name__}{hint}")


def count(what: str, value: SupportsIndex | None) -> int:
    """A number from 1 on; 0 for None."""
    if value is None:
        return 0
    number = _number(what, value)
    if number < 1:
        raise ValueError(f"{what} is a number of layers, at least 1, not {number}")
    return number


def width(value: SupportsIndex) -> int:
    return max(_number("width", value), 0)


def _number(what: str, value: SupportsIndex) -> int:
    try:
        return min(operator.index(value), _MOST)
    except TypeError:
        raise TypeError(f"{what} is a whole number, not {type(value).__name__}") from None


def flag(what: str, value: bool) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{what} is True or False, not {value!r}")
    return value
