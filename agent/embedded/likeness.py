"""How near in meaning the descriptions of a message are to the words behind each picture, where words alone find none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from agent.embedded import words
from agent.embedded.binding import bind
from agent.embedded.clauses import Clause
from agent.embedded.described import words_of
from agent.embedded.stems import meaning
from agent.model import PlanningRequest
from tools.protocols import Encoder

MOST = 40  # pictures that are compared, newest first
WORDS = 80  # of those behind them, each measured by itself: a sentence is about more than the one thing that is asked for


class _Wanted(dict[str, dict[str, float]]):
    """An empty measurement that remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: dict[str, None] = {}

    def get(self, key: str, default: Any = None) -> Any:
        self.asked[key] = None
        return default


async def measured(
    clauses: Iterable[Clause], request: PlanningRequest, encoder: Encoder
) -> dict[str, dict[str, float]]:
    """Description -> ref -> cosine with the nearest word behind the picture, plus half of that with all of them.

    Only for those descriptions that binding looks up because no word fits; empty, without any encoding, when there is none.
    """
    known = {item.ref: meaning(words_of(item)) for item in request.shown[-MOST:]}
    if len(known) < 2:
        return {}
    wanted = _Wanted()
    for clause in clauses:
        bind(words.bare(clause.text), replace(request, likeness=wanted))
    return await _cosines(list(wanted.asked), known, encoder) if wanted.asked else {}


async def _cosines(
    phrases: list[str], known: Mapping[str, list[str]], encoder: Encoder
) -> dict[str, dict[str, float]]:
    texts = {ref: [*said, " ".join(said)] for ref, said in known.items() if said}
    several = list(dict.fromkeys(text for said in reversed(texts.values()) for text in said))[
        : WORDS + len(texts)
    ]
    vectors = await encoder.encode([*phrases, *several])
    near = vectors[: len(phrases)] @ vectors[len(phrases) :].T
    column = {text: number for number, text in enumerate(several)}

    def nearness(row: int, said: list[str]) -> float:
        """The nearest word counts most; the whole tells apart what one word cannot."""
        cosines = [float(near[row][column[text]]) if text in column else 0.0 for text in said]
        return max(cosines[:-1]) + max(0.0, cosines[-1]) / 2

    return {
        phrase: {ref: nearness(row, said) for ref, said in texts.items()}
        for row, phrase in enumerate(phrases)
    }
