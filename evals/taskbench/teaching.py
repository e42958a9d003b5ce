"""Train weights for one inventory, and say what they are worth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agent.taskplan.decoding import Bars
from agent.taskplan.fitting import fit_bars, fit_linker
from agent.taskplan.lessons import Lesson
from agent.taskplan.model import Inventory, Matrix
from agent.taskplan.spans import spans
from agent.taskplan.training import Pieces, Schedule, Told, cross_fitted
from agent.taskplan.weights import Trained
from evals.taskbench import judging
from evals.taskbench.data import Gold, lessons
from evals.taskbench.judging import Figures
from tools.protocols import Encoder

AT_ONCE = 1024
"""Texts that are given to the encoder together: it sorts them by length, so that little is padded."""


async def teach(
    golds: Sequence[Gold], inventory: Inventory, encoder: Encoder, schedule: Schedule, told: Told
) -> tuple[Trained, Figures]:
    """The weights, and their cross-validated figures."""
    pieces, words = await embedded(golds, inventory, encoder)
    taught = lessons(golds, inventory)
    everyone, unseen = cross_fitted(pieces, taught, words, schedule, told)
    linker = fit_linker(taught, unseen, inventory, learnt=True)
    bars = fit_bars(taught, unseen, inventory, linker, Bars())
    plans = judging.unseen_plans(golds, taught, unseen, inventory, schedule)
    worth = judging.figures("trained, each request unseen", golds, plans)
    return Trained(inventory.fingerprint, encoder.name, tuple(everyone), linker, bars), worth


async def compared(
    golds: Sequence[Gold], inventory: Inventory, encoder: Encoder, schedule: Schedule, told: Told
) -> list[str]:
    """Zero-shot, with tools left out, and learning from less: what the note about a training tells."""
    pieces, words = await embedded(golds, inventory, encoder)
    taught: list[Lesson] = lessons(golds, inventory)
    plans = judging.zero_shot_plans(golds, judging.zero_shot(pieces, words), inventory)
    left = judging.without_tools(golds, pieces, words, inventory, schedule)
    lines = [
        judging.figures("zero-shot", golds, plans).line(),
        judging.figures("zero-shot, a fifth of the tools left out", [g for g, _ in left], [plan for _, plan in left]).line(),
    ]
    for count, scores in judging.learning_curve(golds, taught, pieces, words, inventory, schedule, told):
        lines.append(f"learnt from {count} requests: " + ", ".join(f"{m} {score:.1f}" for m, score in scores.items()))
    return lines


async def embedded(golds: Sequence[Gold], inventory: Inventory, encoder: Encoder) -> tuple[Pieces, Matrix]:
    """All pieces of all requests, and the tools' words."""
    cut = tuple(tuple(spans(gold.request)) for gold in golds)
    texts = [span.text for pieces in cut for span in pieces]
    parts = [await encoder.encode(texts[start : start + AT_ONCE]) for start in range(0, len(texts), AT_ONCE)]
    ends = np.cumsum([len(pieces) for pieces in cut])
    vectors = np.split(np.concatenate(parts).astype(float), ends[:-1])
    words = (await encoder.encode([tool.words for tool in inventory.tools])).astype(float)
    return Pieces(cut, tuple(vectors)), words
