"""How far down the right tool stands. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evals.retrieval.queries import Query

DEPTHS = (1, 3, 5, 10)


@dataclass(frozen=True)
class Answered:
    """A query with the names of what was found, best first, one of each group. `rank` counts from 1; None: not among them."""

    query: Query
    found: tuple[str, ...]
    rank: int | None


@dataclass(frozen=True)
class Figures:
    """`recall` by depth, and the mean reciprocal rank, all 0 to 1."""

    count: int
    recall: dict[int, float]
    mrr: float


def answered(query: Query, found: Sequence[Sequence[str]]) -> Answered:
    """`found` is a result a line: all the names that it is known by, its own first."""
    rank = next((place for place, names in enumerate(found, 1) if query.fits(names)), None)
    return Answered(query, tuple(names[0] for names in found), rank)


def figures(answers: Iterable[Answered]) -> Figures:
    ranks = [answer.rank for answer in answers]
    count = len(ranks)
    recall = {depth: sum(rank is not None and rank <= depth for rank in ranks) / max(1, count) for depth in DEPTHS}
    return Figures(count, recall, sum(1 / rank for rank in ranks if rank) / max(1, count))


def by_family(answers: Iterable[Answered]) -> dict[str, list[Answered]]:
    families: dict[str, list[Answered]] = {}
    for answer in answers:
        families.setdefault(answer.query.family, []).append(answer)
    return families
