"""The same conversation with a language model as the planner, and without it when it fails."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from agent.protocols import Studio
from agent.testing import Fails, Says, ScriptedModel, answer
from tests.agent.conftest import OpenStudio, begin, one, opened, types
from tests.databases import SqliteTemplate

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


Polyglot = tuple[ScriptedModel, Studio]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def polyglot(
    sqlite_template: SqliteTemplate, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Polyglot]:
    """One studio for conversations that differ in what is said only, and the model that plans in it."""
    settings = {"model": "openai/test", "model_key": "sk-test-key"}
    data = tmp_path_factory.mktemp("polyglot") / "data"
    with sqlite_template.copy() as url:
        async with ScriptedModel() as model, opened(url, data, model_url=model.url, **settings) as studio:
            yield model, studio


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


ASK_FOR: dict[str, tuple[str, str, str]] = {
    "es": ("un zorro rojo en la nieve", "hazlo más brillante", "Estoy aclarando A1."),
    "de": ("ein roter Fuchs im Schnee", "mach es heller, bitte", "Ich helle A1 auf."),
    "fr": ("un renard roux dans la neige", "rends-la plus lumineuse", "J'éclaircis A1."),
    "pt": ("uma raposa na neve", "deixa mais clara", "Estou clareando A1."),
    "ru": ("рыжая лиса в снегу", "сделай светлее", "Делаю A1 светлее."),
    "zh": ("雪地里的红狐狸", "把它调亮一点", "正在把A1调亮。"),
    "ja": ("雪の中の赤いキツネ", "もう少し明るくして", "A1を明るくしています。"),
}
"""A request, a refinement, and what is answered to that."""

BRIGHTER: dict[str, Any] = {
    "intents": [
        {"kind": "iterate", "on": ["A1"], "maybe": [], "confidence": 0.95, "summary": "brighter", "constraints": []}
    ],
    "steps": [
        {
            "id": "s1", "tool": "adjust_color", "again": None, "inputs": ["image=A1"], "params": ["brightness=0.3"],
            "deliver": None,
        }
    ],
}  # fmt: skip


def wanting(words: str) -> dict[str, Any]:
    """What a model says that misses a tool; the encoder of these tests finds nothing in other languages."""
    return answer(search=words, reply="")


@pytest.mark.parametrize("language", ASK_FOR)
@pytest.mark.asyncio(loop_scope="module")
async def test_a_conversation_in_another_language(polyglot: Polyglot, language: str) -> None:
    model, studio = polyglot
    first, second, reply = ASK_FOR[language]
    model.forget()
    model.then(
        Says(json.dumps(answer(**FOX), ensure_ascii=False), chunk=3), wanting("adjust colour, brighter"),
        Says(json.dumps(answer(**BRIGHTER, reply=reply), ensure_ascii=False), chunk=1),
    )  # fmt: skip
    talk = await begin(studio)
    await talk.say(first)
    events = await talk.say(second)
    assert one(events, "intent")["intents"][0]["on"] == ["A1"]
    assert "".join(e["text"] for e in events if e["type"] == "reply.delta") == reply
    assert one(events, "run.output")["handle"] == "A2"
    asked = model.requests[2]["messages"][-1]["content"]
    assert first in asked, "what was said before, letter for letter"
    assert second in asked


QUESTION: dict[str, Any] = {
    "intents": [{"kind": "iterate", "on": ["A1"], "maybe": [], "confidence": 0.4, "summary": "größer", "constraints": []}],
    "clarification": {
        "question": "Wie meinst du das?",
        "choices": [
            {"label": "Doppelt so viele Pixel", "steps": [
                {"id": "s1", "tool": "resize_image", "again": None, "inputs": ["image=A1"], "params": ["factor=2"],
                 "deliver": None}]},
            {"label": "Etwas anderes", "steps": []},
        ],
    },
    "reply": "",
}  # fmt: skip


async def test_a_button_finishes_the_work_without_another_call(with_model: Any) -> None:
    async with ScriptedModel() as model, with_model(model) as studio:
        model.then(answer(**FOX), wanting("resize image"), answer(**QUESTION))
        talk = await begin(studio)
        await talk.say("draw a fox")
        asked = await talk.say("größer")
        assert one(asked, "turn.completed")["status"] == "asked"
        assert "reply.delta" not in types(asked), "the question is told once"
        doubled, other = one(asked, "clarification")["choices"]
        events = await talk.say(choice=doubled["id"])
        assert len(model.requests) == 3, "nobody was asked what the click meant"
        assert one(events, "intent")["intents"][0]["on"] == ["A1"]
        output = one(events, "run.output")["asset"]
        assert (output["tool"], output["width"]) == ("resize_image", 1536)
        assert other["label"] == "Etwas anderes"


async def test_at_the_limit_the_person_is_asked_and_a_restart_forgets_nothing(with_model: Any) -> None:
    limit = {"limits": {"model_conversation_tokens": 12_000}}
    spends = Says(json.dumps(answer(**FOX)), tokens=(11_000, 500))
    async with ScriptedModel(spends) as model, with_model(model, **limit) as studio:
        talk = await begin(studio)
        await talk.say("draw a fox")
    async with ScriptedModel() as model, with_model(model, **limit) as studio:
        talk.studio = studio
        events = await talk.say("draw a castle")
        question = one(events, "clarification")
        assert "11,500 of 12,000 tokens" in question["question"]
        assert one(events, "turn.completed")["status"] == "asked"
        assert one(events, "intent")["notices"][0]["code"] == "model_budget_spent"
        (button,) = question["choices"]
        done = await talk.say(choice=button["id"])
        assert one(done, "run.output")["asset"]["params"]["prompt"].endswith("castle")
        again = await talk.say("draw a dog")
        assert one(again, "turn.completed")["status"] == "done", "asked once, not for each message"
        assert model.requests == []
    async with ScriptedModel() as model, with_model(model) as studio:
        talk.studio = studio
        model.then(answer(**FOX))
        await talk.say("draw a cat")
        assert len(model.requests) == 1, "with a higher limit the model plans again"


async def test_another_model_says_that_it_stood_in(with_model: Any) -> None:
    async with ScriptedModel(Fails(500), Says(json.dumps(answer(**FOX)))) as model:
        async with with_model(model, model_fallbacks=("openai/spare",)) as studio:
            events = await (await begin(studio)).say("draw a fox")
        told = "".join(e["text"] for e in events if e["type"] == "reply.delta")
        assert "openai/spare answered this; openai/test: language model overloaded" in told
        assert [n["code"] for n in one(events, "intent")["notices"]] == ["model_overloaded"]


async def test_a_model_saves_a_spell_and_casts_it(with_model: Any) -> None:
    control = [{"kind": "control", "on": ["A1"], "maybe": [], "confidence": 0.95, "summary": "save", "constraints": []}]
    saving = answer(intents=control, controls=[{"action": "save_spell", "target": "A1", "title": "Fox box"}], reply="Kept.")
    async with ScriptedModel() as model, with_model(model) as studio:
        talk = await begin(studio)
        model.then(answer(**FOX))
        await talk.say("draw a fox")
        model.then(saving)
        told = [e["text"] for e in await talk.say("merk dir das als Fox box") if e["type"] == "reply.delta"]
        assert told[0].startswith("Saved as Fox box.")
        assert "".join(told).endswith("Kept.")
        ((item,), _) = await studio.shelf.page(talk.account_id, None, None, 5)
        steps = [{"id": "s1", "tool": item.name, "again": None, "inputs": [], "params": [], "deliver": None}]
        create = [{"kind": "create", "on": [], "maybe": [], "confidence": 0.95, "summary": "cast", "constraints": []}]
        empty = answer(intents=create, steps=steps, reply="Casting it.")
        full = answer(intents=create, steps=[{**steps[0], "params": ["subject=a grey heron"]}], reply="Casting it.")
        model.then(empty, full)
        events = await talk.say("cast fox box on a grey heron")
        (step,) = one(events, "plan")["plan"]["steps"]
        assert step["tool"] == "text_to_image"
        assert "a grey heron" in step["params"]["prompt"]
        asked, mended = (request["messages"] for request in model.requests[-2:])
        assert item.name in str(asked), "the spell is among the tools"
        assert "needs subject" in mended[-1]["content"], "what is left blank goes back to the model"
