"""A number that a person gives is used, or it is said aloud why not."""

from __future__ import annotations

from typing import Any

import pytest

from agent.embedded import words
from agent.embedded.planner import EmbeddedPlanner
from agent.embedded.repeating import repeated
from tests.agent.embedded.scenes import MADE, ask


@pytest.mark.parametrize(
    ("said", "times"),
    [
        ("scale the picture by 5", 5), ("enlarge A2 by about 3", 3), ("upscale it by a factor of seven", 7),
        ("resize it by 0.25", 0.25),
        ("make it bigger by six", 6), ("enlarge it by 40 px", None), ("rotate it by 8", None),
        ("enlarge it by two thirds", 0.667), ("upscale it by one and a half", 1.5), ("scale it by 8 %", 0.08),
    ],
)  # fmt: skip
def test_by_a_number_is_times_the_sides(said: str, times: float | None) -> None:
    assert words.factor(said) == times


@pytest.mark.parametrize(
    ("said", "pieces"),
    [
        ("soften A2 twice", ["soften A2", "soften it"]),
        ("enlarge the picture 2x, three times", ["enlarge the picture 2x", "enlarge it 2x", "enlarge it 2x"]),
        ("upscale A2 twice", ["upscale A2 twice"]),
        ("upscale A2 twice in a row", ["upscale A2", "upscale it"]),
        ("make it twice the width", ["make it twice the width"]),
        ("a clock that struck twice", ["a clock that struck twice"]),
        ("blur it 4000 times", ["blur it 4000 times"]),
    ],
)
def test_work_is_done_as_often_as_it_is_said(said: str, pieces: list[str]) -> None:
    assert repeated(said) == pieces


@pytest.mark.parametrize(
    ("said", "params", "told"),
    [
        ("enlarge A1 by 5", [{"factor": 5.0}], None),
        ("enlarge A1 by 30", [{"factor": 8.0}], "not 30"),
        ("make it 6 times larger, then scale it by 5", [{"factor": 6.0}, {"factor": 1.777}], "23040 x 23040"),
        ("crop it to 320x240", [{"width": 320, "height": 240}], None),
        ("crop it to 9000x240", [{"width": 768, "height": 240}], "only 768 x 768"),
        ("make it bigger twice", [{"factor": 2.0}], "two rounds"),
        ("shrink it to 320 pixels wide, then crop it to 300x600",
         [{"width": 320}, {"width": 300, "height": 320}], "only 320 x 320"),
    ],
)  # fmt: skip
async def test_a_number_is_used_or_the_reply_names_the_real_one(
    planner: EmbeddedPlanner, said: str, params: list[dict[str, Any]], told: str | None
) -> None:
    planned = await ask(planner, MADE.request(said))
    assert planned.plan is not None
    made = [step.params for step in planned.plan.steps]
    assert [{name: step[name] for name in wanted} for step, wanted in zip(made, params, strict=True)] == params
    assert (told is None) == ("\n\n" not in planned.reply)
    assert told is None or told in planned.reply
