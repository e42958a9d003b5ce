"""What a clause asks for where the grammar is silent, and what such a guess is worth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from agent.embedded.acts import Guess, Head, best
from agent.embedded.binding import UNBOUND, Binding
from agent.embedded.planner import EmbeddedPlanner
from agent.embedded.weighing import interpret
from tests.agent.embedded.scenes import BUSY, EMPTY, MADE, Scene, ask, told

ON_A1 = Binding(("A1",), 0.95, True)


def test_a_head_says_of_a_sentence_what_is_said_of_those_around_it() -> None:
    vectors = np.array([[1.0, 0.0], [0.96, 0.28], [0.0, 1.0]], dtype=np.float32)
    head = Head(vectors, ["edit", "edit", "chat.thanks"])
    assert best(head.scores(np.array([0.8, 0.6], dtype=np.float32))).label == "edit"
    assert best(head.scores(np.array([0.28, 0.96], dtype=np.float32))).label == "chat.thanks"


def test_a_question_is_answered_with_words() -> None:
    scores = {"edit": 0.9, "query.status": 0.3, "discover": 0.1}
    assert best(scores).label == "edit"
    told = best(scores, telling=True)
    assert told == Guess("query.status", 0.3, told.lead, scores, telling=True)
    assert told.lead == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("scene", "binding", "scores", "text", "act"),
    [
        (MADE, ON_A1, {"edit": 0.3, "create": 0.1}, "the coat turns green", "edit"),
        (MADE, ON_A1, {"edit": 0.3, "create": 0.25}, "a green coat maybe", "unclear"),
        (MADE, ON_A1, {"edit": 0.15, "create": 0.0}, "flurble", "unclear"),
        (EMPTY, UNBOUND, {"edit": 0.5, "create": 0.1}, "a coat turning green", "create"),
        (MADE, ON_A1, {"sharpen": 0.35, "edit": 0.1}, "too soft", "operate"),
        (MADE, ON_A1, {"sharpen": 0.35, "edit": 0.1}, "the owl is too soft", "unclear"),
        (MADE, ON_A1, {"control.cancel": 0.5, "edit": 0.1}, "leave off", "unclear"),
        (BUSY, UNBOUND, {"control.cancel": 0.5, "edit": 0.1}, "leave off", "control.cancel"),
    ],
)
def test_a_guess_is_followed_asked_about_or_left_alone(
    scene: Scene, binding: Binding, scores: dict[str, float], text: str, act: str
) -> None:
    reading = interpret(best(scores), text, binding, scene.request(text), continues=False)
    assert reading.act == act


@pytest.mark.parametrize(
    ("scene", "said", "answer"),
    [
        (MADE, "the towers deserve an icy sheen", "iterate A1: text_to_image"),
        (MADE, "ease up on those colours", "iterate A1: adjust_color"),
        (MADE, "splendid, many thanks to you", "chat"),
        (BUSY, "has my one begun at all", "query"),
    ],
)
async def test_indirect_wordings_are_understood(
    planner: EmbeddedPlanner, scene: Scene, said: str, answer: str
) -> None:
    planned: Any = await ask(planner, scene.request(said))
    assert told(planned) == answer
