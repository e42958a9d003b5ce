"""When the grammar is silent: what a clause asks for, by a head that is fitted to the prototype sentences at start.

Kernel ridge regression on the sentence vectors: closed, exact, the same on every machine, and a matter of
milliseconds for some hundred sentences; so nothing is trained apart and no weights can be out of step with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources

import numpy as np

from tools.protocols import Encoder, Vectors

TELLING = ("discover", "query.", "chat.")  # meanings that are answered with words
NARROWNESS = 4.0  # how fast a sentence stops counting for others as they move away from it
RIDGE = 0.1


@dataclass(frozen=True)
class Guess:
    """The best label, how strongly it is meant (about 0..1), and by how much more than the next."""

    label: str
    score: float
    lead: float
    scores: Mapping[str, float] = field(default_factory=dict, repr=False)
    telling: bool = False
    """It has the form of a question, so that labels which are answered with words come first."""


def load_prototypes() -> list[tuple[str, str]]:
    """(label, sentence) pairs."""
    import yaml

    text = (resources.files("agent.embedded") / "prototypes.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where PyYAML was built with it
    return [(label, sentence) for label, sentences in yaml.load(text, Loader=loader).items() for sentence in sentences]


def kernel(left: Vectors, right: Vectors) -> Vectors:
    """How much sentences count for one another: 1 for the same, falling with the angle. Rows are unit vectors."""
    near: Vectors = np.exp(NARROWNESS * (left @ right.T - 1))
    return near


class Head:
    """A linear reading of kernels: one column of weights for each label."""

    def __init__(self, vectors: Vectors, labels: list[str]) -> None:
        self._vectors = vectors
        self.names = sorted(set(labels))
        targets = np.array([[float(label == name) for name in self.names] for label in labels])
        self._weights = np.linalg.solve(kernel(vectors, vectors) + RIDGE * np.eye(len(labels)), targets)

    def scores(self, vector: Vectors) -> dict[str, float]:
        """label -> how strongly a sentence means it."""
        row = (kernel(vector[None, :], self._vectors) @ self._weights)[0]
        return dict(zip(self.names, map(float, row), strict=True))


def best(scores: Mapping[str, float], *, telling: bool = False) -> Guess:
    """The strongest label; for a question the strongest of those that are answered with words."""
    among = {label: score for label, score in scores.items() if not telling or label.startswith(TELLING)}
    label = max(among, key=lambda name: among[name])
    second = max(score for name, score in among.items() if name != label)
    return Guess(label, among[label], among[label] - second, scores, telling)


class Acts:
    """The head with the encoder that its sentences were read by."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._head: Head | None = None

    async def prepare(self) -> None:
        pairs = load_prototypes()
        vectors = await self._encoder.encode([sentence for _, sentence in pairs])
        self._head = Head(vectors, [label for label, _ in pairs])

    async def guess(self, text: str, *, telling: bool = False) -> Guess:
        """What a clause asks for; for a question (`telling`) only among the meanings that are answered with words."""
        if self._head is None:
            await self.prepare()
        assert self._head is not None
        vector = (await self._encoder.encode([text]))[0]
        return best(self._head.scores(vector), telling=telling)
