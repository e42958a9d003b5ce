"""What a model may cost: counted from usage, checked before each call, told at the limit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.errors import ModelBudgetSpent, ModelUnreachable
from agent.llm.budget import ANSWER_TOKENS, Budget, MemoryBooks, Spent, check, estimated
from agent.llm.gateway import LitellmGateway
from agent.llm.planner import LlmPlanner
from agent.llm.protocols import Price, Tokens
from agent.model import Planned
from agent.testing import Cuts, Fails, Says, ScriptedModel
from base.testing import ManualClock
from tests.agent.llm.builders import Listener, asking, creation
from tests.agent.llm.conftest import MODEL, SPARE

ENOUGH = Spent(1_000_000, 100.0)
CHEAP = Price(prompt=1e-6, completion=4e-6, cached=1e-7)


class Priced(LitellmGateway):
    """As if the list knew what the scripted model costs."""

    def price(self, model: str) -> Price | None:
        return CHEAP


async def plan(planner: LlmPlanner, conversation_id: str = "c1") -> Planned:
    listener = Listener()
    request = replace(asking(), conversation_id=conversation_id)
    return await planner.plan(request, listener.check, listener.understood, listener.speak)


def says(prompt: int, completion: int) -> Says:
    import json

    return Says(json.dumps(creation()), tokens=(prompt, completion))


async def test_what_the_provider_counted_is_kept_by_conversation(
    scripted: ScriptedModel, gateway: LitellmGateway, clock: ManualClock
) -> None:
    books = MemoryBooks()
    planner = LlmPlanner(gateway, (MODEL,), clock, books=books)
    scripted.then(says(1000, 100), says(500, 50), says(7, 7))
    await plan(planner)
    await plan(planner)
    await plan(planner, "c2")
    assert books.by_conversation == {"c1": Spent(1650), "c2": Spent(14)}


async def test_a_failed_model_and_refused_answers_are_counted_too(
    scripted: ScriptedModel, gateway: LitellmGateway, clock: ManualClock
) -> None:
    books = MemoryBooks()
    planner = LlmPlanner(gateway, (MODEL, SPARE), clock, books=books)
    scripted.then(Says("prose", tokens=(100, 1)), Fails(500), says(200, 2))
    answer = await plan(planner)
    assert books.by_conversation["c1"] == Spent(303)
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (300, 3)


async def test_an_answer_that_is_cut_off_is_estimated(
    scripted: ScriptedModel, gateway: LitellmGateway, clock: ManualClock
) -> None:
    books = MemoryBooks()
    scripted.then(Cuts('{"intents": ['))
    with pytest.raises(ModelUnreachable):
        await plan(LlmPlanner(gateway, (MODEL,), clock, books=books))
    assert books.by_conversation["c1"].tokens > 1000, "the whole prompt was read by somebody"


@pytest.mark.parametrize(
    ("budget", "used", "words"),
    [
        (Budget(ENOUGH, Spent(10_000, 9.0)), Spent(9_800, 0.0), "This conversation has used 9,800 of 10,000 tokens"),
        (Budget(ENOUGH, Spent(100_000, 0.5)), Spent(1, 0.4999), r"This conversation has used \$0.50 of \$0.50"),
        (Budget(Spent(100, 9.0), ENOUGH), Spent(), "This message has used 0 of 100 tokens"),
    ],
)
async def test_at_a_limit_nothing_is_asked_and_the_sentence_says_what_to_do(
    scripted: ScriptedModel, clock: ManualClock, budget: Budget, used: Spent, words: str
) -> None:
    gateway = Priced({}, clock, 1.0)
    planner = LlmPlanner(gateway, (MODEL, SPARE), clock, budget, MemoryBooks({"c1": used}))
    with pytest.raises(ModelBudgetSpent, match=words) as raised:
        await plan(planner)
    assert scripted.requests == []
    assert "without the language model" in raised.value.next_step
    assert "STATIONTHIS_LIMITS__MODEL_" in raised.value.next_step
    assert await plan_elsewhere(planner) == raised.value.facts["scope"]


async def plan_elsewhere(planner: LlmPlanner) -> str:
    """Which limit it was: that of one conversation is none for another."""
    try:
        await plan(planner, "fresh")
    except ModelBudgetSpent:
        return "message"
    except Exception:  # noqa: BLE001 - it got as far as asking, and nobody is there
        return "conversation"
    raise AssertionError("nobody should have answered")


async def test_corrections_stop_at_the_limit_of_a_message(
    scripted: ScriptedModel, gateway: LitellmGateway, clock: ManualClock
) -> None:
    scripted.then(Says("no", tokens=(9_000, 10)), says(1, 1))
    planner = LlmPlanner(gateway, (MODEL,), clock, Budget(Spent(10_000, 9.0), ENOUGH))
    with pytest.raises(ModelBudgetSpent, match="This message has used 9,010 of 10,000 tokens"):
        await plan(planner)
    assert len(scripted.requests) == 1


def test_money_is_counted_with_the_price_of_cached_tokens() -> None:
    assert CHEAP.of(Tokens(1_000, 100, cached=900)) == pytest.approx(100e-6 + 90e-6 + 400e-6)


def test_a_call_that_just_fits_passes() -> None:
    limits = Budget(Spent(1_000, 1.0), Spent(1_000, 1.0))
    check(limits, Spent(400), Spent(400), Spent(600))
    with pytest.raises(ModelBudgetSpent):
        check(limits, Spent(401), Spent(0), Spent(600))


@pytest.mark.parametrize("text", ["a castle at night, oil painting", "夜の城、油絵、細かい", "замок ночью, масло"])
def test_what_nobody_counted_is_rather_overestimated(text: str) -> None:
    from agent.llm import library

    assert estimated(text) >= len(library.load().encoding.encode(text))
    assert ANSWER_TOKENS > 0
