"""What an operator sees of workers and servers, from the database alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from base.printing import ago, in_words, short
from executor import presence, roster
from executor.model import Tag, WorkerState
from executor.overview import instance_rows, overview, sentences, worker_rows
from executor.providers.static import instance_id
from executor.testing import FaultyComfy
from tests.executor.conftest import Floor

URL = "http://gpu:8188"
LEASE_S = 90.0


@dataclass(frozen=True)
class Known:
    id: str
    up: bool
    since: datetime


async def test_a_worker_that_was_killed_is_silent_and_is_not_counted_as_told(both: Floor) -> None:
    now = both.clock.now()
    async with both.db.write() as tx:
        await roster.beat(tx, "killed-1", [Tag.VIDEO], now - timedelta(seconds=200))
        seen = await overview(tx, now, [], LEASE_S)
        assert next(sentences(seen)).startswith("Nobody works.")
        await roster.beat(tx, "living-2", list(Tag), now - timedelta(seconds=12))
        assert await roster.tell(tx, None, WorkerState.PAUSED, now, LEASE_S) == 1
        assert await roster.tell(tx, "kil", WorkerState.ACTIVE, now, LEASE_S) == 0
        seen = await overview(tx, now, [], LEASE_S)
    rows = worker_rows(seen, now)
    assert [(row[0], row[3], row[5], row[6]) for row in rows] == [
        ("killed-1", "silent", "3 min ago", "video"), ("living-2", "paused", "12 s ago", "all"),
    ]  # fmt: skip
    assert not next(sentences(seen)).startswith("Nobody works.")


async def test_a_server_is_away_since_the_first_who_saw_that(both: Floor) -> None:
    now, name = both.clock.now(), instance_id(URL)
    async with both.db.write() as tx:
        assert instance_rows(await overview(tx, now, [URL], LEASE_S), now)[0][2] == "not known"
        await presence.note(tx, [Known(name, False, now - timedelta(seconds=50))], now)
        await presence.note(tx, [Known(name, False, now), Known("local-abc", True, now)], now)
        there, local = instance_rows(await overview(tx, now, [URL], LEASE_S), now)
        assert there[1:3] == ["gpu:8188", "away for 50 s"]
        assert (local[0], local[2]) == ("local-abc", "up for 0 s")
        await presence.note(tx, [Known(name, True, now)], now)
        assert instance_rows(await overview(tx, now, [URL], LEASE_S), now)[0][2] == "up for 0 s"
        later = now + timedelta(seconds=LEASE_S + 1)  # nobody says anything any more
        assert [row[2] for row in instance_rows(await overview(tx, later, [URL], LEASE_S), later)] == ["not known"]


async def test_a_worker_says_who_is_there_and_the_admin_api_lists_the_same(both: Floor, comfy: FaultyComfy) -> None:
    async with both.open(comfy.url) as executor:
        for up in (True, False):
            while (await _said(both)).get(instance_id(comfy.url)) is not up:
                await both.clock.sleep(0.02)
            if up:
                await comfy.die()
        async with both.db.write() as tx:
            await presence.note(tx, [Known("local-other", True, both.clock.now())], both.clock.now())
            seen = await overview(tx, both.clock.now(), [comfy.url], LEASE_S)
        told = await executor.operations.instances()
    assert [(row["id"], row["up"]) for row in told] == [(row["id"], row["up"]) for row in seen["instances"]]
    assert [row["sketch"] for row in told] == [False, True]


async def _said(floor: Floor) -> dict[str, bool]:
    async with floor.db.read() as tx:
        return {name: each.up for name, each in (await presence.seen(tx, floor.clock.now(), LEASE_S)).items()}


@pytest.mark.parametrize(
    ("seconds", "words"), [(12, "12 s"), (119, "119 s"), (600, "10 min"), (9000, "2.5 h"), (259_200, "3 days")]
)
def test_times_are_short(seconds: float, words: str) -> None:
    now = datetime.fromisoformat("2026-01-09T00:00:00+00:00")
    assert in_words(seconds) == words
    assert ago((now - timedelta(seconds=seconds)).isoformat(), now) == f"{words} ago"
    assert ago((now + timedelta(seconds=seconds)).isoformat(), now) == f"in {words}"


def test_ids_are_as_long_as_it_takes_to_tell_them_apart() -> None:
    """Those of the same minute begin alike: a command that is given what was shown must find one."""
    found = short(["01a1ff6f-caeb-7383-9b06-12438af02e97", "01a1ff6f-caeb-7384-9b06-12438af02e97"])
    assert list(found.values()) == ["01a1ff6f-caeb-7383", "01a1ff6f-caeb-7384"]
    assert list(short(["01a1ff6f-caeb-7383-9b06-12438af02e97"]).values()) == ["01a1ff6f"]
