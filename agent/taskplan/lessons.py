"""What planning over an inventory is taught with. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from agent.taskplan.model import Matrix


@dataclass(frozen=True)
class Lesson:
    """A request with the tools it needs (positions in the inventory) and what feeds what.

    `stratum` is its sort (single, chain, dag), spread evenly over the folds; `weight` is how much it counts.
    """

    request: str = field(repr=False)
    tools: frozenset[int]
    links: frozenset[tuple[int, int]]
    stratum: str = ""
    weight: float = 1.0


def folds(lessons: Sequence[Lesson], count: int, seed: int) -> NDArray[np.int64]:
    """The fold of each lesson, every stratum spread evenly."""
    random, assigned = np.random.RandomState(seed), np.zeros(len(lessons), dtype=np.int64)
    for stratum in sorted({lesson.stratum for lesson in lessons}):
        members = [i for i, lesson in enumerate(lessons) if lesson.stratum == stratum]
        random.shuffle(members)
        for position, i in enumerate(members):
            assigned[i] = position % count
    return assigned


def needed(lessons: Sequence[Lesson], tools: int) -> Matrix:
    """Shape (lessons, tools): 1 where a lesson needs a tool."""
    table = np.zeros((len(lessons), tools))
    for row, lesson in enumerate(lessons):
        table[row, sorted(lesson.tools)] = 1
    return table


def fed(lessons: Sequence[Lesson], tools: int) -> tuple[Matrix, Matrix]:
    """Counts (tools, tools): how often the row fed the column, and how often both were needed."""
    links, together = np.zeros((tools, tools)), np.zeros((tools, tools))
    for lesson in lessons:
        index = sorted(lesson.tools)
        together[np.ix_(index, index)] += 1 - np.eye(len(index))
        for source, target in lesson.links:
            links[source, target] += 1
    return links, together
