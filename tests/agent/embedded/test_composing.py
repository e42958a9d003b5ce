"""Whole sentences about changing, joining and bounding, over whole conversations, with the real encoder."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agent.embedded.planner import EmbeddedPlanner
from tests.agent.embedded.scenes import (
    CHAIN,
    EMPTY,
    MADE,
    REAL,
    SEED,
    THREE,
    Scene,
    ask,
    output,
    sketcher,
    upload,
    workshop,
)
from tools.model import Capabilities, Plan

KNIGHT = Scene(
    (replace(output("A1", prompt="a crow on a gate, linocut"), params={
        "prompt": "a crow on a gate, linocut", "seed": 91, "width": 640, "height": 960, "steps": 24, "cfg": 6.0,
        "negative": "people",
    }),)
)  # fmt: skip
"""A picture of which every parameter was set."""
PAIR = Scene((upload("A1", "pier.jpg"), upload("A2", "dunes.jpg")), attached=("A1", "A2"))


def planned_steps(plan: Plan | None) -> list[tuple[str, dict[str, Any], list[str | None]]]:
    """Tool, parameters and sources of each step."""
    assert plan is not None
    return [
        (s.tool, s.params, [r.handle or getattr(r, "step_id", None) for refs in s.inputs.values() for r in refs])
        for s in plan.steps
    ]


@pytest.mark.parametrize(
    ("said", "changed"),
    [
        ("the same at dawn", {"prompt": "a crow on a gate, linocut, at dawn"}),
        ("without the gate", {"prompt": "a crow, linocut", "negative": "people, gate"}),
        ("a heron instead", {"prompt": "a heron on a gate, linocut"}),
        ("as a charcoal drawing", {"prompt": "a crow on a gate, a charcoal drawing"}),
        ("seed 5", {"seed": 5}),
        ("again with 40 steps", {"steps": 40}),
        ("cfg 9", {"cfg": 9.0}),
        ("redo it in 3:2", {"width": 960, "height": 640}),
        ("again, in the best quality", {"steps": 48}),
        ("try again", {"seed": SEED}),
    ],
)
async def test_what_is_not_named_stays(planner: EmbeddedPlanner, said: str, changed: dict[str, Any]) -> None:
    planned = await ask(planner, KNIGHT.request(said))
    assert planned.plan is not None, planned
    (step,) = planned.plan.steps
    kept = {name: value for name, value in step.params.items() if name not in ("checkpoint", "count")}
    assert kept == {**KNIGHT.shown[0].params, **changed}
    assert step.version_of is not None
    assert (planned.intents[0].kind, step.version_of.handle) == ("iterate", "A1")


async def test_a_slider_moves_on_the_picture_that_it_was_moved_on(planner: EmbeddedPlanner) -> None:
    moved = Scene((CHAIN.shown[0], replace(CHAIN.shown[1], params={"vibrance": 0.4, "sepia": 0.5})))
    planned = await ask(planner, moved.request("a bit less vibrant"))
    assert planned_steps(planned.plan) == [("adjust_color", {"vibrance": 0.24, "sepia": 0.5}, ["A1"])]
    assert planned.plan is not None
    assert planned.plan.steps[0].version_of is not None
    assert planned.plan.steps[0].version_of.handle == "A2"


async def test_another_slider_works_on_what_is_there(planner: EmbeddedPlanner) -> None:
    moved = Scene((CHAIN.shown[0], replace(CHAIN.shown[1], params={"vibrance": 0.4})))
    assert planned_steps((await ask(planner, moved.request("warmer"))).plan)[0][2] == ["A2"]


async def test_another_try_of_an_adjusted_picture_adjusts_it_again(planner: EmbeddedPlanner) -> None:
    moved = Scene((CHAIN.shown[0], replace(CHAIN.shown[1], params={"vibrance": 0.4})))
    steps = planned_steps((await ask(planner, moved.request("three variations"))).plan)
    assert [(tool, sources) for tool, _, sources in steps] == [("text_to_image", []), *[("adjust_color", ["s1"])] * 3]
    assert (steps[0][1]["seed"], steps[0][1]["count"]) == (SEED, 3)


@pytest.mark.parametrize(
    ("scene", "said", "tools", "sources"),
    [
        (PAIR, "blend the two at 20 %", ["blend_images"], [["A1", "A2"]]),
        (PAIR, "merge A1 into A2", ["blend_images"], [["A2", "A1"]]),
        (PAIR, "put them side by side", ["combine_images"], [["A1", "A2"]]),
        (PAIR, "stack them, dunes on top", ["combine_images"], [["A2", "A1"]]),
        (THREE, "all three in one row", ["combine_images", "combine_images"], [["A1", "A2"], ["s1", "A3"]]),
        (MADE, "mirror it and put it next to the original", ["flip_image", "combine_images"], [["A1"], ["A1", "s1"]]),
        (EMPTY, "draw a sloth, draw a fern, then blend both",
         ["text_to_image", "text_to_image", "blend_images"], [[], [], ["s1", "s2"]]),
        (MADE, "one in sepia and one blurred", ["adjust_color", "blur_image"], [["A1"], ["A1"]]),
        (MADE, "one in sepia and one blurred, then put them side by side",
         ["adjust_color", "blur_image", "combine_images"], [["A1"], ["A1"], ["s1", "s2"]]),
        (EMPTY, "two pictures of a sloth, each turned upside down",
         ["text_to_image", "rotate_image", "rotate_image"], [[], ["s1"], ["s1"]]),
    ],
)  # fmt: skip
async def test_a_plan_is_a_graph(
    planner: EmbeddedPlanner, scene: Scene, said: str, tools: list[str], sources: list[list[str]]
) -> None:
    steps = planned_steps((await ask(planner, scene.request(said))).plan)
    assert ([s[0] for s in steps], [s[2] for s in steps]) == (tools, sources)


async def test_a_join_with_one_picture_asks_for_the_other_and_goes_on(planner: EmbeddedPlanner) -> None:
    asked = await ask(planner, MADE.request("put them side by side"))
    assert (asked.plan, asked.clarification is not None) == (None, True)
    asked = await ask(planner, THREE.request("blend A3 with A3"))
    assert asked.clarification is not None
    (choice, _) = asked.clarification.choices
    answered = await ask(planner, THREE.request("", choice=choice.then))
    assert planned_steps(answered.plan) == [("blend_images", {"amount": 0.5, "mode": "normal"}, ["A3", "A2"])]


@pytest.mark.parametrize(
    ("said", "choices"),
    [
        ("resize it", ["Make it half the size", "Make it twice the size", "Resize it to 1024 pixels wide"]),
        ("rotate it by 20 degrees", ["Rotate it by 90°"]),
        ("make it 12000 pixels wide", ["Resize it to 8192 pixels wide"]),
    ],
)
async def test_what_cannot_be_done_is_answered_with_what_can(planner: EmbeddedPlanner, said: str, choices: list[str]) -> None:
    asked = await ask(planner, MADE.request(said))
    assert asked.clarification is not None
    assert [choice.label for choice in asked.clarification.choices] == choices
    for choice in asked.clarification.choices:
        answered = await ask(planner, MADE.request(choice.then["text"], choice=choice.then))
        assert answered.plan is not None


async def test_what_would_cost_more_than_is_allowed_is_not_run_but_offered_cheaper(planner: EmbeddedPlanner) -> None:
    scene = Scene(instances=(workshop(),))
    asked = await ask(planner, scene.request("four pictures of a sloth for at most 0.5 credits"))
    assert (asked.plan, asked.intents[0].constraints) == (None, {"credits": 0.5})
    assert asked.clarification is not None
    draft, anyway = asked.clarification.choices
    cheap = await ask(planner, scene.request(draft.then["text"], choice=draft.then))
    dear = await ask(planner, scene.request(anyway.then["text"], choice=anyway.then))
    assert cheap.plan is not None
    assert dear.plan is not None
    assert cheap.plan.estimate.credits[1] < dear.plan.estimate.credits[1]


async def test_a_model_that_is_away_is_never_replaced_unasked(planner: EmbeddedPlanner) -> None:
    asked = await ask(planner, EMPTY.request("use SDXL for a sloth in a tree"))
    assert (asked.plan, asked.clarification is not None) == (None, True)
    assert asked.clarification is not None
    assert "SDXL cannot run now: it needs an 8 GB GPU and 6.9 GB of models" in asked.clarification.question
    (offer,) = asked.clarification.choices
    assert offer.label == "With Text to image"
    planned = await ask(planner, EMPTY.request(offer.then["text"], choice=offer.then))
    assert planned_steps(planned.plan)[0][1]["prompt"] == "a sloth in a tree"


async def test_a_photo_has_no_seed(planner: EmbeddedPlanner) -> None:
    planned = await ask(planner, Scene((upload("A1"),)).request("seed 12"))
    assert (planned.plan, "no seed" in planned.reply) == (None, True)


async def test_with_an_edit_model_the_picture_itself_is_edited(planner: EmbeddedPlanner) -> None:
    helper = Capabilities(sketcher().nodes, sketcher().models, sketch=False, samplers=False)
    scene = Scene(REAL.shown, instances=(workshop(), helper))
    assert planned_steps((await ask(planner, scene.request("same but at night"))).plan)[0][0] == "edit_image"
