"""Trained evidence: heads on the shared encoder's vectors of a request's pieces. Numbers only, no torch.

A request needs a tool when some piece of it speaks of that tool (multiple-instance learning: the pieces are not labelled, the
request is). Each piece gets a logit a tool, linear plus one small hidden layer; the pieces are joined by a soft maximum; needing
one tool makes another likelier; the whole request has a say. The logits of the pieces also tell *where* a tool is spoken of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from agent.taskplan.likeness import places_by
from agent.taskplan.model import Evidence, Matrix
from agent.taskplan.spans import Span

State = Mapping[str, NDArray[np.floating]]
"""`own` (n, size), `own_bias` (n), `hidden` (size, h), `hidden_bias` (h), `out` (h, n), `sharp` (), `among` (n, n), `whole`
(size, n), `whole_bias` (n)."""


def of_pieces(state: State, vectors: Matrix) -> Matrix:
    """Logits (pieces, n)."""
    inner = vectors @ state["hidden"] + state["hidden_bias"]
    answer: Matrix = vectors @ state["own"].T + state["own_bias"] + _gelu(inner) @ state["out"]
    return answer


def of_request(state: State, pieces: Matrix, whole: Matrix) -> Matrix:
    """Logits (n,) from those of the pieces and the vector of the whole request."""
    sharp = float(state["sharp"])
    highest = pieces.max(0)
    joined = np.log(np.exp((pieces - highest) * sharp).sum(0)) / sharp + highest
    answer: Matrix = joined + _sigmoid(joined) @ state["among"] + whole @ state["whole"] + state["whole_bias"]
    return answer


def evidence(states: Sequence[State], pieces: Sequence[Span], vectors: Matrix) -> Evidence:
    """The mean of what the heads say; the last piece is the whole request. `vectors` (pieces, size)."""
    told = [of_pieces(state, vectors) for state in states]
    logits = np.mean([of_request(state, own, vectors[-1]) for state, own in zip(states, told, strict=True)], axis=0)
    places = np.mean([places_by(pieces, own, focus=1.0) for own in told], axis=0)
    return Evidence(_sigmoid(logits), places)


def _sigmoid(x: Matrix) -> Matrix:
    answer: Matrix = 1 / (1 + np.exp(-np.clip(x, -30, 30)))
    return answer


def _gelu(x: Matrix) -> Matrix:
    """By its usual tanh form, in training too: what is trained is what runs."""
    answer: Matrix = 0.5 * x * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x**3)))
    return answer
