"""How parsed JSON is nested, found out without recursion: what reads it afterwards may recurse. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite
from typing import Any


def is_deeper_than(most: int, value: Any) -> bool:
    """Whether lists and objects are nested more deeply than that."""
    layer = [value]
    for _ in range(most):
        layer = [item for value in layer for item in _children(value)]
        if not layer:
            return False
    return True


def is_finite(value: Any) -> bool:
    """Whether every number in it is one that JSON can write."""
    layer = [value]
    while layer:
        if any(isinstance(item, float) and not isfinite(item) for item in layer):
            return False
        layer = [inner for item in layer for inner in _children(item)]
    return True


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
