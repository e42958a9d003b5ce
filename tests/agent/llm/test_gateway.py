"""The edge to litellm: every way in which a model can fail comes out as one of our problems, without its words."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from agent.errors import (
    ModelLacksJson,
    ModelMisbehaved,
    ModelOverloaded,
    ModelProblem,
    ModelRefused,
    ModelUnreachable,
)
from agent.llm.gateway import PATIENCE_S, LitellmGateway
from agent.llm.protocols import Message, Tokens
from agent.llm.schema import SCHEMA
from agent.testing import Cuts, Fails, FallsSilent, Page, Refuses, Says, ScriptedModel
from base.testing import ManualClock
from tests.agent.llm.builders import SECRET
from tests.agent.llm.conftest import MODEL, Gateways

ASKED = [Message("system", stable="Answer in JSON."), Message("user", SECRET)]
NO_FORMAT = {"message": f"no such thing, {SECRET}", "type": "invalid_request_error", "param": "response_format", "code": None}


async def asked(gateway: LitellmGateway) -> tuple[str, Tokens | None]:
    text, tokens = "", None
    async with aclosing(gateway.stream(MODEL, ASKED)) as stream:
        async for piece in stream:
            if isinstance(piece, Tokens):
                tokens = piece
            else:
                text += piece
    return text, tokens


async def until(condition: Any) -> None:
    """Let others work until it holds, for so many turns of the loop at most."""
    for _ in range(3000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came")


async def test_text_comes_in_pieces_and_tokens_at_the_end(scripted: ScriptedModel, gateway: LitellmGateway) -> None:
    scripted.then(Says("one two three four", chunk=4, tokens=(70, 5)))
    pieces = [piece async for piece in gateway.stream(MODEL, ASKED)]
    assert pieces == ["one ", "two ", "thre", "e fo", "ur", Tokens(70, 5)]


async def test_the_request_asks_strictly_and_carries_the_key_it_was_given(
    scripted: ScriptedModel, gateway: LitellmGateway
) -> None:
    scripted.then(Says("{}"))
    await asked(gateway)
    (body,) = scripted.requests
    assert body["response_format"]["json_schema"]["strict"] is True
    assert body["stream_options"] == {"include_usage": True}
    assert body["messages"] == [{"role": "system", "content": "Answer in JSON."}, {"role": "user", "content": SECRET}]
    assert scripted.keys == ["Bearer sk-scripted-0000"]


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (Fails(400), ModelProblem),
        (Fails(401), ModelProblem),
        (Fails(403), ModelProblem),
        (Fails(404), ModelProblem),
        (Fails(429), ModelOverloaded),
        (Fails(500), ModelOverloaded),
        (Fails(502), ModelOverloaded),
        (Fails(503), ModelOverloaded),
        (Fails(504), ModelUnreachable),
        (Fails(599), ModelOverloaded),
        (Fails(400, {"message": "too long", "code": "context_length_exceeded"}), ModelProblem),
        (Fails(400, {"message": "bad words", "code": "content_filter"}), ModelRefused),
        (Refuses(SECRET), ModelRefused),
        (Says("half", ends="content_filter"), ModelRefused),
        (Says(""), ModelMisbehaved),
        (Page(), ModelMisbehaved),
        (Cuts(""), ModelUnreachable),
        (Cuts("some text"), ModelUnreachable),
        (Fails(429, {"message": SECRET}), ModelOverloaded),
        (Fails(500, {"message": SECRET}), ModelOverloaded),
    ],
)  # fmt: skip
async def test_each_failure_is_a_problem_of_ours_without_anybodys_words(
    scripted: ScriptedModel, gateway: LitellmGateway, reply: Any, problem: type[ModelProblem]
) -> None:
    scripted.then(reply)
    with pytest.raises(ModelProblem) as raised:
        await asked(gateway)
    assert isinstance(raised.value, problem)
    assert SECRET not in str(raised.value.as_dict())
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None, "the library's error quotes the request"
    assert len(scripted.requests) == 1, "nobody retries behind our back"


async def test_a_server_that_is_not_there_is_unreachable_and_not_overloaded(
    scripted: ScriptedModel, gateways: Gateways
) -> None:
    async with ScriptedModel() as gone:
        url = gone.url
    with pytest.raises(ModelUnreachable):
        await asked(gateways(url=url))


@pytest.mark.parametrize("reply", [FallsSilent(), FallsSilent("some text")])
async def test_silence_ends_as_unreachable(scripted: ScriptedModel, gateways: Gateways, reply: FallsSilent) -> None:
    await gateways().warm()
    scripted.then(reply)
    with pytest.raises(ModelUnreachable, match="said nothing for"):
        await asked(gateways(silence_s=0.5))


async def test_a_short_retry_after_is_waited_for_once(
    scripted: ScriptedModel, gateway: LitellmGateway, clock: ManualClock
) -> None:
    scripted.then(Fails(429, headers={"Retry-After": "3"}), Says("{}"))
    asking = asyncio.create_task(asked(gateway))
    await until(lambda: clock._sleepers)
    assert len(scripted.requests) == 1
    clock.advance(2.9)
    await asyncio.sleep(0)
    assert not asking.done()
    clock.advance(0.2)
    assert (await asking)[0] == "{}"


async def test_a_second_retry_after_is_told(scripted: ScriptedModel, gateway: LitellmGateway, clock: ManualClock) -> None:
    scripted.then(*[Fails(429, headers={"Retry-After": "2"})] * 2)
    asking = asyncio.create_task(asked(gateway))
    await until(lambda: clock._sleepers)
    clock.advance(2)
    with pytest.raises(ModelOverloaded) as raised:
        await asking
    assert raised.value.retry_after_s == 2
    assert len(scripted.requests) == 2


async def test_a_long_retry_after_is_told_at_once(
    scripted: ScriptedModel, gateway: LitellmGateway, clock: ManualClock
) -> None:
    date = format_datetime(clock.now() + timedelta(seconds=90), usegmt=True)
    scripted.then(Fails(429, headers={"Retry-After": str(PATIENCE_S + 1)}), Fails(503, headers={"Retry-After": date}))
    for seconds in (PATIENCE_S + 1, 90):
        with pytest.raises(ModelOverloaded) as raised:
            await asked(gateway)
        assert raised.value.retry_after_s == seconds
        assert raised.value.as_dict()["retry_after_s"] == seconds


async def test_a_server_without_schemas_is_asked_for_json_and_remembered(
    scripted: ScriptedModel, gateway: LitellmGateway
) -> None:
    scripted.then(Fails(400, NO_FORMAT), Says("{}"), Says("{}"))
    await asked(gateway)
    await asked(gateway)
    assert [body["response_format"]["type"] for body in scripted.requests] == ["json_schema", "json_object", "json_object"]


async def test_a_bad_request_about_something_else_is_not_asked_again(
    scripted: ScriptedModel, gateway: LitellmGateway
) -> None:
    scripted.then(Fails(400, {"message": "response_format", "param": "temperature"}))
    with pytest.raises(ModelProblem):
        await asked(gateway)
    assert len(scripted.requests) == 1


async def test_a_server_that_knows_no_json_at_all_is_told(scripted: ScriptedModel, gateway: LitellmGateway) -> None:
    scripted.then(Fails(400, NO_FORMAT), Fails(400, NO_FORMAT))
    with pytest.raises(ModelLacksJson) as raised:
        await asked(gateway)
    assert raised.value.__context__ is None


async def test_closing_early_ends_the_request(scripted: ScriptedModel, gateway: LitellmGateway) -> None:
    scripted.then(FallsSilent("first words and then nothing"), Says("{}"))
    async with aclosing(gateway.stream(MODEL, ASKED)) as stream:
        assert await anext(stream) == "first words "
    assert (await asked(gateway))[0] == "{}"


def test_the_schema_fits_strict_mode() -> None:
    def check(node: Any) -> None:
        if isinstance(node, dict):
            if node.get("type") == "object":
                assert node["additionalProperties"] is False
                assert node["required"] == list(node["properties"])
            for value in node.values():
                check(value)
        elif isinstance(node, list):
            for value in node:
                check(value)

    check(SCHEMA)
    assert list(SCHEMA["properties"])[-1] == "reply", "what is checked comes before what is spoken"
