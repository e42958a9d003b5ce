"""The event stream: from the beginning, from a number, live, and to its end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from base.errors import DatabaseUnreachable, KeyLost
from tests.patience import PATIENCE_S
from tests.web.conftest import Site, problem
from web import stream
from web.problems import install


class Frames:
    """Reads frames off an open stream."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.aiter_lines()

    async def next(self) -> dict[str, str]:
        """The next frame that is no mere comment, as field -> value."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(PATIENCE_S):
            async for line in self._lines:
                name, _, value = line.partition(": ")
                if line and name:
                    fields[name] = value
                elif "data" in fields:
                    return fields
                elif not line:
                    fields = {}
        raise AssertionError("the stream ended")

    async def numbers(self, count: int) -> list[int]:
        return [int((await self.next())["id"]) for _ in range(count)]


@asynccontextmanager
async def following(client: httpx.AsyncClient, conversation: str, **how: Any) -> AsyncIterator[Frames]:
    async with client.stream("GET", f"/api/v1/conversations/{conversation}/events", **how) as response:
        assert response.status_code == 200, await response.aread()
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Frames(response)


@pytest.fixture
async def conversation(person: httpx.AsyncClient) -> str:
    return str((await person.post("/api/v1/conversations")).json()["id"])


async def test_a_message_s_first_event_is_in_the_stream(person: httpx.AsyncClient, conversation: str) -> None:
    sent = await person.post(
        f"/api/v1/conversations/{conversation}/messages", json={"text": "ein blauer Fuchs 🦊"}
    )
    async with following(person, conversation) as frames:
        frame = await frames.next()
    data = json.loads(frame["data"])
    assert (frame["id"], frame["event"]) == ("1", "turn.started")
    assert (data["id"], data["type"], data["turn_id"]) == (1, "turn.started", sent.json()["turn_id"])
    assert data["text"] == "ein blauer Fuchs 🦊"
    assert data["correlation_id"] == sent.headers["x-correlation-id"]
    assert data["at"].endswith("Z")


async def test_events_arrive_as_they_happen(site: Site, person: httpx.AsyncClient, conversation: str) -> None:
    async with following(person, conversation) as frames:
        for number in range(1, 4):
            await site.behind.say(conversation, "reply.delta", text=str(number))
            assert (await frames.next())["id"] == str(number)


@pytest.mark.parametrize("how", [{"params": {"after": "3"}}, {"headers": {"Last-Event-ID": "3"}},
                                 {"params": {"after": "1"}, "headers": {"Last-Event-ID": "3"}}])  # fmt: skip
async def test_a_stream_resumes_after_a_number(
    site: Site, person: httpx.AsyncClient, conversation: str, how: dict[str, Any]
) -> None:
    for _ in range(6):
        await site.behind.say(conversation, "reply.delta", text="x")
    async with following(person, conversation, **how) as frames:
        assert await frames.numbers(3) == [4, 5, 6]


async def test_whoever_reconnects_all_the_time_misses_and_doubles_nothing(
    site: Site, person: httpx.AsyncClient, conversation: str
) -> None:
    async def talk() -> None:
        for number in range(60):
            await site.behind.say(conversation, "reply.delta", text=str(number))

    talking = asyncio.create_task(talk())
    seen: list[int] = []
    while len(seen) < 60:
        headers = {"Last-Event-ID": str(seen[-1])} if seen else {}
        async with following(person, conversation, headers=headers) as frames:
            seen += await frames.numbers(min(7, 60 - len(seen)))
    await talking
    assert seen == list(range(1, 61))


async def test_a_transient_event_has_no_number(
    site: Site, person: httpx.AsyncClient, conversation: str
) -> None:
    async with following(person, conversation) as frames:
        await site.behind.say(conversation, "reply.delta", text="x")
        await frames.next()
        site.behind.events.publish(
            f"conversation:{conversation}", "run.progress", {"turn_id": "t", "fraction": 0.5}
        )
        frame = await frames.next()
        await site.behind.say(conversation, "reply.delta", text="y")
        assert (await frames.next())["id"] == "2"
    assert frame["event"] == "run.progress"
    assert "id" not in frame
    assert "id" not in json.loads(frame["data"])


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "", "9" * 16, "1"])
async def test_a_number_that_was_never_given_is_refused(
    person: httpx.AsyncClient, conversation: str, after: str
) -> None:
    url = f"/api/v1/conversations/{conversation}/events"
    problem(await person.get(url, params={"after": after}), 422, "invalid_cursor")
    told = problem(await person.get(url, headers={"Last-Event-ID": after}), 422, "invalid_cursor")
    assert all(word in told["action"] for word in ("`Last-Event-ID`", "`after`", "`id`"))


async def test_a_quiet_stream_shows_that_it_lives(
    person: httpx.AsyncClient, conversation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stream.PING_S == 15
    monkeypatch.setattr(stream, "PING_S", 0.05)
    url = f"/api/v1/conversations/{conversation}/events"
    async with asyncio.timeout(PATIENCE_S), person.stream("GET", url) as response:
        async for line in response.aiter_lines():
            if line == ": ping":
                break


async def test_a_reader_who_leaves_is_let_go(
    site: Site, person: httpx.AsyncClient, conversation: str
) -> None:
    async with following(person, conversation) as frames:
        await site.behind.say(conversation, "reply.delta", text="x")
        await frames.next()
        assert site.behind.events._bell._listeners  # type: ignore[attr-defined]
    async with asyncio.timeout(PATIENCE_S):
        while site.behind.events._bell._listeners:  # type: ignore[attr-defined]
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("error", [DatabaseUnreachable(), KeyLost()])
async def test_what_breaks_under_an_open_stream_ends_it_whole(error: Exception) -> None:
    """The answer has begun: a handler that would answer something else fails with a RuntimeError, and tears the stream off."""

    async def events() -> AsyncIterator[dict[str, Any]]:
        yield {"id": 7, "type": "reply.delta", "text": "so far"}
        raise error

    app = FastAPI()
    install(app)
    app.add_api_route("/events", lambda: stream.event_stream(events))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        answer = await client.get("/events")
    assert answer.status_code == 200
    assert "id: 7\n" in answer.text
    assert answer.text.endswith("\n\n")
