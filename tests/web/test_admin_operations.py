"""The operator's view and verbs over HTTP, on both databases, and the same in numbers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert

from base.crypto import DataKey, new_secret
from base.ids import new_id
from base.periodic import Periodic, PeriodicRunner
from executor import roster
from executor.model import JobStatus, Lane, Tag, WorkerState
from executor.tables import jobs, runs
from executor.watch.alerts import Alerts
from executor.watch.figures import Figures
from executor.watch.rules import Bounds
from executor.watch.tallying import Tallying
from tests.patience import PATIENCE_S
from tests.web.conftest import Site, problem

ADMIN = {"Authorization": "Bearer admin-secret"}
BASE = "/api/v1/admin"


@pytest.fixture
async def operator(both_sites: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with both_sites.client(**ADMIN) as client:
        yield client


async def working(site: Site, worker_id: str) -> None:
    studio = site.behind.studio
    async with studio.db.write() as tx:
        await roster.beat(tx, worker_id, [Tag.DEFAULT, Tag.VIDEO], studio.clock.now())


async def put_job(site: Site, status: JobStatus, *, lane: Lane = Lane.NORMAL, age_s: float = 0.0, **more: Any) -> None:
    studio = site.behind.studio
    sealed = DataKey("s", new_secret()).seal({})
    at = studio.clock.now() - timedelta(seconds=age_s)
    whose = {"account_id": "a", "tier": "standard", "scope": "s", "correlation_id": "c", "lane": lane, "created_at": at}
    run_id = new_id()
    values = {
        "id": new_id(), "run_id": run_id, "step_id": "s1", "tool": "scale", "tag": Tag.DEFAULT, "step": sealed,
        "expect_s": 1.0, "due_at": at, "status": status, **whose, **more,
    }  # fmt: skip
    async with studio.db.write() as tx:
        await tx.execute(insert(runs).values(id=run_id, status="active", plan=sealed, **whose))
        await tx.execute(insert(jobs).values(**values))


async def test_nothing_of_it_without_the_key(both_sites: Site) -> None:
    async with both_sites.client() as nobody:
        for path in ("workers", "queue", "instances", "periodic", "alerts", "events"):
            problem(await nobody.get(f"{BASE}/{path}"), 401, "admin_only")
        problem(await nobody.post(f"{BASE}/workers/pause"), 401, "admin_only")


async def test_workers_are_seen_and_told(both_sites: Site, operator: httpx.AsyncClient) -> None:
    await working(both_sites, "one-1")
    await working(both_sites, "two-2")
    listed = (await operator.get(f"{BASE}/workers")).json()["items"]
    assert [(w["id"], w["wanted"], w["jobs"]) for w in listed] == [("one-1", "active", 0), ("two-2", "active", 0)]
    assert listed[0]["tags"] == ["default", "video"]
    answer = await operator.post(f"{BASE}/workers/one/pause", headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()) == (202, {"told": 1})
    assert await wanted(operator) == {"one-1": "paused", "two-2": "active"}
    assert (await operator.post(f"{BASE}/workers/drain")).json() == {"told": 2}
    assert (await operator.post(f"{BASE}/workers/two-2/resume")).json() == {"told": 1}
    assert await wanted(operator) == {"one-1": "draining", "two-2": "active"}
    problem(await operator.post(f"{BASE}/workers/three/pause"), 404, "worker_not_found")
    problem(await operator.post(f"{BASE}/workers/one-1/shout"), 422, "invalid_input")


async def wanted(operator: httpx.AsyncClient) -> dict[str, str]:
    return {w["id"]: w["wanted"] for w in (await operator.get(f"{BASE}/workers")).json()["items"]}


async def test_the_queue_is_counted_by_lane_tag_and_status(both_sites: Site, operator: httpx.AsyncClient) -> None:
    assert (await operator.get(f"{BASE}/queue")).json() == {"waiting": 0, "at_work": 0, "oldest_s": None, "groups": []}
    await put_job(both_sites, JobStatus.QUEUED, age_s=100)
    await put_job(both_sites, JobStatus.QUEUED)
    await put_job(both_sites, JobStatus.RUNNING, lane=Lane.LOW, instance="fake-0")
    await put_job(both_sites, JobStatus.COMPLETED)
    found = (await operator.get(f"{BASE}/queue")).json()
    assert (found["waiting"], found["at_work"]) == (2, 1)
    assert 100 <= found["oldest_s"] < 130
    assert found["groups"] == [
        {"lane": "normal", "tag": "default", "status": "queued", "jobs": 2},
        {"lane": "low", "tag": "default", "status": "running", "jobs": 1},
    ]
    [instance] = (await operator.get(f"{BASE}/instances")).json()["items"]
    assert (instance["id"], instance["up"], instance["jobs"]) == ("fake-0", True, 1)


async def test_what_comes_round_is_listed_and_can_be_had_now(both_sites: Site, operator: httpx.AsyncClient) -> None:
    studio, ran = both_sites.behind.studio, asyncio.Event()

    async def work() -> None:
        ran.set()

    runner = PeriodicRunner(studio.db, studio.clock, look_s=0.02, chance=lambda: 1.0)
    runner.add(Periodic("sweep", timedelta(days=1), work))
    runner.start()
    async with asyncio.timeout(PATIENCE_S):
        while not (items := (await operator.get(f"{BASE}/periodic")).json()["items"]):
            await asyncio.sleep(0.02)
        assert (items[0]["name"], items[0]["started_at"], items[0]["failures"]) == ("sweep", None, 0)
        assert (await operator.post(f"{BASE}/periodic/sweep/run")).status_code == 204
        await ran.wait()
    await runner.stop()
    problem(await operator.post(f"{BASE}/periodic/other/run"), 404, "not_found")


async def test_alerts_are_listed_and_followed(both_sites: Site, operator: httpx.AsyncClient) -> None:
    studio, dead = both_sites.behind.studio, [2]

    async def figures() -> Figures:
        return Figures(dead=dead[0])

    alerts = Alerts(studio.db, both_sites.behind.events, studio.clock, figures, Bounds(9, 9, 9, 9), None)
    await alerts.look()
    [raised] = (await operator.get(f"{BASE}/alerts")).json()["items"]
    assert (raised["key"], raised["state"], raised["severity"], raised["value"]) == ("dead_letters", "raised", "critical", 2)
    dead[0] = 0
    await alerts.look()
    [over] = (await operator.get(f"{BASE}/alerts")).json()["items"]
    assert (over["id"], over["state"]) == (raised["id"], "resolved")
    assert await followed(operator, {}, 2) == [(1, "alert.raised"), (2, "alert.resolved")]
    assert await followed(operator, {"Last-Event-ID": "1"}, 1) == [(2, "alert.resolved")]
    problem(await operator.get(f"{BASE}/events", params={"after": "3"}), 422, "invalid_cursor")


async def followed(operator: httpx.AsyncClient, headers: dict[str, str], number: int) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    async with operator.stream("GET", f"{BASE}/events", headers=headers) as answer:
        async for line in answer.aiter_lines():
            if line.startswith("data:"):
                event = json.loads(line.removeprefix("data:"))
                found.append((event["id"], event["type"]))
            if len(found) == number:
                break
    return found


async def test_the_same_in_numbers(both_sites: Site, operator: httpx.AsyncClient) -> None:
    studio = both_sites.behind.studio
    await working(both_sites, "one-1")
    async with studio.db.write() as tx:
        await roster.want(tx, WorkerState.PAUSED)
    await put_job(both_sites, JobStatus.QUEUED, age_s=50)
    await put_job(both_sites, JobStatus.DEAD, ended_at=studio.clock.now())
    tallying = Tallying(studio.db, Later(studio.clock, 5))
    await tallying.count()
    now = studio.clock.now()
    done: dict[str, Any] = {"ending": "done", "started_at": now + timedelta(seconds=0.4), "ended_at": now, "attempts": 1}
    await put_job(both_sites, JobStatus.COMPLETED, **done)
    await Tallying(studio.db, Later(studio.clock, 60)).count()
    found = numbers((await operator.get("/metrics")).text)
    assert found['stationthis_queue_jobs{"lane": "normal", "status": "queued", "tag": "default"}'] == 1
    assert 50 <= found["stationthis_queue_oldest_seconds{}"] < 80
    assert found["stationthis_dead_letters{}"] == 1
    assert found['stationthis_workers{"state": "paused"}'] == 1
    assert found['stationthis_instances{"state": "up"}'] == 1
    assert found['stationthis_jobs_ended_total{"ending": "done"}'] == 1
    assert found["stationthis_job_attempts_failed_total{}"] == 1
    assert found['stationthis_dispatch_seconds_bucket{"le": "0.5"}'] == 1
    assert found["stationthis_dispatch_seconds_count{}"] == 1


class Later:
    """A clock that is ahead of another."""

    def __init__(self, clock: Any, seconds: float) -> None:
        self._clock, self._ahead = clock, timedelta(seconds=seconds)

    def now(self) -> Any:
        return self._clock.now() + self._ahead

    def monotonic(self) -> float:
        return float(self._clock.monotonic())

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)


def numbers(text: str) -> dict[str, float]:
    """Every sample by its name and labels."""
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {f"{s.name}{json.dumps(dict(sorted(s.labels.items())))}": s.value for s in samples}


async def test_the_page_holds_nothing_and_makes_nobody(site: Site, static: Path) -> None:
    async with site.client() as nobody:
        assert (await nobody.get("/admin")).status_code == 503  # not built
        (static / "admin.html").write_text("<!doctype html><title>Operations</title>")
        answer = await nobody.get("/admin")
    assert (answer.status_code, answer.headers.get("set-cookie")) == (200, None)
    assert "Operations" in answer.text
