"""Figures that can be trusted: every request is planned by what has not seen it, with intervals from resampling requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agent.taskplan import heads, likeness
from agent.taskplan.decoding import Bars, decide
from agent.taskplan.fitting import fit_bars, fit_linker
from agent.taskplan.general import BARS, LINKER
from agent.taskplan.lessons import Lesson, folds
from agent.taskplan.linking import Linker
from agent.taskplan.model import Evidence, Inventory, Matrix
from agent.taskplan.planner import composed
from agent.taskplan.training import Pieces, Schedule, Told, train
from evals.taskbench.data import SHARES, Gold
from evals.taskbench.scoring import MEASURES, Outline, outline, pooled

RESAMPLES = 400


@dataclass(frozen=True)
class Figures:
    """F1 in percent by measure, pooled as they are and in the whole domain's mix of sorts; 95 % intervals of the former."""

    name: str
    plain: dict[str, float]
    mixed: dict[str, float]
    low: dict[str, float]
    high: dict[str, float]

    def line(self) -> str:
        parts = [f"{m} {self.plain[m]:.1f} ({self.low[m]:.1f} to {self.high[m]:.1f})" for m in MEASURES if m in self.plain]
        mix = " / ".join(f"{self.mixed[m]:.1f}" for m in MEASURES if m in self.mixed)
        return f"{self.name}: {', '.join(parts)}; in the domain's mix {mix}"


def figures(name: str, golds: Sequence[Gold], said: Sequence[Outline], seed: int = 0) -> Figures:
    """Of plans that were made without having seen their requests."""
    pairs = [(gold.plan, plan) for gold, plan in zip(golds, said, strict=True)]
    sorts = [gold.sort for gold in golds]
    weights = [SHARES.get(sort, 1) / sorts.count(sort) for sort in sorts]
    random, drawn = np.random.RandomState(seed), []
    for _ in range(RESAMPLES):
        rows = random.randint(0, len(pairs), len(pairs))
        drawn.append(pooled([pairs[row] for row in rows]))
    low, high = ({m: float(np.percentile([d.get(m, 0) for d in drawn], q)) for m in MEASURES} for q in (2.5, 97.5))
    return Figures(name, pooled(pairs), pooled(pairs, weights), low, high)


def unseen_plans(
    golds: Sequence[Gold], lessons: Sequence[Lesson], evidences: Sequence[Evidence], inventory: Inventory, schedule: Schedule,
) -> list[Outline]:
    """Plans from evidence that was not learnt from, linker and bars fitted on the other folds each time."""
    fold_of = folds(lessons, schedule.folds, schedule.seed)
    said: list[Outline | None] = [None] * len(golds)
    for fold in range(schedule.folds):
        rest = np.where(fold_of != fold)[0]
        known, told = [lessons[i] for i in rest], [evidences[i] for i in rest]
        linker = fit_linker(known, told, inventory, learnt=True)
        bars = fit_bars(known, told, inventory, linker, Bars())
        for row in np.where(fold_of == fold)[0]:
            said[row] = planned(golds[row], evidences[row], inventory, linker, bars)
    return [plan for plan in said if plan is not None]


def zero_shot(pieces: Pieces, words: Matrix) -> list[Evidence]:
    """What the tools' own words say of every request."""
    return [
        likeness.evidence(spans, likeness.levelled(vectors @ words.T, words))
        for spans, vectors in zip(pieces.spans, pieces.vectors, strict=True)
    ]


def zero_shot_plans(golds: Sequence[Gold], evidences: Sequence[Evidence], inventory: Inventory) -> list[Outline]:
    return [planned(gold, evidence, inventory, LINKER, BARS) for gold, evidence in zip(golds, evidences, strict=True)]


def planned(gold: Gold, evidence: Evidence, inventory: Inventory, linker: Linker, bars: Bars) -> Outline:
    """The measured part of one plan."""
    plan = composed(gold.request, decide(evidence, inventory, linker, bars), evidence, inventory)
    return outline(plan.shape(), inventory)


def without_tools(
    golds: Sequence[Gold], pieces: Pieces, words: Matrix, inventory: Inventory, schedule: Schedule
) -> list[tuple[Gold, Outline]]:
    """Leave a fifth of the tools out of the inventory, five times: its hash matches no weights, so all of it is planned
    zero-shot, and what the left-out tools did is expected of nobody."""
    order, pairs = np.random.RandomState(schedule.seed).permutation(len(inventory.tools)), []
    for part in range(5):
        kept = sorted(int(tool) for tool in order if tool not in order[part::5])
        fewer = Inventory(tuple(inventory.tools[tool] for tool in kept))
        names = {tool.name for tool in fewer.tools}
        evidences = zero_shot(pieces, words[kept])
        for gold, evidence in zip(golds, evidences, strict=True):
            if gold.plan.tools <= names and gold.plan.tools:
                pairs.append((gold, planned(gold, evidence, fewer, LINKER, BARS)))
    return pairs


def learning_curve(
    golds: Sequence[Gold], lessons: Sequence[Lesson], pieces: Pieces, words: Matrix, inventory: Inventory, schedule: Schedule,
    told: Told,
) -> list[tuple[int, dict[str, float]]]:
    """F1 on one fold after learning from parts of the others."""
    fold_of = folds(lessons, schedule.folds, schedule.seed)
    test, rest = np.where(fold_of == 0)[0], np.where(fold_of != 0)[0]
    order, curve = np.random.RandomState(schedule.seed).permutation(rest), []
    for share in (0.125, 0.25, 0.5, 1.0):
        rows = order[: int(len(order) * share)]
        half = len(rows) // 2
        state = train(pieces, lessons, words, rows, schedule, 0)
        halves = [train(pieces, lessons, words, part, schedule, 0) for part in (rows[:half], rows[half:])]
        judged = {int(r): heads.evidence([halves[r in rows[:half]]], pieces.spans[r], pieces.vectors[r]) for r in rows}
        linker = fit_linker([lessons[r] for r in rows], [judged[int(r)] for r in rows], inventory, learnt=True)
        bars = Bars(tool=0.3, support=0.8)
        told_of = {int(r): heads.evidence([state], pieces.spans[r], pieces.vectors[r]) for r in test}
        said = [planned(golds[r], told_of[int(r)], inventory, linker, bars) for r in test]
        curve.append((len(rows), pooled([(golds[r].plan, plan) for r, plan in zip(test, said, strict=True)])))
        told(f"learnt from {len(rows)}: {curve[-1][1]}")
    return curve
