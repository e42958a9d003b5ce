"""One picture of a batch is one picture: what is done to it is not done four times."""

from __future__ import annotations

from dataclasses import replace

from agent.embedded.planner import EmbeddedPlanner
from agent.model import PlanningRequest, Shown
from tests.agent.embedded.scenes import ask, found, output, sketcher


def batch() -> tuple[Shown, ...]:
    """Four owls of one seed."""
    made = {"prompt": "a barn owl", "seed": 70, "count": 4, "width": 768, "height": 768}
    return tuple(replace(output(f"A{n}"), params=made, words="a barn owl", set="r1", run_id="r1") for n in range(1, 5))


def request(text: str) -> PlanningRequest:
    here = (sketcher(),)
    return PlanningRequest(text, batch(), focus="A4", found=found(here), capabilities=here, seed=500)


async def test_the_first_is_painted_anew_alone(planner: EmbeddedPlanner) -> None:
    planned = await ask(planner, request("put a hat on A1"))
    assert planned.plan is not None
    (step,) = planned.plan.steps
    assert (step.tool, step.params["count"], step.params["seed"]) == ("text_to_image", 1, 70)


async def test_another_is_passed_on_itself_because_its_seed_makes_the_first(planner: EmbeddedPlanner) -> None:
    planned = await ask(planner, request("put a hat on A3"))
    assert planned.plan is not None
    (step,) = planned.plan.steps
    assert step.tool == "image_to_image"
    assert [ref.handle for ref in step.inputs["image"]] == ["A3"]
