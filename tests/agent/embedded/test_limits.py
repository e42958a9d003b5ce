"""A number beyond what a tool takes is said aloud, and so is more than is done at once."""

from __future__ import annotations

import pytest

from agent.embedded.planner import EmbeddedPlanner
from tests.agent.embedded.scenes import EMPTY, MADE, Scene, ask, output
from tools.errors import BadPlan

STEPS = "Text to image takes steps from 1 to 60: it is 60, not 100."
CFG = "Text to image takes a guidance (cfg) from 1 to 20: it is 20, not 50."


@pytest.mark.parametrize(
    ("scene", "said", "expected"),
    [
        (EMPTY, "paint a fox with 100 steps and cfg 50", [STEPS, CFG]),
        (EMPTY, "a lighthouse at dusk, 100 steps", [STEPS]),
        (EMPTY, "draw a harbour, guidance 50, 30 steps", [CFG]),
        (EMPTY, "draw a harbour, cfg 8, 30 steps", []),
        (EMPTY, "paint a fox with 60 steps and cfg 20", []),
        (MADE, "the same with 100 steps", [STEPS]),
        (MADE, "300% more vibrant", ["Vibrance moves by 100% at most: it is that, not 300%."]),
        (MADE, "make it 40% more vibrant", []),
    ],
)
async def test_a_number_beyond_the_range_is_said(
    planner: EmbeddedPlanner, scene: Scene, said: str, expected: list[str]
) -> None:
    planned = await ask(planner, scene.request(said))
    assert planned.plan is not None
    assert [warning.message for warning in planned.plan.warnings if warning.code == "rounded"] == expected


MANY = Scene(tuple(output(f"A{number}") for number in range(1, 19)))


async def test_too_many_at_once_asks_which_ones(planner: EmbeddedPlanner) -> None:
    with pytest.raises(BadPlan) as refused:
        await ask(planner, MANY.request("put a thick black border on all of them"))
    assert refused.value.detail == "That would be 18 steps, and at most 12 are done at once."
    assert refused.value.next_step.startswith("Which ones first?")


@pytest.mark.parametrize("which", ["A1, A2 and A3", "A4 and A5", "A1 to A6"])
async def test_the_way_that_is_named_works(planner: EmbeddedPlanner, which: str) -> None:
    planned = await ask(planner, MANY.request(f"put a thick black border on {which}"))
    assert planned.plan is not None
    assert [step.tool for step in planned.plan.steps] == ["add_border"] * len(planned.plan.steps)
    assert len(planned.plan.steps) == {"A1, A2 and A3": 3, "A4 and A5": 2, "A1 to A6": 6}[which]
