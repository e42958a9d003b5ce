"""What is joined, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Graph = Mapping[str, Mapping[str, Any]]


class NotFusable(Exception):
    """These steps give the same pictures only one after the other. The text names classes of nodes, nobody's words."""


class Taken(str):
    """Stands where the file of an input would stand, for what an earlier part makes.

    It is known by its type, so that no text of a person is ever taken for one.
    """

    part: int
    port: str
    which: int | None
    """Which of its pictures, from 0; None: the first."""

    def __new__(cls, part: int, port: str, which: int | None = None) -> Taken:
        made = super().__new__(cls, f"{part}:{port}")
        made.part, made.port, made.which = part, port, which
        return made


@dataclass(frozen=True)
class Part:
    """The graph of one step, bound; `outputs`: port -> id of the node that saves it."""

    graph: Graph = field(repr=False)
    outputs: Mapping[str, str]


@dataclass(frozen=True)
class Fused:
    """One graph; `outputs` of each part, by its number, with the ids that its nodes have now."""

    graph: dict[str, dict[str, Any]] = field(repr=False)
    outputs: Mapping[int, Mapping[str, str]]


def named(part: int, node: str) -> str:
    """What a node of a part is called in the whole."""
    return f"{part}:{node}"


def part_of(node: str) -> int | None:
    """The part that a node came from; None for a name that is not of a fused graph. A shared node is the first one's."""
    number, colon, _ = node.partition(":")
    return int(number) if colon and number.isdecimal() else None
