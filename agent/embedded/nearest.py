"""When the grammar is silent: the label of the nearest prototype sentences, by embedding."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

import numpy as np

from tools.protocols import Encoder, Vectors

NEIGHBOURS = 3
TELLING = ("discover", "query.", "chat.")  # meanings that are answered with words


@dataclass(frozen=True)
class Guess:
    """A label and how close its sentences are (cosine, 0..1)."""

    label: str
    similarity: float
    telling: bool = False
    """Only labels that are answered with words were asked for."""


def load_prototypes() -> list[tuple[str, str]]:
    """(label, sentence) pairs."""
    import yaml

    text = (resources.files("agent.embedded") / "prototypes.yaml").read_text(encoding="utf-8")
    return [(label, sentence) for label, sentences in yaml.safe_load(text).items() for sentence in sentences]


def vote(vector: Vectors, labels: list[str], vectors: Vectors) -> Guess:
    """The label with the greatest summed similarity among the nearest sentences."""
    similarity = vectors @ vector
    nearest = np.argsort(-similarity)[:NEIGHBOURS]
    scores: dict[str, float] = {}
    for row in nearest:
        scores[labels[row]] = scores.get(labels[row], 0.0) + float(similarity[row])
    label = max(scores, key=lambda name: scores[name])
    best = max(float(similarity[row]) for row in nearest if labels[row] == label)
    return Guess(label, best)


class Nearest:
    """The prototypes, embedded once."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._labels: list[str] = []
        self._vectors: Vectors | None = None

    async def prepare(self) -> None:
        pairs = load_prototypes()
        self._vectors = await self._encoder.encode([sentence for _, sentence in pairs])
        self._labels = [label for label, _ in pairs]

    async def guess(self, text: str, *, telling: bool = False) -> Guess:
        """The nearest meaning; for a question (`telling`) only among those that are answered with words."""
        if self._vectors is None:
            await self.prepare()
        assert self._vectors is not None
        vector = (await self._encoder.encode([text]))[0]
        if not telling:
            return vote(vector, self._labels, self._vectors)
        rows = [row for row, label in enumerate(self._labels) if label.startswith(TELLING)]
        guess = vote(vector, [self._labels[row] for row in rows], self._vectors[rows])
        return Guess(guess.label, guess.similarity, telling=True)
