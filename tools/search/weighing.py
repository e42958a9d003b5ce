"""How what speaks for a tool is weighed. Pure: the numbers were chosen on the queries that are not held out."""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np

from tools.search.corpus import Evidence, Numbers


@dataclass(frozen=True)
class Weights:
    """What each part of the evidence counts."""

    own: float = 0.45
    job: float = 1.0
    words: float = 0.8
    names: float = 0.6
    media: float = 0.15
    liked: float = 0.1


WEIGHTS = Weights()
SURE = 1.3
"""So much together is a sure hit."""


def weighed(evidence: Evidence, weights: Weights = WEIGHTS) -> Numbers:
    """One number a tool: 1 for a sure hit, more for a surer one."""
    parts = (evidence.own, evidence.job, evidence.words, evidence.names, evidence.media, evidence.liked)
    total = np.zeros_like(evidence.own)
    for weight, part in zip(astuple(weights), parts, strict=True):
        total += weight * part
    return total / SURE
