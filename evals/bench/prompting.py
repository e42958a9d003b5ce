"""What the language model reads: tokens a turn with the tools that were found, and with the whole catalogue in the prompt;
and how it goes on when a conversation gets long.

Counted with tiktoken's cl100k_base, which litellm brings along, on what really goes over the wire.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agent.assembly import open_studio
from agent.model import PlanningRequest, Shown
from agent.planning import Planner, ignore_speech, ignore_understood
from agent.protocols import Message, Studio
from agent.testing import ScriptedModel, answer
from base import schema
from base.settings import Settings
from evals.bench.assembly import open_catalogue, open_model_planner
from evals.bench.figures import Figure
from tools.model import Availability, Size, Tool
from tools.protocols import Found
from tools.service import load_tools
from tools.testing import HashEncoder

TEXTS = (
    "a lighthouse in the fog", "make it warmer", "crop it square and sharpen it", "the same but at night", "flip it",
    "in black and white", "twice as big", "four variations", "put a hat on the cat", "blur the background",
)  # fmt: skip
MANY = 300
TURNS = 200
MARKS = (10, 50, 100, 150, 200)


async def figures(folder: Path) -> list[Figure]:
    """Tokens by catalogue, then by length of the conversation."""
    real = load_tools()
    many = [_variant(real[n % len(real)], n) for n in range(MANY)]
    found = []
    async with ScriptedModel() as model:
        settings = Settings(data=folder, model="openai/test", model_url=model.url, model_key="none", _env_file=None)
        async with open_model_planner(settings) as planner:
            for tools in (real, many):
                found += await _by_catalogue(planner, model, tools, folder)
    return [*found, *await _by_length(folder / "studio")]


async def _by_catalogue(planner: Planner, model: ScriptedModel, tools: Sequence[Tool], folder: Path) -> list[Figure]:
    async with open_catalogue(tools, folder / "cache") as catalogue:
        ranked = {text: await catalogue.search(text, (), 50) for text in TEXTS}
    retrieved = [await _prompt(planner, model, text, [found.tool for found in ranked[text]]) for text in TEXTS]
    sheets = [_sheet(await _prompt(planner, model, "x", tools[n : n + 8])) for n in range(0, len(tools), 8)]
    rest = [_tokens(prompt) - _tokens(_sheet(prompt)) for prompt in retrieved]
    all_tools = sum(map(_tokens, sheets))
    size = len(tools)
    return [
        Figure(f"prompt with the tools found, of {size}", statistics.median(map(_tokens, retrieved)), "tokens"),
        Figure(f"prompt with all {size} tools in it", statistics.median(rest) + all_tools, "tokens"),
    ]


async def _prompt(planner: Planner, model: ScriptedModel, text: str, tools: Sequence[Tool]) -> str:
    """All that goes to the model for a message about one picture."""
    fox = Shown(
        ref="A1", handle="A1", kind="image", origin="output", size=Size(768, 768), asset_id="a", tool="text_to_image",
        params={"prompt": "a red fox in the snow", "seed": 11, "width": 768, "height": 768},
    )  # fmt: skip
    model.then(answer())
    found = tuple(Found(tool, 1.0, Availability(True)) for tool in tools)
    request = PlanningRequest(text=text, shown=(fox,), focus="A1", found=found)
    await planner.plan(request, _no_check, ignore_understood, ignore_speech)
    return _read(model.requests[-1])


def _no_check(*_of: Any) -> Any:
    raise AssertionError("nothing is planned here")


def _read(body: dict[str, Any]) -> str:
    return "\n".join(message["content"] for message in body["messages"])


def _sheet(prompt: str) -> str:
    return prompt.rpartition("<tools>\n")[2].partition("\n</tools>")[0]


def _tokens(text: str) -> int:
    import litellm

    return len(litellm.encoding.encode(text))


def _variant(tool: Tool, number: int) -> Tool:
    return tool.model_copy(update={"name": f"{tool.name}_{number}", "title": f"{tool.title} {number}"})


async def _by_length(folder: Path) -> list[Figure]:
    """Two hundred messages in one conversation, each making a picture, through the whole studio but for the encoder."""
    async with ScriptedModel() as model:
        settings = Settings(data=folder, model="openai/test", model_url=model.url, model_key="none", _env_file=None)
        folder.mkdir()
        await schema.upgrade(settings.resolved_database_url)
        async with open_studio(settings, encoder=HashEncoder()) as studio:
            waits = await _converse(studio, model)
    tokens = {mark: _tokens(_read(model.requests[mark - 1])) for mark in MARKS}
    reads = [Figure(f"prompt of message {mark}", tokens[mark], "tokens") for mark in MARKS]
    early, late = statistics.median(waits[5:25]), statistics.median(waits[-20:])
    return [*reads, Figure("message to plan, messages 6 to 25", early, "ms"), Figure("the same, the last 20", late, "ms")]


async def _converse(studio: Studio, model: ScriptedModel) -> list[float]:
    """Milliseconds from each message to its plan."""
    account = (await studio.accounts.create_anonymous()).id
    conversation = (await studio.conversations.create(account))["id"]
    waits: list[float] = []
    for number in range(TURNS):
        model.then(_made(number))
        begun, last = time.monotonic(), await studio.conversations.last_event_id(conversation, account)
        text = f"now make number {number} a little different from the one before, please"
        turn = await studio.conversations.send(conversation, account, Message(text), f"bench-{number}")
        async for event in studio.conversations.events(conversation, account, last):
            if event["type"] == "plan":
                waits.append(1000 * (time.monotonic() - begun))
            if event["type"] == "turn.completed" and event["turn_id"] == turn:
                break
    return waits


def _made(number: int) -> dict[str, Any]:
    """A small picture first, then each from the one before."""
    create = {"tool": "text_to_image", "inputs": [], "params": ["prompt=a fox", "width=256", "height=256"]}
    change = {"tool": "adjust_color", "inputs": [f"image=A{number}"], "params": [f"brightness={0.01 + number % 9 / 30:.2f}"]}
    step = {"id": "s1", "again": None, "deliver": None, **(change if number else create)}
    intent = json.loads(json.dumps(answer()["intents"][0])) | {
        "kind": "iterate" if number else "create", "on": [f"A{number}"] if number else [],
    }  # fmt: skip
    return answer(intents=[intent], steps=[step])
