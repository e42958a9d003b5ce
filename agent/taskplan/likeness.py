"""Zero-shot evidence: which pieces of a request sound like which tools. Works on any inventory, nothing is learnt.

A tool is needed when some piece of the request resembles it enough, and more than it resembles any other tool. A tool whose
words are near to many other tools' resembles everything a little: that advantage is taken off first.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from agent.taskplan.model import Evidence, Matrix
from agent.taskplan.spans import Span

BAR = 0.56
"""Similarity at which a tool is as likely needed as not."""
STEEP = 16.0
FOCUS = 20.0
"""How sharply the place of a tool is where the request sounds most like it."""
SHORT = 1.0
"""What a piece loses as it grows, in logits per unit of log words: a clause tells the place better than a sentence."""


def levelled(similar: Matrix, tools: Matrix) -> Matrix:
    """Similarity (pieces, n) without the advantage of tools that are near to all others. `tools`: unit vectors (n, size)."""
    nearness = (tools @ tools.T).mean(0)
    answer: Matrix = similar - (nearness - nearness.mean())
    return answer


def of_ways(vectors: Matrix, ways: Matrix, owners: NDArray[np.int64]) -> Matrix:
    """Similarity (pieces, n) to the best of each tool's ways of being asked for: `ways` (m, size), `owners` (m,) sorted."""
    similar = vectors @ ways.T
    answer: Matrix = np.maximum.reduceat(similar, np.searchsorted(owners, np.unique(owners)), axis=1)
    return answer


def evidence(pieces: Sequence[Span], similar: Matrix) -> Evidence:
    """What a request's pieces say of each tool. `similar` (pieces, n) as `levelled` gives it."""
    winning = np.where(similar == similar.max(1, keepdims=True), similar, -1.0).max(0)
    return Evidence(1 / (1 + np.exp(-STEEP * (winning - BAR))), places_by(pieces, similar, FOCUS))


def places_by(pieces: Sequence[Span], told: Matrix, focus: float) -> Matrix:
    """Where in the request, 0..1, each tool is spoken of. `told` (pieces, n): how much each piece speaks of it; the last
    piece is the whole, which tells no place."""
    usable = told[:-1] if len(pieces) > 1 else told
    at = np.array([piece.at for piece in pieces[: len(usable)]])
    words = np.array([max(1, len(piece.text.split())) for piece in pieces[: len(usable)]])
    score = usable * focus - SHORT * np.log(words)[:, None]
    weight = np.exp(score - score.max(0))
    answer: Matrix = (weight / weight.sum(0) * at[:, None]).sum(0)
    return answer
