"""Sending twice does once, whatever is sent, on both databases."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from tests.web.conftest import Site, problem
from tests.web.fakes import PNG

KEY = {"Idempotency-Key": "0193f000-0000-7000-8000-000000000001"}


@pytest.fixture
async def sender(both_sites: Site):  # type: ignore[no-untyped-def]
    async with both_sites.client() as client:
        await client.post("/api/v1/conversations")
        yield client


async def test_a_repeated_message_is_one_turn(sender: httpx.AsyncClient) -> None:
    path = await _conversation(sender)
    first = await sender.post(f"{path}/messages", json={"text": "a fox"}, headers=KEY)
    again = await sender.post(f"{path}/messages", json={"text": "a fox"}, headers=KEY)
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert len((await sender.get(path)).json()["turns"]) == 1


async def test_ten_at_once_are_one_turn(sender: httpx.AsyncClient) -> None:
    path = await _conversation(sender)
    sent = [sender.post(f"{path}/messages", json={"text": "a fox"}, headers=KEY) for _ in range(10)]
    answers = await asyncio.gather(*sent)
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["turn_id"] for answer in answers}) == 1
    assert len((await sender.get(path)).json()["turns"]) == 1


async def test_another_body_is_a_conflict(sender: httpx.AsyncClient) -> None:
    path = await _conversation(sender)
    await sender.post(f"{path}/messages", json={"text": "a fox"}, headers=KEY)
    problem(
        await sender.post(f"{path}/messages", json={"text": "a cat"}, headers=KEY),
        409,
        "idempotency_conflict",
    )


async def test_one_key_on_two_routes_is_two_requests(sender: httpx.AsyncClient) -> None:
    first, second = await _conversation(sender), await _conversation(sender)
    one = await sender.post(f"{first}/messages", json={"text": "a fox"}, headers=KEY)
    two = await sender.post(f"{second}/messages", json={"text": "a cat"}, headers=KEY)
    assert one.json() != two.json()


@pytest.mark.parametrize(
    ("wrong", "code"), [({"text": ""}, "empty_message"), ({"words": "a fox"}, "invalid_input")]
)
async def test_a_refusal_takes_no_key(sender: httpx.AsyncClient, wrong: dict[str, str], code: str) -> None:
    path = await _conversation(sender)
    for _ in range(2):
        refused = await sender.post(f"{path}/messages", json=wrong, headers=KEY)
        problem(refused, 422, code)
        assert "idempotency-replayed" not in refused.headers
    corrected = await sender.post(f"{path}/messages", json={"text": "a fox"}, headers=KEY)
    assert corrected.status_code == 202
    assert (await sender.post(f"{path}/messages", json={"text": "a fox"}, headers=KEY)).json() == corrected.json()
    problem(await sender.post(f"{path}/messages", json={"text": "a cat"}, headers=KEY), 409, "idempotency_conflict")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (None, "without saying what it is"),
        ("application/x-www-form-urlencoded", "as application/x-www-form-urlencoded"),
        ("text/plain; charset=utf-8", "as text/plain"),
        ("a fox in the snow", "without saying what it is"),
    ],
)
async def test_a_body_that_is_not_said_to_be_json_is_415(sender: httpx.AsyncClient, kind: str | None, said: str) -> None:
    path = await _conversation(sender)
    headers = {} if kind is None else {"content-type": kind}
    for route in (f"{path}/messages", "/api/v1/runs", "/api/v1/me/tokens"):
        refused = await sender.post(route, content=b'{"text": "a fox"}', headers=headers)
        told = problem(refused, 415, "unsupported_media_type")
        assert told["detail"] == f"This call takes JSON, and the body was sent {said}."


async def test_json_of_any_name_is_taken(sender: httpx.AsyncClient) -> None:
    path = await _conversation(sender)
    for kind in ("Application/JSON; charset=utf-8", "application/problem+json"):
        taken = await sender.post(f"{path}/messages", content=b'{"text": "a fox"}', headers={"content-type": kind})
        assert taken.status_code == 202


async def test_after_a_fault_of_ours_the_retry_succeeds(both_sites: Site, sender: httpx.AsyncClient) -> None:
    path = await _conversation(sender)
    turn = (await sender.post(f"{path}/messages", json={"text": "a fox"})).json()["turn_id"]
    conversations = both_sites.behind.studio.conversations

    async def broken(*_args: object) -> None:
        raise RuntimeError

    conversations.rate = broken  # type: ignore[method-assign, assignment]
    feedback = f"/api/v1/turns/{turn}/feedback"
    problem(await sender.post(feedback, json={"rating": "up"}, headers=KEY), 500, "internal")
    del conversations.rate
    answer = await sender.post(feedback, json={"rating": "up"}, headers=KEY)
    assert answer.status_code == 204
    assert "idempotency-replayed" not in answer.headers
    assert (await sender.post(feedback, json={"rating": "up"}, headers=KEY)).headers[
        "idempotency-replayed"
    ] == "true"


async def test_a_repeated_upload_is_one_asset(both_sites: Site, sender: httpx.AsyncClient) -> None:
    first = await sender.post("/api/v1/assets", files={"file": ("a.png", PNG + b"1" * 70_000)}, headers=KEY)
    again = await sender.post("/api/v1/assets", files={"file": ("a.png", PNG + b"1" * 70_000)}, headers=KEY)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert len(both_sites.behind.assets.stored) == 1


async def test_another_file_under_the_same_key_is_a_conflict(sender: httpx.AsyncClient) -> None:
    await sender.post("/api/v1/assets", files={"file": ("a.png", PNG + b"1")}, headers=KEY)
    for name, data in (("a.png", PNG + b"2"), ("b.png", PNG + b"1"), ("a.png", PNG + b"1" * 500_000)):
        answer = await sender.post("/api/v1/assets", files={"file": (name, data)}, headers=KEY)
        problem(answer, 409, "idempotency_conflict")


async def test_a_refused_upload_may_be_tried_again(sender: httpx.AsyncClient) -> None:
    problem(
        await sender.post("/api/v1/assets", files={"file": ("a.png", b"text")}, headers=KEY),
        422,
        "not_an_image",
    )
    answer = await sender.post("/api/v1/assets", files={"file": ("a.png", PNG)}, headers=KEY)
    assert answer.status_code == 201


async def test_a_token_is_made_once(sender: httpx.AsyncClient) -> None:
    first = await sender.post("/api/v1/me/tokens", json={"name": "laptop"}, headers=KEY)
    again = await sender.post("/api/v1/me/tokens", json={"name": "laptop"}, headers=KEY)
    assert first.json() == again.json()
    assert len((await sender.get("/api/v1/me/tokens")).json()["items"]) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "a b"])
async def test_a_key_that_is_no_key_is_refused(sender: httpx.AsyncClient, key: str) -> None:
    answer = await sender.post("/api/v1/conversations", headers={"Idempotency-Key": key})
    problem(answer, 422, "invalid_idempotency_key")


async def _conversation(sender: httpx.AsyncClient) -> str:
    return f"/api/v1/conversations/{(await sender.post('/api/v1/conversations')).json()['id']}"
