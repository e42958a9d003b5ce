"""LoRAs from a sentence to a plan, through the real loop and the embedded planner."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.embedded.planner import EmbeddedPlanner
from agent.model import PlanningRequest
from agent.planning import ignore_speech, ignore_understood
from agent.protocols import Studio
from tests.agent.conftest import Talk, one
from tests.agent.embedded.scenes import EMPTY, check
from tests.agent.embedded.scenes import found as all_found
from tests.agent.test_loras import ALL
from tests.tools.loras.shelf_of_loras import LORAS
from tools.embedding import MiniLmEncoder


async def test_a_tag_that_names_none_says_so(talk: Talk) -> None:
    end = one(await talk.say("draw a queen <lora:nobody-knows:1>"), "turn.completed")
    assert (end["status"], end["error"]["code"]) == ("failed", "unknown_lora")


async def test_a_private_one_is_known_at_the_next_message(studio: Studio, talk: Talk) -> None:
    facts = {"title": "Marzipan", "file": "marzipan.safetensors", "base": "sdxl", "triggers": ["marzipan look"]}
    await studio.loras.add(facts, talk.account_id, "standard")
    plan = one(await talk.say("draw a queen <lora:marzipan>"), "plan")["plan"]
    assert {warning["code"] for warning in plan["warnings"]} == {"lora_unfit", "sketch"}
    assert "<lora" not in plan["steps"][0]["params"]["prompt"]


@pytest.mark.parametrize(
    ("said", "prompt"),
    [
        ("draw a queen with SDXL in disney style", "a queen <lora:disney-v3:1.0> in disney style"),
        ("use SDXL to draw a fox <lora:disney-v3:0.8>", "a fox <lora:disney-v3:0.8>"),
    ],
)
async def test_the_embedded_planner_brings_tag_and_trigger_into_the_plan(
    encoder: MiniLmEncoder, said: str, prompt: str
) -> None:
    planner = EmbeddedPlanner(encoder)
    await planner.prepare()
    request: PlanningRequest = replace(
        EMPTY.request(said), capabilities=(ALL,), loras=LORAS, found=all_found((ALL,))
    )
    planned = await planner.plan(request, check, ignore_understood, ignore_speech)
    assert planned.plan is not None
    (step,) = planned.plan.steps
    assert (step.tool, step.params["prompt"], len(step.params["loras"])) == ("sdxl", prompt, 1)
