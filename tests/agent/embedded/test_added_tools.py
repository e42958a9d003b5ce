"""A tool that no table of the grammar knows."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from agent.embedded.clauses import split
from agent.embedded.planner import EmbeddedPlanner
from agent.embedded.strangers import strangers
from agent.model import Draft, PlanningRequest
from agent.planning import ignore_speech, ignore_understood
from agent.taskplan.planner import TaskPlanner
from tests.agent.embedded.scenes import found, output, sketcher
from tools.embedding import MiniLmEncoder
from tools.errors import BadPlan
from tools.model import Example, Plan
from tools.protocols import Found, Vectors
from tools.testing import HashEncoder


def added() -> tuple[Found, ...]:
    """The catalogue with a kaleidoscope in it."""
    known = found((sketcher(),))
    mirror = next(each for each in known if each.tool.name == "flip_image")
    kaleidoscope = mirror.tool.model_copy(
        update={
            "name": "kaleido_image", "title": "Kaleidoscope", "params": {}, "derive": None,
            "description": "Turn a picture into a kaleidoscope pattern of mirrored triangles.",
            "examples": (Example(text="make a kaleidoscope of it"),),
        }
    )  # fmt: skip
    return (Found(kaleidoscope, 1.0, mirror.availability), *known)


@pytest.mark.parametrize("text", ["make a kaleidoscope of it", "turn it into a kaleidoscope pattern"])
async def test_it_is_used_when_it_is_asked_for_in_whatever_words(encoder: MiniLmEncoder, text: str) -> None:
    request = PlanningRequest(text, (output("A1"),), focus="A1", found=added())
    assert await strangers(split(text), request, TaskPlanner(encoder)) == {text: "kaleido_image"}


@pytest.mark.parametrize("text", ["make it brighter", "put a hat on it", "mirror it", "draw a fox", "thanks"])
async def test_it_takes_nothing_from_the_others(encoder: MiniLmEncoder, text: str) -> None:
    request = PlanningRequest(text, (output("A1"),), focus="A1", found=added())
    assert await strangers(split(text), request, TaskPlanner(encoder)) == {}


async def test_nothing_is_embedded_while_every_tool_is_known() -> None:
    class Untouched(HashEncoder):
        async def encode(self, texts: Sequence[str]) -> Vectors:
            raise AssertionError("asked")

    request = PlanningRequest("make it brighter", (output("A1"),), focus="A1", found=found((sketcher(),)))
    assert await strangers(split(request.text), request, TaskPlanner(Untouched())) == {}


async def test_the_plan_names_it(encoder: MiniLmEncoder) -> None:
    request = PlanningRequest("make a kaleidoscope of it", (output("A1"),), focus="A1", found=added())
    drafts: list[Draft] = []

    def check(draft: Draft, _request: PlanningRequest) -> Plan:
        drafts.append(draft)
        raise BadPlan("Only the draft is looked at.")

    with pytest.raises(BadPlan):
        await EmbeddedPlanner(encoder).plan(request, check, ignore_understood, ignore_speech)
    assert [(step.tool, step.inputs) for step in drafts[0].steps] == [("kaleido_image", {"image": ("A1",)})]
