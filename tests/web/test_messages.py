"""Saying things: limits, nonsense, lists."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from base.ids import new_id
from tests.web.conftest import Site, problem


async def test_a_conversation_from_its_beginning_to_its_end(person: httpx.AsyncClient) -> None:
    made = await person.post("/api/v1/conversations", json={"tier": "standard"})
    conversation = made.json()
    path = f"/api/v1/conversations/{conversation['id']}"
    assert made.headers["location"] == path
    sent = await person.post(f"{path}/messages", json={"text": "Generate a cyberpunk cityscape at night"})
    assert sent.status_code == 202
    shown = (await person.get(path)).json()
    assert [turn["id"] for turn in shown["turns"]] == [sent.json()["turn_id"]]
    assert shown["last_event_id"] == 1
    assert (await person.patch(path, json={"title": "Night city", "pinned": True})).json()[
        "title"
    ] == "Night city"
    assert (await person.delete(path)).status_code == 204
    problem(await person.get(path), 404, "conversation_not_found")


async def test_a_whole_message_may_have_8000_characters_and_no_more(person: httpx.AsyncClient) -> None:
    path = await _messages(person)
    assert (await person.post(path, json={"text": "x" * 8000})).status_code == 202
    for length in (8001, 20_000):
        problem(await person.post(path, json={"text": "x" * length}), 422, "text_too_long")


@pytest.mark.parametrize("body", [{"text": ""}, {"text": "  \n"}, {}, {"attachments": []}])
async def test_an_empty_message_is_refused(person: httpx.AsyncClient, body: dict[str, Any]) -> None:
    problem(await person.post(await _messages(person), json=body), 422, "empty_message")


@pytest.mark.parametrize("body", [b"{", b"", b"\xff\xfe", b"{'text': 'x'}", b"nope"])
async def test_what_is_not_json_is_told_so(person: httpx.AsyncClient, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await person.post(await _messages(person), content=body, headers=headers)
    problem(answer, *((422, "invalid_input") if body == b"" else (400, "invalid_json")))


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"text": 3}, "#/text"),
        ({"text": "x", "attachments": "A1"}, "#/attachments"),
        ({"text": "x", "atachments": []}, "#/atachments"),
        ({"text": "x", "attachments": [None]}, "#/attachments/0"),
        ({"text": "\ud800"}, "#/text"),
        ([], "#/"),
        ("text", "#/"),
    ],
)
async def test_a_wrong_field_is_pointed_at(person: httpx.AsyncClient, body: Any, pointer: str) -> None:
    import json

    answer = await person.post(
        await _messages(person), content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    assert pointer in [error["pointer"] for error in problem(answer, 422, "invalid_input")["errors"]]


async def test_words_that_databases_dislike_are_kept(person: httpx.AsyncClient) -> None:
    path = await _messages(person)
    text = "nul \x00, quote ', emoji 🦊, rtl \u202e, {json: [1]}"
    assert (await person.post(path, json={"text": text})).status_code == 202
    shown = (await person.get(path.removesuffix("/messages"))).json()
    assert shown["turns"][0]["text"] == text


async def test_a_megabyte_of_json_is_too_much(person: httpx.AsyncClient) -> None:
    problem(await person.post(await _messages(person), json={"text": "x" * 1_100_000}), 413, "too_large")


async def test_the_incognito_tier_is_not_pretended(person: httpx.AsyncClient) -> None:
    answer = await person.post("/api/v1/conversations", json={"tier": "incognito"})
    assert answer.status_code == 422


async def test_an_unknown_attachment_or_choice_is_refused(person: httpx.AsyncClient) -> None:
    path = await _messages(person)
    problem(await person.post(path, json={"text": "x", "attachments": [new_id()]}), 404, "asset_not_found")
    problem(await person.post(path, json={"text": "x", "reply_to": "nonsense"}), 404, "asset_not_found")
    problem(await person.post(path, json={"choice": "nonsense"}), 422, "unknown_choice")


async def test_lists_come_in_pages_without_gaps(person: httpx.AsyncClient) -> None:
    for _ in range(4):
        await person.post("/api/v1/conversations")
    seen: list[str] = []
    params: dict[str, Any] = {"limit": 2}
    while True:
        page = (await person.get("/api/v1/conversations", params=params)).json()
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        params["after"] = page["next"]
    assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize("after", ["nonsense", "", "AAAA", "ä", "-1", "null", "a" * 300])
@pytest.mark.parametrize("path", ["conversations", "assets", "runs", "me/tokens"])
async def test_a_made_up_cursor_is_refused(person: httpx.AsyncClient, path: str, after: str) -> None:
    problem(await person.get(f"/api/v1/{path}", params={"after": after}), 422, "invalid_cursor")


@pytest.mark.parametrize("limit", ["0", "101", "-1", "ten"])
async def test_a_page_has_1_to_100_items(person: httpx.AsyncClient, limit: str) -> None:
    body = problem(await person.get("/api/v1/assets", params={"limit": limit}), 422, "invalid_input")
    assert (body["errors"][0]["in"], body["errors"][0]["name"]) == ("query", "limit")


async def test_feedback_is_up_down_or_nothing(person: httpx.AsyncClient) -> None:
    turn = (await person.post(await _messages(person), json={"text": "a fox"})).json()["turn_id"]
    for rating in ("up", "down", None):
        assert (
            await person.post(f"/api/v1/turns/{turn}/feedback", json={"rating": rating})
        ).status_code == 204
    problem(
        await person.post(f"/api/v1/turns/{turn}/feedback", json={"rating": "sideways"}), 422, "invalid_input"
    )
    problem(await person.post(f"/api/v1/turns/{turn}/feedback", json={}), 422, "invalid_input")


@pytest.mark.parametrize(("method", "path", "status", "code"), [
    ("GET", "/api/v1/nothing", 404, "not_found"), ("PUT", "/api/v1/conversations", 405, "method_not_allowed"),
    ("GET", "/nothing", 404, "not_found"), ("DELETE", "/api/v1/runs", 405, "method_not_allowed"),
    ("GET", "/static/../../pyproject.toml", 404, "not_found"),
])  # fmt: skip
async def test_what_is_not_there_is_a_problem_too(
    person: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    problem(await person.request(method, path), status, code)


async def test_a_fault_of_ours_is_told_without_details_and_logged_once(
    site: Site, person: httpx.AsyncClient, capfd: pytest.CaptureFixture[str]
) -> None:
    async def broken(*_args: object) -> None:
        raise RuntimeError("a secret about a blue fox")

    site.behind.runs.page = broken  # type: ignore[method-assign, assignment]
    answer = await person.get("/api/v1/runs", headers={"X-Correlation-ID": "find-me"})
    body = problem(answer, 500, "internal")
    assert body["correlation_id"] == "find-me"
    assert "fox" not in answer.text
    out = capfd.readouterr()
    assert "fox" not in out.out + out.err
    assert (out.out + out.err).count("request_failed") == 1


@pytest.mark.parametrize(
    ("given", "kept"), [("abc-123_X", True), ("x" * 65, False), ("a b", False), ("<script>", False)]
)
async def test_a_sane_correlation_id_is_echoed(person: httpx.AsyncClient, given: str, kept: bool) -> None:
    answer = await person.get("/api/v1/me", headers={"X-Correlation-ID": given})
    assert (answer.headers["x-correlation-id"] == given) is kept


async def _messages(person: httpx.AsyncClient) -> str:
    return f"/api/v1/conversations/{(await person.post('/api/v1/conversations')).json()['id']}/messages"
