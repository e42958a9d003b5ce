"""Alive, ready, counted, administered, described; and nobody's words in logs or numbers."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import openapi_spec_validator
import pytest

from base import log, schema
from base.clock import SystemClock
from base.ids import new_id
from executor.errors import BucketMissing, LineFull, NotAdmitted, TooManyWaiting
from executor.model import Lane, Owner, Run, RunStatus
from tests.web.conftest import Site, problem
from tests.web.fakes import PLAN, PNG
from web import openapi
from web.api.runs import chosen_lane
from web.health import from_here

ROOT = Path(__file__).resolve().parents[2]
ADMIN = {"Authorization": "Bearer admin-secret"}
CANARY = "ultramarine-quokka-canary"


@pytest.fixture
def current_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    async def is_current(_url: str) -> bool:
        return True

    monkeypatch.setattr(schema, "is_current", is_current)


async def test_alive_needs_nothing(site: Site) -> None:
    site.behind.catalogue.is_warm = False
    async with site.client() as client:
        assert (await client.get("/healthz")).json() == {"alive": True}


async def test_ready_names_what_is_missing(site: Site, current_schema: None) -> None:
    site.behind.catalogue.is_warm, site.behind.pool.instances = False, 0
    async with site.client() as client:
        site.behind.assets.away = BucketMissing()
        told = problem(await client.get("/readyz"), 503, "not_ready")
        assert told["missing"] == ["models", "pool", "storage"]
        assert "STATIONTHIS_S3_BUCKET" in told["detail"]
        assert "create it" in told["reasons"]["storage"]["action"]
        site.behind.assets.away = None
        answer = await client.get("/readyz")
        assert problem(answer, 503, "not_ready")["missing"] == ["models", "pool"]
        assert answer.headers["retry-after"] == "1"
        site.behind.catalogue.is_warm, site.behind.pool.instances = True, 1
        assert (await client.get("/readyz")).json() == {
            "ready": True,
            "models": True,
            "pool": True,
            "schema": True,
            "database": True,
            "storage": True,
        }


async def test_without_redis_it_is_ready_and_says_that_it_is_slower(site: Site, current_schema: None) -> None:
    site.behind.redis_silent_s[0] = 2.0
    async with site.client(Authorization="Bearer admin-secret") as client:
        assert "degraded" not in (await client.get("/readyz")).json()
        site.behind.redis_silent_s[0] = 16.0
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()["degraded"]) == (200, ["redis"])
        assert "stationthis_redis_silent_seconds 16.0" in (await client.get("/metrics")).text


async def test_without_a_worker_it_is_ready_once_anything_is_known(site: Site, current_schema: None) -> None:
    site.behind.pool.workers, site.behind.pool.instances = False, 0
    async with site.client(Authorization="Bearer admin-secret") as client:
        told = problem(await client.get("/readyz"), 503, "not_ready")
        assert (told["missing"], told["reasons"]["pool"]["code"]) == (["pool"], "no_worker")
        assert "No worker has run yet" in told["detail"]
        assert (await client.get("/api/v1/admin/status")).json()["instances"] == 0
        site.behind.pool.instances = 1
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.json()["degraded"]) == (200, ["workers"])


async def test_info_says_honestly_what_can_be_made(site: Site) -> None:
    site.behind.catalogue.is_warm = False
    async with site.client() as client:
        info = (await client.get("/api/v1/info")).json()
    assert info["capabilities"]["image"] == {"status": "sketch", "reason": "No GPU is connected."}
    assert info["capabilities"]["video"]["status"] == "unavailable"
    assert info["starting"] is True
    site.behind.catalogue.is_warm = True
    async with site.client() as client:
        assert (await client.get("/api/v1/info")).json()["starting"] is False
    assert (info["mode"], info["planner"], info["limits"]["text_chars"]) == ("embedded", "embedded", 8000)


async def test_tools_are_listed_searched_and_shown(site: Site) -> None:
    async with site.client() as client:
        listed = (await client.get("/api/v1/tools", params={"q": "bigger", "limit": 5})).json()
        assert [tool["name"] for tool in listed["items"]] == ["scale"]
        assert (await client.get("/api/v1/tools/scale")).json()["params"]["factor"]["default"] == 2.0
        problem(await client.get("/api/v1/tools/nothing"), 404, "tool_not_found")


async def test_credits_are_not_made_up(person: httpx.AsyncClient) -> None:
    credits = (await person.get("/api/v1/me/credits")).json()
    assert (credits["balance"], credits["currency"]) == (None, "credits")


async def test_a_run_is_confirmed_and_cancelled_once(site: Site, person: httpx.AsyncClient) -> None:
    me = (await person.get("/api/v1/me")).json()["account_id"]
    run = Run(
        new_id(), Owner(me, "standard", f"account:{me}"), None, RunStatus.WAITING, PLAN, SystemClock().now()
    )
    site.behind.runs.put(run)
    url = f"/api/v1/runs/{run.id}"
    assert (await person.get(url)).json()["status"] == "waiting"
    assert (await person.post(f"{url}/confirm")).status_code == 202
    problem(await person.post(f"{url}/confirm"), 409, "not_waiting")
    assert (await person.post(f"{url}/cancel")).status_code == 202
    problem(await person.post(f"{url}/cancel"), 409, "already_ended")
    assert [item["status"] for item in (await person.get("/api/v1/runs")).json()["items"]] == ["cancelled"]


async def test_the_admin_api_wants_its_key(site: Site, person: httpx.AsyncClient) -> None:
    problem(await person.get("/api/v1/admin/status"), 401, "admin_only")
    problem(
        await person.get("/api/v1/admin/status", headers={"Authorization": "Bearer wrong"}), 403, "admin_only"
    )
    token = (await person.post("/api/v1/me/tokens", json={"name": "x"})).json()["token"]
    problem(
        await person.get("/api/v1/admin/status", headers={"Authorization": f"Bearer {token}"}),
        403,
        "admin_only",
    )
    status = (await person.get("/api/v1/admin/status", headers=ADMIN)).json()
    assert status["counts"]["accounts"] == {"all": 1}
    assert status["counts"]["conversations"] == {"all": 1}
    assert status["instances"] == 1


async def test_metrics_count_by_template(person: httpx.AsyncClient) -> None:
    await person.get(f"/api/v1/conversations/{new_id()}")
    text = (await person.get("/metrics")).text
    assert 'method="GET",route="/api/v1/conversations/{conversation_id}",status="404"} 1.0' in text
    assert 'stationthis_rows{state="all",table="accounts"} 1.0' in text


async def test_metrics_from_afar_want_the_admin_key(site: Site) -> None:
    afar = {"X-Forwarded-For": "203.0.113.9"}
    async with site.client(**afar) as client:
        problem(await client.get("/metrics"), 401, "admin_only")
        assert (await client.get("/metrics", headers=ADMIN)).status_code == 200


@pytest.mark.parametrize(
    ("host", "here"), [("127.0.0.1", True), ("::1", True), ("10.0.0.1", False), ("name", False)]
)
def test_here_is_this_machine(host: str, here: bool) -> None:
    from starlette.requests import Request

    assert from_here(Request({"type": "http", "client": (host, 1), "headers": []})) is here


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    import logging

    root = logging.getLogger()
    before, level = root.handlers, root.level
    stream = io.StringIO()
    log.configure("DEBUG", stream)
    yield stream
    root.handlers = before
    root.setLevel(level)


async def test_nobody_s_words_reach_logs_or_metrics(
    logged: io.StringIO, site: Site, person: httpx.AsyncClient
) -> None:
    """The canary: a word in everything a person can send is nowhere in what an operator reads."""
    conversation = (await person.get("/api/v1/conversations")).json()["items"][0]["id"]
    url = f"/api/v1/conversations/{conversation}"
    await person.post(f"{url}/messages", json={"text": CANARY}, headers={"Idempotency-Key": CANARY})
    await person.post(f"{url}/messages", json={"text": CANARY * 1000})
    await person.post(f"{url}/messages", json={CANARY: CANARY})
    await person.post(
        f"{url}/messages", content=f'{{"{CANARY}'.encode(), headers={"Content-Type": "application/json"}
    )
    await person.patch(url, json={"title": CANARY})
    await person.post("/api/v1/me/tokens", json={"name": CANARY})
    await person.post("/api/v1/assets", files={"file": (f"{CANARY}.png", PNG + CANARY.encode())})
    await person.post("/api/v1/assets", files={"file": (f"{CANARY}.png", CANARY.encode())})
    await person.get("/api/v1/tools", params={"q": CANARY})
    await person.get(f"/api/v1/{CANARY}", headers={"User-Agent": CANARY, "Referer": CANARY, "Cookie": CANARY})
    await person.get("/api/v1/me", headers={"Authorization": f"Bearer {CANARY}"})

    async def broken(*_args: object) -> None:
        raise RuntimeError(CANARY)

    site.behind.runs.page = broken  # type: ignore[method-assign, assignment]
    await person.get("/api/v1/runs", params={"after": CANARY})
    assert (await person.get("/api/v1/runs")).status_code == 500
    numbers = (await person.get("/metrics")).text
    assert logged.getvalue().count("answered") > 10
    assert CANARY not in logged.getvalue()
    assert CANARY not in numbers


def test_the_description_is_current() -> None:
    committed = (ROOT / "web" / "openapi.json").read_text(encoding="utf-8")
    assert committed == openapi.text(), "run: python -m web.openapi > web/openapi.json"


async def test_the_description_is_valid_and_complete(site: Site) -> None:
    async with site.client() as client:
        document = (await client.get("/api/v1/openapi.json")).json()
    openapi_spec_validator.validate(document)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["tags"], path
            assert operation["summary"], path
            assert operation["description"], path
            assert any(status.startswith("2") for status in operation["responses"]), path
            assert "default" in operation["responses"], path
            if method == "post":
                names = [parameter["name"] for parameter in operation["parameters"]]
                assert "idempotency-key" in names, path


def test_listening_imports_nothing_heavy() -> None:
    code = "import sys, web.app, web.server; print([m for m in ('torch', 'litellm', 'qdrant_client', 'scipy', " \
           "'sentence_transformers') if m in sys.modules])"  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("named", "by_token", "lane"),
    [(None, True, Lane.LOW), (None, False, Lane.NORMAL), ("normal", True, Lane.NORMAL), ("high", True, Lane.HIGH)],
)
def test_a_program_that_names_no_lane_lets_others_go_first(named: str | None, by_token: bool, lane: Lane) -> None:
    assert chosen_lane(named, by_token=by_token) is lane


async def test_the_highest_lane_is_the_operators(site: Site) -> None:
    order = {"tool": "text_to_image", "params": {"prompt": "a fox"}, "lane": "high"}
    async with site.client() as client:
        for headers in ({}, {"X-Admin-Key": "guessed"}):
            problem(await client.post("/api/v1/runs", json=order, headers=headers), 403, "operator_lane")


@pytest.mark.parametrize(("kind", "code"), [(TooManyWaiting, "too_many_waiting"), (LineFull, "line_full")])
async def test_who_is_not_let_in_hears_when_to_come_again(site: Site, kind: type[NotAdmitted], code: str) -> None:
    site.behind.runs.refuses = kind("Enough waits already.", retry_after=40)
    async with site.client() as client:
        assert (await client.post("/api/v1/conversations")).status_code == 201
        picture = (await client.post("/api/v1/assets", files={"file": ("a.png", PNG)})).json()["id"]
        order = {"tool": "scale", "inputs": {"image": [{"asset_id": picture}]}}
        headers = {"Idempotency-Key": "once"}
        answer = await client.post("/api/v1/runs", json=order, headers=headers)
        assert problem(answer, 429, code)["retry_after"] == 40
        assert answer.headers["retry-after"] == "40"
        site.behind.runs.refuses = None
        assert (await client.post("/api/v1/runs", json=order, headers=headers)).status_code == 202

