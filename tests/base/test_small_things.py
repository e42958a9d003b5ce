"""Clock, ids, bell, lock, errors and the HTTP client: small parts, each with its promise."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from base import errors
from base.bell import MAX_WAITING, LocalBell
from base.clock import SystemClock, rfc3339
from base.errors import DataFolderLocked, NotFound, Problem, Reportable
from base.http import client
from base.ids import is_id, new_id
from base.lock import data_folder_lock
from base.testing import ManualClock
from tests.patience import PATIENCE_S


async def test_sleepers_wake_in_order_when_the_clock_is_moved(clock: ManualClock) -> None:
    woken: list[int] = []

    async def sleeper(seconds: int) -> None:
        await clock.sleep(seconds)
        woken.append(seconds)

    tasks = [asyncio.create_task(sleeper(seconds)) for seconds in (30, 10, 20)]
    await asyncio.sleep(0)
    clock.advance(20)
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    clock.advance(10)
    await asyncio.gather(*tasks)

    assert woken == [10, 20, 30]
    assert clock.now() == datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=30)


async def test_the_machines_clock_is_aware_and_never_goes_back() -> None:
    clock = SystemClock()
    before = clock.monotonic()
    await clock.sleep(0)

    assert clock.monotonic() >= before
    assert clock.now().tzinfo is UTC


def test_moments_are_written_in_utc_with_milliseconds() -> None:
    moment = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))

    assert rfc3339(moment) == "2026-11-21T10:00:00.123Z"


def test_ids_sort_by_the_time_they_were_made() -> None:
    ids = [new_id() for _ in range(1000)]

    assert ids == sorted(ids)
    assert len(set(ids)) == 1000
    assert all(map(is_id, ids))


SOME_ID = "01a1fbed-8bce-74ce-bc71-5eaa316d9321"


@pytest.mark.parametrize("text", ["", "1", "../../etc/passwd", SOME_ID.upper(), f"{SOME_ID}\n", SOME_ID[:-1]])
def test_nonsense_is_not_an_id(text: str) -> None:
    assert not is_id(text)


async def test_a_ring_before_the_wait_is_not_lost() -> None:
    bell = LocalBell()
    with bell.listen("jobs") as listener:
        bell.ring("jobs")
        async with asyncio.timeout(PATIENCE_S):
            assert await listener.wait(2 * PATIENCE_S) == []


async def test_a_slow_listener_keeps_the_newest_messages_only() -> None:
    bell = LocalBell()
    with bell.listen("run:1") as listener:
        for n in range(MAX_WAITING + 10):
            bell.publish("run:1", {"n": n})
        messages = await listener.wait(60)

    assert [message["n"] for message in messages] == list(range(10, MAX_WAITING + 10))


async def test_nobody_is_woken_for_another_topic_or_after_leaving() -> None:
    bell = LocalBell()
    with bell.listen("a") as listener:
        bell.publish("b", {})
        assert await listener.wait(0) == []
    bell.ring("a")

    assert bell._listeners == {}


def test_one_process_only_holds_a_data_folder(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from base.lock import data_folder_lock\n"
        "with data_folder_lock(Path(sys.argv[1]), 'stationthis chat'): print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(DataFolderLocked) as raised, data_folder_lock(tmp_path):
            pass
        holder.kill()

    assert raised.value.facts == {"pid": str(holder.pid), "program": "stationthis chat"}
    assert f"Process {holder.pid} (stationthis chat)" in str(raised.value)
    assert "STATIONTHIS_DATABASE_URL" in raised.value.next_step
    with data_folder_lock(tmp_path):
        assert (tmp_path / "serve.lock").read_text() == f"{os.getpid()} stationthis serve"


def test_a_problem_says_what_to_do_next() -> None:
    body = NotFound().as_dict("abc")

    assert body == {
        "type": "urn:stationthis:problem:not_found",
        "title": "Not found",
        "status": 404,
        "detail": "There is nothing here under that id, or it is not yours.",
        "code": "not_found",
        "action": "Check the id; lists show what you own.",
        "correlation_id": "abc",
    }
    assert json.dumps(body)


def test_a_problem_takes_facts_and_another_next_step() -> None:
    body = Problem("It broke.", action="Mend it.", limit=3).as_dict()

    assert (body["detail"], body["action"], body["limit"]) == ("It broke.", "Mend it.", 3)


def test_every_problem_of_the_base_is_drawn_in_its_tree() -> None:
    names = [name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Reportable)]

    assert all(name in (errors.__doc__ or "") for name in names)


async def test_the_http_client_follows_no_redirect_and_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with client("http://127.0.0.1:1") as made:
        assert made.follow_redirects is False
        assert made.trust_env is False
        assert made.timeout.read is not None
