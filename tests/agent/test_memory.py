"""What is left of older turns: bounded, extractive, the weightiest longest; and what a model reads of a long conversation."""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agent import memory
from agent.spending import ConversationBooks
from agent.testing import ScriptedModel, answer
from base.ids import new_id
from tests.agent.conftest import OpenStudio, begin


def kept(*said: str, kinds: tuple[str, ...] = ("chat",)) -> list[memory.Line]:
    lines: list[memory.Line] = []
    for number, words in enumerate(said, 1):
        lines = memory.remembered(lines, memory.line(number, words, kinds))
    return lines


def test_lines_are_told_in_order_and_only_those_before_the_exchanges_told_whole() -> None:
    assert memory.told(kept("one", "two", "three", "four"), 3) == ("one", "two")
    assert memory.told(kept("one"), 0) == ()


def test_a_standing_wish_outlives_small_talk_in_any_of_the_languages() -> None:
    wishes = ["never put text in my pictures", "dibuja siempre en acuarela", "ab jetzt bitte ohne Rahmen"]
    wishes += ["いつも水彩で", "总是用水彩"]
    for wish in wishes:
        lines = kept(wish, *(f"and what about number {n}, how does that look to you" for n in range(400)))
        assert wish in memory.told(lines, 10_000)


def test_what_began_something_outlives_small_talk() -> None:
    lines = memory.remembered([], memory.line(1, "a castle in the clouds", ["create"]))
    for number in range(2, 300):
        lines = memory.remembered(lines, memory.line(number, "hm, and what else could be done with it " * 3, ["chat"]))
    assert memory.told(lines, 10_000)[0] == "a castle in the clouds"


@given(st.lists(st.text(max_size=400), max_size=60))
def test_memory_is_bounded_and_in_order(said: list[str]) -> None:
    lines = kept(*said)
    assert sum(len(one["said"]) for one in lines) <= memory.KEPT_CHARS
    assert [one["turn"] for one in lines] == sorted({one["turn"] for one in lines})
    told = memory.told(lines, 10_000)
    assert sum(map(len, told)) <= memory.TOLD_CHARS
    assert all("\n" not in words for words in told)


def test_a_turn_that_ends_twice_is_remembered_once() -> None:
    line = memory.line(1, "a fox", ["create"])
    assert memory.remembered(memory.remembered([], line), line) == [line]


async def test_a_long_conversation_is_told_in_bounded_pieces(open_here: OpenStudio) -> None:
    """Twelve messages: the last six word for word, the first from memory."""
    async with ScriptedModel() as model, open_here(model="openai/test", model_url=model.url, model_key="none") as studio:
        talk = await begin(studio)
        for number in range(12):
            model.then(answer(reply=f"reply {number}"))
            await talk.say(f"message {number}, my dear")
    read = model.requests[-1]["messages"][-1]["content"]
    earlier = [json.loads(line) for line in section(read, "earlier")]
    assert [one["person"] for one in earlier] == [f"message {n}, my dear" for n in range(5, 11)]
    assert [json.loads(line) for line in section(read, "memory")] == [f"message {n}, my dear" for n in range(5)]
    assert section(model.requests[0]["messages"][-1]["content"], "memory") == []


def section(content: str, tag: str) -> list[str]:
    match = re.search(rf"<{tag}>\n(.*?)\n</{tag}>", content, re.DOTALL)
    return [] if match is None else match[1].splitlines()


async def test_what_a_conversation_has_spent_adds_up_in_its_row(open_here: OpenStudio) -> None:
    async with open_here() as studio:
        talk, books = await begin(studio), ConversationBooks(studio.db)
        assert await books.spent(talk.conversation_id) == spent(0, 0.0)
        await books.add(talk.conversation_id, spent(1_000, 0.25))
        await books.add(talk.conversation_id, spent(500, 0.5))
        assert await books.spent(talk.conversation_id) == spent(1_500, 0.75)
        assert await books.spent(new_id()) == spent(0, 0.0)


def spent(tokens: int, dollars: float) -> Any:
    from agent.llm.budget import Spent

    return Spent(tokens, dollars)
