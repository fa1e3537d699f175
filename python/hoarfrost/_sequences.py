"""Sequences whose items are made when they are looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar, overload

T_co = TypeVar("T_co", covariant=True)


class LazySequence(Sequence[T_co]):
    """The tensors or layers of a model. A slice of it is another; list() makes all items."""

    __slots__ = ("_indices", "_make", "_noun")

    def __init__(self, noun: str, indices: range, make: Callable[[int], T_co]) -> None:
        self._noun = noun
        self._indices = indices
        self._make = make

    def __len__(self) -> int:
        return len(self._indices)

    @overload
    def __getitem__(self, key: int) -> T_co: ...
    @overload
    def __getitem__(self, key: slice) -> LazySequence[T_co]: ...
    def __getitem__(self, key: int | slice) -> T_co | LazySequence[T_co]:
        if isinstance(key, slice):
            return LazySequence(self._noun, self._indices[key], self._make)
        try:
            index = self._indices[key]
        except IndexError:
            raise IndexError(
                f"index {key} is out of range: there are {len(self)} {self._noun}"
            ) from None
        except TypeError:
            by_name = "; Model.tensor() finds one by name" if self._noun == "tensors" else ""
            raise TypeError(
                f"{self._noun} are numbered: an index is an int or a slice,"
                f" not {type(key).__name__}{by_name}"
            ) from None
        return self._make(index)

    def __iter__(self) -> Iterator[T_co]:
        return map(self._make, self._indices)

    def __repr__(self) -> str:
        return f"<{len(self):,} {self._noun}>"
