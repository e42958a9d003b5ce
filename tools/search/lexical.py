"""Search by words: BM25 over a few fields of a document, in numpy, with the same weights for documents that come later."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Fields = Mapping[str, Sequence[str]]
"""Field -> its tokens."""
SATURATION = 1.2
LENGTH = 0.5
"""How fast a repeated word counts less, and how much a long field counts less."""


@dataclass(frozen=True)
class _Posting:
    rows: NDArray[np.int32]
    weights: NDArray[np.float32]


class Lexicon:
    """What is known of words: how rare each is, and which documents have it how much."""

    def __init__(self, documents: Sequence[Fields], boosts: Mapping[str, float]) -> None:
        self._boosts = dict(boosts)
        self._lengths = {field: _mean(len(d.get(field, ())) for d in documents) for field in boosts}
        self._count = len(documents)
        found: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for row, document in enumerate(documents):
            for token, weight in self._weighted(document).items():
                found[token].append((row, weight))
        self._postings = {token: _posting(pairs) for token, pairs in found.items()}

    def __contains__(self, token: str) -> bool:
        return token in self._postings

    def __len__(self) -> int:
        return self._count

    def vocabulary(self) -> list[str]:
        return list(self._postings)

    def rarity(self, token: str) -> float:
        """Inverse document frequency, at least 0.1; a word that no document has is as rare as one that a single one has."""
        having = len(self._postings[token].rows) if token in self._postings else 1
        return max(0.1, math.log(1 + (self._count - having + 0.5) / (having + 0.5)))

    def scores(self, tokens: Sequence[str], total: float) -> NDArray[np.float32]:
        """Per document the part of `total` that its words make up, 0 to about 1."""
        scores = np.zeros(self._count, dtype=np.float32)
        for token in dict.fromkeys(tokens):
            if (posting := self._postings.get(token)) is not None:
                scores[posting.rows] += self.rarity(token) * posting.weights
        return scores / total if total else scores

    def score(self, document: Fields, tokens: Sequence[str], total: float) -> float:
        """The same for a document that is not in here."""
        weights = self._weighted(document)
        found = sum(self.rarity(token) * weights.get(token, 0.0) for token in dict.fromkeys(tokens))
        return found / total if total else 0.0

    def _weighted(self, document: Fields) -> dict[str, float]:
        """Token -> 0..1: how much this document is about it."""
        raw: dict[str, float] = defaultdict(float)
        for field, boost in self._boosts.items():
            words = document.get(field, ())
            norm = 1 - LENGTH + LENGTH * len(words) / (self._lengths[field] or 1.0)
            for token, count in Counter(words).items():
                raw[token] += boost * count / norm
        return {token: weight / (SATURATION + weight) for token, weight in raw.items()}


def _posting(pairs: Sequence[tuple[int, float]]) -> _Posting:
    rows, weights = zip(*pairs, strict=True)
    return _Posting(np.asarray(rows, dtype=np.int32), np.asarray(weights, dtype=np.float32))


def _mean(lengths: object) -> float:
    values = [float(value) for value in lengths]  # type: ignore[attr-defined]
    return sum(values) / len(values) if values else 0.0
