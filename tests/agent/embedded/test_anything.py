"""Whatever is said, the planner answers, and what it plans holds together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agent.embedded.clauses import MOST
from agent.embedded.planner import EmbeddedPlanner
from agent.model import Planned
from base.errors import Problem
from tests.agent.embedded.scenes import BROUGHT, BUSY, CHAIN, EMPTY, MADE, THREE, WAITING, Scene, ask
from tests.examples import examples
from tests.untraced import EXHAUSTIVE
from tools.protocols import Vectors
from tools.testing import HashEncoder

pytestmark = EXHAUSTIVE

SCENES = (EMPTY, MADE, CHAIN, THREE, BROUGHT, BUSY, WAITING)
PIECES = (
    "make it", "brighter", "more", "vibrant", "and", "then", ",", ".", "?", "the second one", "A1", "A9", "crop",
    "square", "16:9", "0:0", "99:1", "upscale", "2x", "100000x", "at night", "draw", "a cat", "not", "too", "dark",
    "how much", "cancel", "undo", "yes", "no", "both", "another", "seed 99999999999999999", "20 pictures", "5x5",
    "99999x99999", "rotate", "-45°", "resize to", "1px", "0%", "500%", "with", "without", "🙂", "\n", ";", "the fox",
    "my photo", "same but", "as a video", "I want", "what if", "remove", "blur", "what can I do", "$prompt", "{}",
    "%s", "\\", "'", "é", "中",
)  # fmt: skip


QUICK = EmbeddedPlanner(HashEncoder())
"""Without weights: these promises do not depend on what a guess is worth."""


def planned(scene: Scene, text: str) -> Planned | None:
    """The answer; None for a typed refusal."""
    try:
        return asyncio.run(ask(QUICK, scene.request(text)))
    except Problem:
        return None


def hold(answer: Planned | None) -> None:
    """An answer says something, and a plan has gone through every check."""
    if answer is None:
        return
    assert answer.intents
    assert answer.reply or answer.clarification or answer.controls
    assert 0 <= answer.confidence <= 1
    if answer.plan is not None:
        assert answer.plan.summary
        assert any(step.deliver for step in answer.plan.steps)
        assert answer.clarification is None


@examples(150)
@given(scene=st.sampled_from(SCENES), text=st.text(max_size=300))
@example(scene=BUSY, text="go back to the last one")
@example(scene=MADE, text="\x00\u200b\ufeff")
@example(scene=MADE, text="٣x")
@example(scene=EMPTY, text="İ")
def test_any_text_is_answered_or_refused_by_type(scene: Scene, text: str) -> None:
    hold(planned(scene, text))


@examples(250)
@given(scene=st.sampled_from(SCENES), pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=14))
def test_any_mixture_of_known_words_is_answered_or_refused_by_type(
    scene: Scene, pieces: Sequence[str]
) -> None:
    hold(planned(scene, " ".join(pieces)))


class CountingEncoder(HashEncoder):
    """How much was asked of the encoder."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        return await super().encode(texts)


@pytest.mark.parametrize(
    "sentence",
    [
        "The old hall is dark and full of echoes. ",
        "qwertz asdf; ",
        "make it brighter and ",
        "a",
        "word ",
        "a,",
        "?! ",
    ],
)
async def test_a_text_of_eight_thousand_characters_asks_little_of_the_encoder(sentence: str) -> None:
    encoder = CountingEncoder()
    planner = EmbeddedPlanner(encoder)
    await planner.prepare()
    encoder.asked.clear()
    hold(await ask(planner, MADE.request((sentence * 8000)[:8000])))
    assert len(encoder.asked) <= MOST
    assert sum(map(len, encoder.asked)) <= 1000 * MOST
