"""The same conversation with a language model as the planner, and without it when it fails."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agent.testing import Fails, Says, ScriptedModel, answer
from tests.agent.conftest import OpenStudio, begin, one, types

FOX: dict[str, Any] = {
    "intents": [
        {"kind": "create", "on": [], "maybe": [], "confidence": 0.9, "summary": "Painting a fox", "constraints": []}
    ],
    "steps": [
        {
            "id": "s1",
            "tool": "text_to_image",
            "again": None,
            "inputs": [],
            "params": ["prompt=a fox"],
            "deliver": True,
        }
    ],
    "reply": "Here comes your fox, in the snow as you like it.",
}


@pytest.fixture
def with_model(open_here: OpenStudio) -> Any:
    return lambda model, **more: open_here(
        model="openai/test", model_url=model.url, model_key="sk-test-key", **more
    )


async def test_a_language_model_plans_and_speaks_after_the_plan(with_model: Any) -> None:
    async with ScriptedModel(Says(json.dumps(answer(**FOX)))) as model, with_model(model) as studio:
        talk = await begin(studio)
        events = await talk.say("un zorro, por favor")
        order = types(events)
        assert order.index("plan") < order.index("reply.delta")
        assert "".join(e["text"] for e in events if e["type"] == "reply.delta") == FOX["reply"]
        assert one(events, "run.output")["asset"]["params"]["prompt"] == "a fox"
        assert (await talk.turn(talk.turns[0]))["reply"] == FOX["reply"]


async def test_when_the_model_fails_the_embedded_planner_stands_in_and_says_so(with_model: Any) -> None:
    async with ScriptedModel(*[Fails(500)] * 4) as model, with_model(model) as studio:
        talk = await begin(studio)
        events = await talk.say("draw a fox")
        assert "without it" in one(events, "reply.delta")["text"]
        assert one(events, "turn.completed")["status"] == "done"
