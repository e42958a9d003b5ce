"""How likely one chosen tool's result feeds another: a logistic over few facts of the pair. Pure.

Only pairs whose types fit are considered. The facts are the same for every inventory: who is spoken of first and how far
apart, who else could feed or be fed, and, where that was learnt, what fed what before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agent.taskplan.model import Evidence, Inventory, Matrix

ORDER = (
    "ranks apart", "apart", "after", "distance", "nearest source", "next target", "both", "adjacent", "sources before",
    "targets after",
)  # fmt: skip
CROWD = ("tools", "possible sources", "possible targets", "target's inputs", "source's inputs", "fits backwards")
SURE = ("target needed", "source needed")
HABIT = ("fed", "fed backwards", "log fed", "log fed backwards", "over other sources", "over other targets")
FACTS = (*ORDER, *CROWD, *SURE, *HABIT)
SMOOTHING = 3.0


@dataclass(frozen=True)
class Linker:
    """Weights of the facts, standardised by `mean` and `spread`. `fed` (n, n): how often the row fed the column when both
    were needed; None where nothing was learnt, then habits do not count."""

    weights: Matrix
    bias: float
    mean: Matrix
    spread: Matrix
    fed: Matrix | None = None

    def likely(self, chosen: Sequence[int], evidence: Evidence, inventory: Inventory) -> Matrix:
        """Shape (chosen, chosen): how likely the row's tool feeds the column's; 0 where types do not fit."""
        if len(chosen) < 2:
            return np.zeros((len(chosen), len(chosen)))
        told, fits = facts(chosen, evidence, inventory, self.fed)
        rows = (told - self.mean) / self.spread
        answer: Matrix = fits / (1 + np.exp(-(rows @ self.weights + self.bias)))
        return answer


def facts(
    chosen: Sequence[int], evidence: Evidence, inventory: Inventory, fed: Matrix | None
) -> tuple[Matrix, Matrix]:
    """(chosen, chosen, facts), and (chosen, chosen) whether types fit. Habits are left out where `fed` is None."""
    index, n = np.array(chosen), len(chosen)
    fits = inventory.fits[np.ix_(index, index)] * (1 - np.eye(n))
    columns = [*_order(evidence.places[index], fits), *_crowd(inventory.slots[index].astype(float), fits)]
    sure = _log_odds(evidence.tools[index])
    columns += [_of_target(sure), _of_source(sure)]
    if fed is not None:
        columns += _habit(fed[np.ix_(index, index)], fits)
    return np.stack([np.asarray(column, dtype=float) for column in columns], axis=-1), fits


def habits(links: Matrix, together: Matrix, fits: Matrix) -> Matrix:
    """From counts (how often the row fed the column, how often both were needed) to smoothed shares."""
    usual = links.sum() / max(1.0, float((together * fits).sum()))
    answer: Matrix = (links + SMOOTHING * usual * fits) / (together + SMOOTHING)
    return answer


def _order(place: Matrix, fits: Matrix) -> list[Matrix]:
    n = len(place)
    rank = np.argsort(np.argsort(place, kind="stable"), kind="stable").astype(float)
    before = (rank[:, None] < rank[None, :]) * fits
    ranks = np.where(before > 0, rank[:, None], -1)
    nearest = (before > 0) & (ranks == ranks.max(0, keepdims=True))
    later = np.where(before > 0, rank[None, :], n + 1)
    following = (before > 0) & (later == later.min(1, keepdims=True))
    steps, apart = rank[None, :] - rank[:, None], place[None, :] - place[:, None]
    return [
        steps, apart, apart > 0, np.abs(apart), nearest, following, nearest & following, steps == 1,
        _of_target(before.sum(0)), _of_source(before.sum(1)),
    ]  # fmt: skip


def _crowd(slots: Matrix, fits: Matrix) -> list[Matrix]:
    n = len(slots)
    return [
        np.full((n, n), float(n)), _of_target(fits.sum(0)), _of_source(fits.sum(1)), _of_target(slots), _of_source(slots),
        fits.T,
    ]  # fmt: skip


def _habit(fed: Matrix, fits: Matrix) -> list[Matrix]:
    possible = fed * fits
    return [
        fed, fed.T, np.log(fed + 0.02), np.log(fed.T + 0.02), fed - _best_other(possible, 0), fed - _best_other(possible, 1),
    ]  # fmt: skip


def _of_target(values: Matrix) -> Matrix:
    return np.tile(values[None, :], (len(values), 1))


def _of_source(values: Matrix) -> Matrix:
    return np.tile(values[:, None], (1, len(values)))


def _best_other(values: Matrix, axis: int) -> Matrix:
    """The greatest value of a competitor: another source of the same target (axis 0), another target of the source (1)."""
    n = len(values)
    if n < 3:
        return np.zeros_like(values)
    ordered = np.sort(values, axis=axis)
    first = ordered.take([n - 1], axis=axis)
    next_best = ordered.take([n - 2], axis=axis)
    answer: Matrix = np.where(values == first, next_best, first)
    return answer


def _log_odds(chance: Matrix) -> Matrix:
    clipped = np.clip(chance, 0.002, 0.998)
    answer: Matrix = np.log(clipped / (1 - clipped))
    return answer
