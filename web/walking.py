"""Through parsed JSON without recursion, with the path of everything: a refusal can then name its place. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

Path = tuple[str | int, ...]


def walked(value: Any) -> Iterator[tuple[Path, Any]]:
    """Everything in it with its path, keys of objects too: ((), value), (("steps",), [...]), (("steps", 0), ...)."""
    layer: list[tuple[Path, Any]] = [((), value)]
    while layer:
        yield from layer
        layer = [inner for path, item in layer for inner in _named_children(path, item)]


def _named_children(path: Path, value: Any) -> Iterable[tuple[Path, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield path, key
            yield (*path, key), item
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield (*path, number), item
