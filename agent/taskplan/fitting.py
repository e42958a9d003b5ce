"""Fit what decides after scoring: the linker's weights and the bars, on evidence of requests that were not learnt. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from agent.taskplan.decoding import Bars, decide
from agent.taskplan.lessons import Lesson, fed
from agent.taskplan.linking import Linker, facts, habits
from agent.taskplan.model import Evidence, Inventory, Matrix

RIDGE = 3.0
BELIEVED = 0.4
"""Tools believed at least this much are linked in training beside those that are needed: so will it be in use."""


def fit_linker(
    lessons: Sequence[Lesson], evidences: Sequence[Evidence], inventory: Inventory, *, learnt: bool
) -> Linker:
    """A logistic over the facts of all pairs; a lesson's own links do not count among its habits. Without `learnt`,
    habits are left out: such a linker serves any inventory."""
    links, together = fed(lessons, len(inventory.tools))
    rows, targets = [], []
    for lesson, evidence in zip(lessons, evidences, strict=True):
        chosen = _chosen(evidence) if learnt else sorted(lesson.tools)
        if len(chosen) < 2:
            continue
        own = fed([lesson], len(inventory.tools))
        usual = habits(links - own[0], together - own[1], inventory.fits) if learnt else None
        told, fits = facts(chosen, evidence, inventory, usual)
        linked = np.array([[float((a, b) in lesson.links) for b in chosen] for a in chosen])
        rows.append(told[fits > 0])
        targets.append(linked[fits > 0])
    table, wanted = np.concatenate(rows), np.concatenate(targets)
    mean, spread = table.mean(0), table.std(0) + 1e-6
    weights, bias = _logistic((table - mean) / spread, wanted)
    return Linker(weights, bias, mean, spread, habits(links, together, inventory.fits) if learnt else None)


def fit_bars(
    lessons: Sequence[Lesson], evidences: Sequence[Evidence], inventory: Inventory, linker: Linker, start: Bars
) -> Bars:
    """The bars with the best sum of both F1, weighted as the lessons are: a coarse grid, tools first, then links."""
    grids: list[Iterable[Bars]] = [
        [replace(start, tool=t, doubt=d, support=s) for t, d, s in product(np.arange(0.2, 0.61, 0.05), (0.0, 0.15), (0.3, 0.8))]
    ]  # fmt: skip
    best = _best(grids[0], lessons, evidences, inventory, linker)
    links = [replace(best, link=a, second=b) for a, b in product((0.1, 0.15, 0.2, 0.25, 0.3), (0.25, 0.35, 0.45, 0.55))]
    return _best(links, lessons, evidences, inventory, linker)


def both_f1(
    lessons: Sequence[Lesson], evidences: Sequence[Evidence], inventory: Inventory, linker: Linker, bars: Bars
) -> tuple[float, float]:
    """F1 of tools and of links, 0..1, pooled over weighted lessons."""
    hit, size = np.zeros(2), np.zeros(2)
    for lesson, evidence in zip(lessons, evidences, strict=True):
        said = decide(evidence, inventory, linker, bars)
        tools, links = set(said.tools), set(said.links)
        hit += lesson.weight * np.array([len(tools & lesson.tools), len(links & lesson.links)])
        size += lesson.weight * np.array([len(tools) + len(lesson.tools), len(links) + len(lesson.links)])
    return float(2 * hit[0] / max(size[0], 1e-9)), float(2 * hit[1] / max(size[1], 1e-9))


def _best(
    grid: Iterable[Bars], lessons: Sequence[Lesson], evidences: Sequence[Evidence], inventory: Inventory, linker: Linker
) -> Bars:
    return max(grid, key=lambda bars: sum(both_f1(lessons, evidences, inventory, linker, bars)))


def _chosen(evidence: Evidence) -> list[int]:
    believed = [int(tool) for tool in np.where(evidence.tools >= BELIEVED)[0]]
    return believed or [int(evidence.tools.argmax())]


def _logistic(rows: Matrix, wanted: Matrix) -> tuple[Matrix, float]:
    """Ridge logistic regression by Newton's method: weights and bias."""
    table = np.column_stack([rows, np.ones(len(rows))])
    penalty = np.full(table.shape[1], RIDGE)
    penalty[-1] = 0
    weights = np.zeros(table.shape[1])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-np.clip(table @ weights, -30, 30)))
        slope = table.T @ (chance - wanted) + penalty * weights
        curve = (table * (chance * (1 - chance))[:, None]).T @ table + np.diag(penalty + 1e-9)
        step = np.linalg.solve(curve, slope)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    return weights[:-1], float(weights[-1])
