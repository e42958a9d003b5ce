"""An operator is told once when something begins and once when it is over, in a log, a stream and a webhook on a real socket."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from base.bell import LocalBell
from base.crypto import HOUSE
from base.db import Database
from base.events import EventLog
from base.testing import ManualClock, MemoryKeyStore
from executor.model import JobStatus, Lane, Tag, WorkerState
from executor.watch import store
from executor.watch.alerts import REPEATED_AFTER, STREAM, Alerts
from executor.watch.figures import Figures, Group, Heartbeat, Queue
from executor.watch.rules import Bounds, Reading, Severity, Told, changes, readings, sentence
from executor.watch.tallying import BUCKETS, LATE, Tallying, bucket, tallied
from executor.watch.webhook import DELIVERY, SIGNATURE, TIMESTAMP, Webhook, delivery

BOUNDS = Bounds(queue=10, wait_s=60, away_s=30, lease_s=90)
SECRET = b"between us"
WELL = Figures(heartbeats=[Heartbeat(1, WorkerState.ACTIVE)], away=[("static-1", True, 1000)], failing=[("sweep", 0)])


def waiting(jobs: int, oldest_s: float) -> Queue:
    return Queue((Group(Lane.NORMAL, Tag.DEFAULT, JobStatus.QUEUED, jobs, oldest_s),))


def firing(figures: Figures) -> set[str]:
    return {reading.key for reading in readings(figures, BOUNDS) if reading.fires}


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        (WELL, set()),
        (replace(WELL, dead=1), {"dead_letters"}),
        (replace(WELL, queue=waiting(11, 5)), {"queue_depth"}),
        (replace(WELL, queue=waiting(10, 61)), {"oldest_wait"}),
        (replace(WELL, heartbeats=[Heartbeat(91, WorkerState.ACTIVE), Heartbeat(1, WorkerState.ACTIVE)]), {"workers_silent"}),
        (replace(WELL, heartbeats=[Heartbeat(900, WorkerState.ACTIVE), Heartbeat(1, WorkerState.ACTIVE)]), set()),
        (replace(WELL, heartbeats=[Heartbeat(900, WorkerState.ACTIVE, 1), Heartbeat(1, WorkerState.ACTIVE)]), {"workers_silent"}),
        (replace(WELL, heartbeats=[Heartbeat(900, WorkerState.ACTIVE)]), {"workers_silent"}),
        (replace(WELL, queue=waiting(1, 91), heartbeats=[]), {"oldest_wait", "no_worker:default"}),
        (replace(WELL, queue=waiting(1, 91), heartbeats=[Heartbeat(1, WorkerState.PAUSED)]),
         {"oldest_wait", "workers_paused:default"}),
        (replace(WELL, queue=waiting(1, 91), heartbeats=[Heartbeat(1, WorkerState.PAUSED), Heartbeat(1, WorkerState.ACTIVE)]),
         {"oldest_wait"}),
        (replace(WELL, queue=waiting(1, 91), heartbeats=[Heartbeat(1, WorkerState.ACTIVE, tags=(Tag.VIDEO,))]),
         {"oldest_wait", "no_worker:default"}),
        (replace(WELL, queue=waiting(1, 59), heartbeats=[Heartbeat(1, WorkerState.ACTIVE, tags=(Tag.VIDEO,))]), set()),
        (replace(WELL, adrift={Tag.VIDEO: 1}, heartbeats=[Heartbeat(1, WorkerState.ACTIVE, tags=(Tag.DEFAULT,))]),
         {"no_worker:video"}),
        (replace(WELL, adrift={Tag.VIDEO: 1}), set()),
        (replace(WELL, away=[("static-1", False, 31)]), {"instance_away:static-1"}),
        (replace(WELL, heartbeats=[Heartbeat(1, WorkerState.ACTIVE, full=True)]), {"disk_full"}),
        (replace(WELL, redis_silent_s=2.1), set()),
        (replace(WELL, redis_silent_s=16.0), {"redis_away"}),
        (replace(WELL, away=[("static-1", False, 29)]), set()),
        (replace(WELL, failing=[("sweep", 2)]), set()),
        (replace(WELL, failing=[("sweep", 3)]), {"periodic_failing:sweep"}),
    ],
)  # fmt: skip
def test_what_is_told_follows_from_the_figures(figures: Figures, expected: set[str]) -> None:
    assert firing(figures) == expected


@pytest.mark.parametrize("key", ["workers_silent", "dead_letters", "queue_depth", "no_worker:video", "workers_paused:video"])
def test_one_is_told_of_as_one(key: str) -> None:
    one, several = (sentence(key, n, 0, over=False) for n in (1, 2))
    assert one.startswith("1 ")
    assert not {"1 workers", "1 jobs"} & {" ".join(one.split()[:2])}
    assert several.split()[1].endswith("s")


@pytest.mark.parametrize(("up", "ends"), [(True, ["a"]), (False, [])])
def test_a_server_that_we_have_only_begun_to_look_for_ends_no_alert(up: bool, ends: list[str]) -> None:
    """Another process told of it; this one was just started."""
    found = readings(replace(WELL, away=[("static-1", up, 1)]), BOUNDS)
    assert [change.alert_id for change in changes(found, {"instance_away:static-1": Told("a", 31)})] == ends


def test_what_is_watched_no_longer_is_over() -> None:
    [change] = changes(readings(WELL, BOUNDS), {"instance_away:static-2": Told("a", 31)})
    assert (change.alert_id, change.reading.key) == ("a", "instance_away:static-2")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([True, False, None])), max_size=40))
def test_each_begins_once_and_ends_once_in_turn(history: Sequence[tuple[str, bool | None]]) -> None:
    told: dict[str, Told] = {}
    states: dict[str, bool | None] = dict.fromkeys("abc", False)
    for key, fires in history:
        states[key] = fires
        now = [Reading(k, Severity.WARNING, 1, 0, f) for k, f in states.items()]
        for change in changes(now, told):
            if change.alert_id is None:
                assert change.reading.key not in told
                told[change.reading.key] = Told("id", 1)
            else:
                del told[change.reading.key]
        assert changes(now, told) == []
    assert {key for key, fires in states.items() if fires} <= set(told)


@pytest.mark.parametrize("reading", list(readings(replace(WELL, failing=[("sweep", 3)]), BOUNDS)), ids=lambda r: r.key)
def test_everything_that_is_watched_has_a_sentence(reading: Reading) -> None:
    said = sentence(reading.key, 7, 3, over=False)
    assert "{" not in said
    assert "7" in said
    assert sentence(reading.key, 7, 3, over=True).startswith("Over: ")


# --- told, on real sockets


@dataclass
class Listener:
    """A webhook's far end."""

    url: str = ""
    status: int = 200
    heard: list[dict[str, Any]] = field(default_factory=list)
    refused: int = 0

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        expected = "sha256=" + hmac.digest(SECRET, request.headers[TIMESTAMP].encode() + b"." + body, "sha256").hex()
        assert hmac.compare_digest(request.headers[SIGNATURE], expected)
        if self.status != 200:
            self.refused += 1
            return web.Response(status=self.status)
        told = json.loads(body)
        assert request.headers[DELIVERY] == delivery(told["alert"])
        assert told["text"] == told["content"]
        self.heard.append(told["alert"])
        return web.Response()

    @property
    def news(self) -> list[tuple[str, str]]:
        return [(alert["key"], alert["state"]) for alert in self.heard]


@asynccontextmanager
async def listening() -> AsyncIterator[Listener]:
    listener = Listener()
    app = web.Application()
    app.router.add_post("/hook", listener.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    listener.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield listener
    finally:
        await runner.cleanup()


@dataclass
class Watch:
    """Alerts whose figures are set by the test."""

    db: Database
    clock: ManualClock
    events: EventLog
    webhook: Webhook | None
    figures: Figures = WELL

    async def now(self) -> Figures:
        return self.figures

    async def look(self) -> None:
        """As any process would: nothing is remembered but what the database holds."""
        await Alerts(self.db, self.events, self.clock, self.now, BOUNDS, self.webhook).look()


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    async with listening() as opened:
        yield opened


@pytest.fixture
def watch(database: Database, clock: ManualClock, listener: Listener) -> Watch:
    events = EventLog(database, MemoryKeyStore(), LocalBell(), clock)
    return Watch(database, clock, events, Webhook(listener.url, SECRET))


async def test_told_once_when_it_begins_and_once_when_it_is_over(watch: Watch, listener: Listener) -> None:
    await watch.look()
    watch.figures = replace(WELL, dead=2)
    for _ in range(3):
        await watch.look()
    assert listener.news == [("dead_letters", "raised")]
    assert listener.heard[0]["sentence"].startswith("2 jobs were given up")
    watch.figures = WELL
    for _ in range(3):
        await watch.look()
    assert listener.news == [("dead_letters", "raised"), ("dead_letters", "resolved")]
    told = [(event.number, event.type, event.data["key"]) for event in await watch.events.read(STREAM)]
    assert told == [(1, "alert.raised", "dead_letters"), (2, "alert.resolved", "dead_letters")]


async def test_more_dead_letters_are_told_again_and_it_is_over_when_none_is_left(watch: Watch, listener: Listener) -> None:
    async def lie(number: int, after_s: float = 0) -> None:
        watch.clock.advance(after_s)
        watch.figures = replace(WELL, dead=number)
        await watch.look()

    def told() -> list[float]:
        return [alert["value"] for alert in listener.heard]

    await lie(1)
    await lie(3)
    assert told() == [1]  # not with every letter of a flood
    await lie(3, after_s=REPEATED_AFTER.total_seconds())
    assert told() == [1, 3]
    assert listener.heard[1]["sentence"].startswith("3 jobs were given up")
    assert listener.heard[1]["id"] == listener.heard[0]["id"]
    await lie(3, after_s=7_200)
    await lie(2, after_s=7_200)
    assert told() == [1, 3]  # hours later they still lie there, and nobody says that it is over
    await lie(3, after_s=1)
    assert told() == [1, 3, 3]
    await lie(0)
    assert listener.news == [("dead_letters", "raised")] * 3 + [("dead_letters", "resolved")]


async def test_without_a_webhook_more_is_told_in_the_stream(watch: Watch) -> None:
    watch.webhook = None
    for number in (1, 2, 2, 0):
        watch.figures = replace(WELL, dead=number)
        await watch.look()
        watch.clock.advance(REPEATED_AFTER.total_seconds())
    told = [(event.type, event.data["value"]) for event in await watch.events.read(STREAM)]
    assert told == [("alert.raised", 1), ("alert.raised", 2), ("alert.resolved", 0)]


async def test_a_receiver_that_is_away_hears_of_it_later_and_in_order(watch: Watch, listener: Listener) -> None:
    listener.status = 503
    watch.figures = replace(WELL, dead=1)
    await watch.look()
    watch.figures = WELL
    await watch.look()
    assert listener.refused == 2  # the second piece of news did not wait for the pause of the first
    listener.status = 200
    await watch.look()
    assert listener.news == []
    for _ in range(8):
        watch.clock.advance(15)
        await watch.look()
    assert listener.news == [("dead_letters", "raised"), ("dead_letters", "resolved")]


async def test_nobody_at_the_address_stops_nothing(watch: Watch) -> None:
    watch.webhook = Webhook("http://127.0.0.1:9/", SECRET)
    watch.figures = replace(WELL, dead=1, failing=[("sweep", 3)])
    await watch.look()
    async with watch.db.read() as tx:
        assert set(await store.open_alerts(tx, watch.clock.now())) == {"dead_letters", "periodic_failing:sweep"}


async def test_a_webhook_that_is_set_later_hears_nothing_old(watch: Watch, listener: Listener) -> None:
    hook, watch.webhook = watch.webhook, None
    watch.figures = replace(WELL, dead=1)
    await watch.look()
    watch.webhook = hook
    await watch.look()
    assert listener.news == []
    watch.figures = WELL
    await watch.look()
    assert listener.news == [("dead_letters", "resolved")]


async def test_what_was_over_long_ago_is_forgotten(watch: Watch) -> None:
    watch.figures = replace(WELL, dead=1)
    await watch.look()
    watch.figures = WELL
    await watch.look()
    alerts = Alerts(watch.db, watch.events, watch.clock, watch.now, BOUNDS, None)
    watch.clock.advance(timedelta(days=29).total_seconds())
    await alerts.trim()
    async with watch.db.read() as tx:
        assert len(await store.page_of_alerts(tx, None, 10)) == 1
    watch.clock.advance(timedelta(days=2).total_seconds())
    await alerts.trim()
    async with watch.db.read() as tx:
        assert await store.page_of_alerts(tx, None, 10) == []


async def test_the_house_has_a_key_of_its_own_after_every_restart(database: Database, clock: ManualClock) -> None:
    from accounts.keys import StandardKeyStore

    sealed = (await StandardKeyStore(database, b"m" * 32, clock).key(HOUSE)).seal({"a": 1})
    assert (await StandardKeyStore(database, b"m" * 32, clock).key(HOUSE)).open(sealed) == {"a": 1}


# --- counted for ever


@given(st.floats(min_value=0, max_value=10_000))
def test_a_bucket_holds_what_is_at_most_its_bound(seconds: float) -> None:
    label = bucket(seconds)
    if label == "+Inf":
        assert seconds > BUCKETS[-1]
    else:
        lower = [bound for bound in BUCKETS if bound < float(label)]
        assert seconds <= float(label)
        assert not lower or seconds > lower[-1]


def test_endings_attempts_and_waits_are_counted(clock: ManualClock) -> None:
    now = clock.now()
    rows = [
        {"status": "completed", "ending": "done", "attempts": 0, "created_at": now, "started_at": now + timedelta(seconds=2)},
        {"status": "dead", "ending": "given_up", "attempts": 4, "created_at": now, "started_at": now + timedelta(hours=2)},
        {"status": "cancelled", "ending": None, "attempts": 0, "created_at": now, "started_at": None},
    ]
    assert tallied(rows) == [
        ("dispatch", "+Inf", 1), ("dispatch", "2.5", 1), ("job_attempts", "", 4), ("jobs_ended", "cancelled", 1),
        ("jobs_ended", "done", 1), ("jobs_ended", "given_up", 1), ("dispatch_sum", "", 7202),
    ]  # fmt: skip


async def test_two_that_count_at_once_count_nothing_twice(database: Database, clock: ManualClock) -> None:
    tallying = [Tallying(database, clock) for _ in range(2)]
    await tallying[0].count()
    clock.advance(100)
    await asyncio.gather(*(one.count() for one in tallying))
    async with database.read() as tx:
        [(name, _, value)] = await store.all_tallies(tx)
    assert (name, value) == ("cursor", clock.now().timestamp() - LATE.total_seconds())
