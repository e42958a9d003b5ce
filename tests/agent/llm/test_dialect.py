"""Providers by name, each in its own protocol, through the real litellm: Ollama, Anthropic, OpenAI-compatible servers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable

import pytest

from agent.errors import ModelUnreachable
from agent.llm import dialect, library
from agent.llm.access import Access
from agent.llm.gateway import LitellmGateway
from agent.llm.planner import LlmPlanner
from agent.llm.protocols import Message, Tokens
from agent.model import Exchange
from agent.testing import Cuts, Says, ScriptedModel
from base.testing import ManualClock
from tests.agent.llm.builders import Listener, asking, creation
from tests.agent.llm.conftest import SILENCE_S

CLAUDE = "anthropic/claude-sonnet-4-5"

Planners = Callable[[str, str | None], LlmPlanner]


@pytest.fixture
async def planners(clock: ManualClock) -> AsyncIterator[Planners]:
    """Makes planners for a model's name at an address, and closes their gateways."""
    made: list[LitellmGateway] = []

    def make(model: str, url: str | None) -> LlmPlanner:
        made.append(LitellmGateway({model: Access(url, None if model.startswith("ollama") else "sk-x")}, clock, SILENCE_S))
        return LlmPlanner(made[-1], (model,), clock)

    yield make
    for gateway in made:
        await gateway.close()


@pytest.mark.parametrize("model", ["ollama/llama3.1", "ollama_chat/llama3.1"])
@pytest.mark.parametrize("suffix", ["", "/v1", "/"])
async def test_ollama_is_asked_by_name_in_its_own_protocol(
    scripted: ScriptedModel, planners: Planners, model: str, suffix: str
) -> None:
    scripted.then(Says(json.dumps(creation()), chunk=5, tokens=(900, 80)))
    listener = Listener()
    planner = planners(model, scripted.root + suffix)
    answer = await planner.plan(asking(), listener.check, listener.understood, listener.speak)
    assert answer.plan is not None
    assert scripted.paths == ["/api/chat"]
    (body,) = scripted.requests
    assert body["model"] == "llama3.1"
    assert body["format"]["required"] == ["intents", "search", "steps", "clarification", "controls", "reply"]
    assert body["options"]["num_ctx"] == 8192, "Ollama cuts what is longer than its window without a word"
    assert (answer.usage.model, answer.usage.prompt_tokens, answer.usage.completion_tokens) == (model, 900, 80)
    assert [name for name, _ in listener.heard].count("speak") > 3, "the reply streams"


async def test_a_long_prompt_gets_a_larger_window(scripted: ScriptedModel, planners: Planners) -> None:
    scripted.then(creation())
    listener = Listener()
    text = "a castle with " + "many towers and " * 1_200
    planner = planners("ollama/llama3.1", scripted.root)
    await planner.plan(asking(text), listener.check, listener.understood, listener.speak)
    assert scripted.requests[0]["options"]["num_ctx"] == 16_384


async def test_an_ollama_that_is_cut_off_is_unreachable(scripted: ScriptedModel, planners: Planners) -> None:
    scripted.then(Cuts('{"intents": ['))
    listener = Listener()
    with pytest.raises(ModelUnreachable):
        await planners("ollama/llama3.1", scripted.root).plan(
            asking(), listener.check, listener.understood, listener.speak
        )


async def test_claude_is_told_what_to_cache_and_speaks_its_own_protocol(scripted: ScriptedModel, planners: Planners) -> None:
    scripted.then(Says(json.dumps(creation()), tokens=(900, 80)), Says(json.dumps(creation())))
    listener = Listener()
    planner = planners(CLAUDE, scripted.root)
    answer = await planner.plan(asking("a walrus"), listener.check, listener.understood, listener.speak)
    await planner.plan(
        asking("another", history=(Exchange("a", "b"),)), listener.check, listener.understood, listener.speak
    )
    assert answer.plan is not None
    assert set(scripted.paths) == {"/v1/messages"}
    first, second = scripted.requests
    for body in (first, second):
        assert [block.get("cache_control") for block in body["system"]] == [{"type": "ephemeral"}]
        tools, turn = body["messages"][0]["content"]
        assert (tools["cache_control"], "cache_control" in turn) == ({"type": "ephemeral"}, False)
        assert tools["text"].rstrip().endswith("</tools>")
    assert first["system"] == second["system"], "byte for byte"
    assert first["messages"][0]["content"][0] == second["messages"][0]["content"][0]


async def test_other_servers_get_plain_messages(scripted: ScriptedModel, planners: Planners) -> None:
    scripted.then(creation())
    listener = Listener()
    await planners("openai/claude-like", scripted.url).plan(asking(), listener.check, listener.understood, listener.speak)
    assert "cache_control" not in json.dumps(scripted.requests)
    assert all(isinstance(message["content"], str) for message in scripted.requests[0]["messages"])


def test_prices_come_from_the_list_of_the_library_for_this_very_provider() -> None:
    costs = library.load().model_cost
    gpt, bare = dialect.price(costs, "openai/gpt-4o-mini"), dialect.price(costs, "gpt-4o-mini")
    assert gpt is not None
    assert gpt == bare
    assert gpt.of(Tokens(1_000_000, 0)) == pytest.approx(0.15)
    assert gpt.of(Tokens(1_000_000, 0, cached=1_000_000)) == pytest.approx(0.075)
    claude = dialect.price(costs, CLAUDE)
    assert claude is not None
    assert claude.completion > claude.prompt > claude.cached
    assert dialect.price(costs, "groq/gpt-4o-mini") is None, "the same name at another provider is another price"
    assert dialect.price(costs, "openai/of-my-own") is None


def test_at_somebodys_own_address_no_price_is_known(clock: ManualClock) -> None:
    def price(url: str | None) -> object:
        return LitellmGateway({"openai/gpt-4o-mini": Access(url)}, clock, 1.0).price("openai/gpt-4o-mini")

    assert price("http://127.0.0.1:1") is None
    assert price(None) is not None


def test_a_message_is_its_stable_part_and_the_rest() -> None:
    message = Message("user", "now", stable="before ")
    assert dialect.written("openai/x", [message]) == [{"role": "user", "content": "before now"}]
    blocks = dialect.written("openrouter/anthropic/claude-sonnet-4", [message])[0]["content"]
    assert [block["text"] for block in blocks] == ["before ", "now"]
