"""Places that are made when somebody looks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, overload

T = TypeVar("T")
D = TypeVar("D")


class Lazy(dict[str, T]):
    """A dictionary that makes what it lacks; going through it shows what there is already."""

    def __init__(self, known: Mapping[str, T], make: Callable[[str], bool]) -> None:
        super().__init__(known)
        self._make = make

    def __missing__(self, key: str) -> T:
        """Make what is asked for. Raises KeyError if that can't be."""
        if self._make(key) and super().__contains__(key):
            return super().__getitem__(key)
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        """Whether it is there or can be made."""
        if super().__contains__(key):
            return True
        return isinstance(key, str) and self._make(key) and super().__contains__(key)

    @overload
    def get(self, key: str, default: None = None, /) -> T | None: ...
    @overload
    def get(self, key: str, default: T, /) -> T: ...
    @overload
    def get(self, key: str, default: D, /) -> T | D: ...
    def get(self, key: str, default: Any = None, /) -> Any:
        """Find or make it."""
        found = super().get(key)
        if found is None and self._make(key):
            found = super().get(key)
        return default if found is None else found
