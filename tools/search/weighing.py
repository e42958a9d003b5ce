"""How what speaks for a tool is weighed. Pure: the numbers were chosen on the queries that are not held out."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from tools.search.corpus import Evidence, Numbers


@dataclass(frozen=True)
class Weights:
    """What each part of the evidence counts."""

    own: float = 0.5
    job: float = 1.0
    words: float = 0.6
    names: float = 0.6
    media: float = 0.15
    liked: float = 0.06


WEIGHTS = Weights()


def weighed(evidence: Evidence, weights: Weights = WEIGHTS) -> Numbers:
    """One number a tool; about 1 where everything speaks for it."""
    parts = (evidence.own, evidence.job, evidence.words, evidence.names, evidence.media, evidence.liked)
    total = sum(weight * part for weight, part in zip(astuple(weights), parts, strict=True))
    return total / (weights.own + weights.job + weights.words)
