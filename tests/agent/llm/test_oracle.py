"""The scripted model that knows what a case expects: what it says passes the real planner."""

from __future__ import annotations

from typing import Any

import pytest

from agent.llm.planner import LlmPlanner
from agent.model import Planned
from agent.testing import ScriptedModel, oracle
from tests.agent.llm.builders import OLD_SEED, TOOLS, Listener, asking, found, picture

SCENE = [
    {"handle": "A1", "tool": "text_to_image", "params": {"prompt": "a castle with a hat", "seed": OLD_SEED, "width": 768}},
    {"handle": "A2", "tool": "text_to_image", "params": {"prompt": "a dog", "seed": 5}},
]


async def told(scripted: ScriptedModel, planner: LlmPlanner, **expect: Any) -> Planned:
    scripted.then(oracle(expect, SCENE, TOOLS))
    shown = tuple(picture(str(item["handle"]), params=item["params"]) for item in SCENE)
    names = [step["tool"].partition("|")[0] for step in expect.get("steps", ())]
    listener = Listener()
    request = asking("do it", shown=shown, found=found(*dict.fromkeys([*names, "crop_image"])), waiting="run-1")
    answered = await planner.plan(request, listener.check, listener.understood, listener.speak)
    assert len(scripted.requests) == 1, "nothing had to be asked again"
    return answered


async def test_steps_with_links_and_checked_parameters(scripted: ScriptedModel, planner: LlmPlanner) -> None:
    answered = await told(
        scripted, planner, kinds=["iterate", "chain"], on=["A1"],
        steps=[
            {"tool": "adjust_color|sdxl", "params": {"temperature": ">0", "contrast": ">0 & <=0.3"}, "inputs": {"image": "A1"}},
            {"tool": "upscale_image", "params": {"factor": [2, 4]}, "inputs": {"image": "s1"}},
        ],
    )  # fmt: skip
    assert answered.plan is not None
    warm, large = answered.plan.steps
    assert warm.params["temperature"] > 0
    assert 0 < warm.params["contrast"] <= 0.3
    assert (large.params["factor"], [i.kind.value for i in answered.intents]) == (2, ["iterate", "chain"])
    assert answered.intents[0].on == ("A1",)


async def test_a_refinement_keeps_what_it_must_keep(scripted: ScriptedModel, planner: LlmPlanner) -> None:
    steps = [{"tool": "text_to_image", "params": {"prompt": "!~hat"}}]
    answered = await told(scripted, planner, kinds=["iterate"], on=["A1"], steps=steps, kept=["seed", "width"])
    assert answered.plan is not None
    (made,) = answered.plan.steps
    assert (made.params["seed"], made.params["width"], "hat" in made.params["prompt"]) == (OLD_SEED, 768, False)


async def test_a_variation_changes_the_seed(scripted: ScriptedModel, planner: LlmPlanner) -> None:
    steps = [{"tool": "text_to_image", "params": {"count": 4, "prompt": "~castle"}}]
    answered = await told(scripted, planner, kinds=["iterate"], on=["A1"], steps=steps, kept=["width"], changed=["seed"])
    assert answered.plan is not None
    assert answered.plan.steps[0].params["seed"] != OLD_SEED


@pytest.mark.parametrize(
    ("expect", "asks", "actions", "words"),
    [
        ({"asks": True, "choices": ["A1", "A2"]}, True, [], ""),
        ({"action": "select", "target": "A1"}, False, ["select"], "Here"),
        ({"kinds": ["query"], "plans": False, "reply": [["free", "credits"]]}, False, [], "free"),
    ],
)  # fmt: skip
async def test_what_is_no_plan(
    scripted: ScriptedModel, planner: LlmPlanner, expect: dict[str, Any], asks: bool, actions: list[str], words: str
) -> None:
    answered = await told(scripted, planner, **expect)
    assert answered.plan is None
    assert (answered.clarification is not None) == asks
    assert [control.action.value for control in answered.controls] == actions
    assert words in answered.reply
