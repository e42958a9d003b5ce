"""The edge of the terminal against a server that misbehaves, on a real socket; waiting is by a clock that does not wait."""

from __future__ import annotations

import json
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from base.clock import SystemClock
from base.http import client as http_client
from bots.terminal.client import PAUSES_S, StudioClient
from bots.terminal.errors import FileUnreadable, Refused, ServerAway
from bots.terminal.home import Home

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Impatient(SystemClock):
    """A clock whose sleeps are over at once; it counts them."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


class Scripted:
    """A server that answers each request with the next of its answers, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append((request.method, request.path, dict(request.headers), await request.read()))
        return await self.answers.pop(0)(request)


@pytest.fixture
async def scripted() -> AsyncIterator[tuple[Scripted, str]]:
    script = Scripted()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", script.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield script, f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
async def clock() -> Impatient:
    return Impatient()


@pytest.fixture
async def studio(scripted: tuple[Scripted, str], clock: Impatient, tmp_path: Path) -> AsyncIterator[StudioClient]:
    async with http_client(scripted[1]) as http:
        yield StudioClient(http, Home(tmp_path), "http://usual", clock)


def says(body: Any, status: int = 200) -> Answer:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=status)

    return answer


async def hangs_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


def streams(*events: dict[str, Any], breaks: bool = False) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b": hello\n\n")
        for event in events:
            await response.write(f"data: {json.dumps(event)}\n\n".encode())
        if breaks:
            await response.write(b'data: {"id": 99, "half')
            assert request.transport is not None
            request.transport.close()
        return response

    return answer


async def test_events_go_on_where_a_broken_connection_left_off(scripted: tuple[Scripted, str], studio: StudioClient) -> None:
    script, _ = scripted
    script.answers = [
        streams({"id": 1}, {"id": 2}, {"type": "run.progress"}, breaks=True),
        hangs_up,
        says({}, 503),
        streams({"id": 3}, breaks=False),
        streams({"id": 4}),
    ]
    events = studio.events("c", 0)
    seen = [(await anext(events)).get("id") for _ in range(5)]
    await events.aclose()

    assert seen == [1, 2, None, 3, 4]
    assert [headers["Last-Event-ID"] for _, _, headers, _ in script.asked] == ["0", "2", "2", "2", "3"]


async def test_a_server_that_is_away_for_longer_is_told_once_and_so_is_its_return(
    scripted: tuple[Scripted, str], clock: Impatient, tmp_path: Path
) -> None:
    notes: list[str] = []
    scripted[0].answers = [streams({"id": 1}, breaks=True), *[hangs_up] * 9, streams({"id": 2}), hangs_up, streams({"id": 3})]
    async with http_client(scripted[1]) as http:
        events = StudioClient(http, Home(tmp_path), "http://usual", clock, notes.append).events("c", 0)
        seen = [(await anext(events))["id"] for _ in range(3)]
        await events.aclose()

    assert seen == [1, 2, 3]
    assert notes == ["The server is away; waiting for it.", "The server is back."]


async def test_a_server_says_whether_it_still_starts(scripted: tuple[Scripted, str], studio: StudioClient) -> None:
    scripted[0].answers = [says({"starting": True}), says({"starting": False}), says({}, 503), hangs_up]
    assert [await studio.starting(2.0) for _ in range(4)] == [True, False, False, False]


async def test_a_stream_that_is_refused_is_not_tried_again(scripted: tuple[Scripted, str], studio: StudioClient) -> None:
    scripted[0].answers = [says({"code": "conversation_not_found", "detail": "No.", "action": "Look."}, 404)]
    with pytest.raises(Refused) as raised:
        await anext(studio.events("c", 0))

    assert raised.value.as_dict()["code"] == "conversation_not_found"
    assert raised.value.next_step == "Look."


async def test_a_server_that_stays_away_is_given_up_on(
    scripted: tuple[Scripted, str], studio: StudioClient, clock: Impatient
) -> None:
    scripted[0].answers = [hangs_up] * (len(PAUSES_S) + 1)
    with pytest.raises(ServerAway):
        await studio.send("c", {"text": "x"})

    assert clock.slept == list(PAUSES_S)
    assert 240 < sum(PAUSES_S) < 600


async def test_a_repeated_send_carries_the_same_idempotency_key(scripted: tuple[Scripted, str], studio: StudioClient) -> None:
    script, _ = scripted
    script.answers = [hangs_up, says({"turn_id": "t1"}, 202), says({"turn_id": "t2"}, 202)]

    assert await studio.send("c", {"text": "x"}) == "t1"
    assert await studio.send("c", {"text": "x"}) == "t2"
    first, again, other = (headers["Idempotency-Key"] for _, _, headers, _ in script.asked)
    assert first == again != other


async def test_an_upload_is_repeated_whole(scripted: tuple[Scripted, str], studio: StudioClient, tmp_path: Path) -> None:
    script, _ = scripted
    script.answers = [hangs_up, says({"id": "a1"}, 201)]
    (tmp_path / "p.png").write_bytes(b"picture bytes")

    assert await studio.upload(tmp_path / "p.png") == "a1"
    assert [body.count(b"picture bytes") for *_, body in script.asked] == [1, 1]


async def test_a_file_that_is_not_there_is_not_sent(studio: StudioClient, tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match=r"nothing\.png"):
        await studio.upload(tmp_path / "nothing.png")


@pytest.mark.parametrize("body", [b"<html>gateway</html>", b"[1]", b""])
async def test_an_answer_that_is_no_problem_json_is_still_a_problem(
    scripted: tuple[Scripted, str], studio: StudioClient, body: bytes
) -> None:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, status=502)

    scripted[0].answers = [answer]
    with pytest.raises(Refused) as raised:
        await studio.rate("t", "up")

    assert raised.value.as_dict()["status"] == 502


async def test_who_we_are_is_kept_for_ourselves_only(
    scripted: tuple[Scripted, str], studio: StudioClient, tmp_path: Path
) -> None:
    script, _ = scripted
    script.answers = [says({"token": "st_abc"}, 201), says({"account_id": "me"})]
    await studio.sign_in()
    await studio.sign_in()
    kept = tmp_path / "secrets" / "terminal.json"

    assert [(method, path) for method, path, *_ in script.asked] == [("POST", "/api/v1/me/tokens"), ("GET", "/api/v1/me")]
    assert script.asked[1][2]["Authorization"] == "Bearer st_abc"
    assert json.loads(kept.read_text()) == {"http://usual": "st_abc"}
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


async def test_a_token_that_is_not_known_any_more_is_replaced(
    scripted: tuple[Scripted, str], studio: StudioClient, tmp_path: Path
) -> None:
    Home(tmp_path).keep("http://elsewhere", "other")
    Home(tmp_path).keep("http://usual", "old")
    scripted[0].answers = [says({"code": "no_account"}, 401), says({"token": "new"}, 201)]
    await studio.sign_in()

    assert "Authorization" not in scripted[0].asked[1][2]
    assert [Home(tmp_path).token(server) for server in ("http://usual", "http://elsewhere")] == ["new", "other"]


def test_a_spoilt_file_of_tokens_is_like_none(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "terminal.json").write_text("{half")

    assert Home(tmp_path).token("http://usual") is None


async def test_the_last_conversation_can_be_gone_on_with(scripted: tuple[Scripted, str], studio: StudioClient) -> None:
    scripted[0].answers = [
        says({"items": [{"id": "c9"}], "next": None}),
        says({"id": "c9", "last_event_id": 7}),
        says({"items": [], "next": None}),
        says({"id": "c1", "last_event_id": 0}, 201),
        says({"id": "c5", "last_event_id": 2}),
    ]

    assert await studio.conversation("last") == ("c9", 7)
    assert await studio.conversation("last") == ("c1", 0)
    assert await studio.conversation("c5") == ("c5", 2)


async def test_a_picture_that_cannot_be_fetched_says_why(
    scripted: tuple[Scripted, str], studio: StudioClient, tmp_path: Path
) -> None:
    scripted[0].answers = [says({"code": "asset_not_found", "detail": "Gone."}, 404)]
    with pytest.raises(Refused, match="Gone"):
        await studio.download("a", tmp_path / "a.png")
