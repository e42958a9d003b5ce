"""Our own disk is full: that is a fault of the house. Nothing rendered is lost, nothing new is taken, and everybody is told."""

from __future__ import annotations

import asyncio
import io
import wave
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.settings import Limits
from base.testing import ManualClock
from executor import roster
from executor.assets.cleaning import Cleaner
from executor.assets.sniff import Family, Way
from executor.assets.testing import FULL, FullObjects, FullWorkshop
from executor.errors import NoRoom
from executor.overview import overview
from executor.room import Room, free_bytes, needed
from executor.rules import lacks_room
from executor.testing import FaultyComfy, picture
from executor.watch.rules import Bounds, readings, sentence
from tests.examples import examples
from tests.executor.conftest import Floor, create, eventually, resize
from tests.executor.test_media import upload
from tools.model import AssetRef

BOUNDS = Bounds(queue=10, wait_s=60, away_s=30, lease_s=90)


@examples(200)
@given(free=st.integers(0, 1000), bound=st.integers(0, 500), lacked=st.booleans())
def test_room_is_lacked_below_the_bound_and_back_at_twice_that(free: int, bound: int, lacked: bool) -> None:
    now = lacks_room(free, bound, lacked=lacked, missed=False)
    assert now is (free < bound or (lacked and free < 2 * bound))
    assert lacks_room(free, bound, lacked=now, missed=False) is now  # nothing goes to and fro
    assert lacks_room(free, bound, lacked=lacked, missed=True)


async def test_a_miss_is_believed_for_a_while_whatever_the_disk_says(clock: ManualClock, tmp_path: Path) -> None:
    free = [100]
    room = Room(tmp_path / "not" / "yet", 10, clock, 60.0, lambda _: free[0])
    assert await room.look()
    room.missed()
    assert not await room.look()
    since = room.full_since
    clock.advance(59)
    assert not await room.look()
    assert room.full_since == since
    clock.advance(6)
    assert await room.look()
    free[0] = 9
    assert await room.look()  # measured a moment ago
    clock.advance(5)
    assert not await room.look()


def test_the_disk_of_a_folder_that_is_not_made_yet_is_measured(tmp_path: Path) -> None:
    assert free_bytes(tmp_path / "a" / "b") == pytest.approx(free_bytes(tmp_path), rel=0.5)


def test_only_a_full_disk_is_told_as_such() -> None:
    with pytest.raises(NoRoom), needed(), FULL.open("wb") as file:
        file.write(b"x" * 100)
        file.flush()
    with pytest.raises(FileNotFoundError), needed():
        Path("/nowhere/at/all").read_bytes()


@pytest.mark.parametrize("kind", ["picture", "sound", "text"])
async def test_the_programs_that_take_files_apart_say_that_there_is_no_room(kind: str, tmp_path: Path) -> None:
    source = tmp_path / "source"
    family = {"picture": Family(Way.PICTURE, "png"), "sound": Family(Way.STREAM, "wav"), "text": Family(Way.PLAIN, "text")}[kind]
    source.write_bytes({"picture": picture(), "sound": sound(), "text": b"words\n" * 9000}[kind])
    cleaner = Cleaner(Limits(), asyncio.Semaphore(1))
    with pytest.raises(NoRoom):
        await cleaner.clean(family, source, FULL, tmp_path / "poster")


async def test_an_upload_on_a_full_disk_is_refused_as_such_and_leaves_nothing(floor: Floor) -> None:
    async with floor.open(work=False) as executor:
        full = FullWorkshop(floor.data / "assets")
        executor.assets.intake._workshop, before = full, executor.assets.intake._workshop
        with pytest.raises(NoRoom) as refused:
            await upload(executor.assets, picture())
        assert (refused.value.status, "STATIONTHIS_DATA" in refused.value.next_step) == (503, True)
        executor.assets.intake._workshop = before
        objects = executor.assets.vault.objects = FullObjects(floor.data / "assets")
        with pytest.raises(NoRoom):
            await upload(executor.assets, picture())
        objects.full = False
        assert (await upload(executor.assets, picture())).bytes > 0
    assert list((floor.data / "assets" / "tmp").iterdir()) == []


@pytest.mark.parametrize("where", ["fetching", "keeping"])
async def test_a_full_disk_costs_no_render(both: Floor, comfy: FaultyComfy, where: str) -> None:
    async with both.open(comfy.url) as executor:
        if where == "fetching":
            full: FullWorkshop | FullObjects = FullWorkshop(both.data / "assets")
            executor.assets.intake._workshop = full  # type: ignore[assignment]
        else:
            full = executor.assets.vault.objects = FullObjects(both.data / "assets")
        run_id = await both.start(executor, create())
        waiting = (await both.until(run_id, "run.waiting"))[-1]
        assert "disk" in waiting.data["reason"]
        full.full = False
        assert (await both.until(run_id))[-1].type == "run.completed"
        [made] = await executor.runs.assets(run_id)
    assert (len(comfy.prompts), made.bytes > 0) == (1, True)


async def test_an_input_that_finds_no_room_on_its_way_is_sent_later(floor: Floor, comfy: FaultyComfy) -> None:
    async with floor.open(comfy.url) as executor:
        source = await upload(executor.assets, picture())
        full = FullWorkshop(floor.data / "assets")
        executor.assets.intake._workshop = full
        run_id = await floor.start(executor, resize("s1", AssetRef(asset_id=source.id)))
        await floor.until(run_id, "run.waiting")
        full.full = False
        assert (await floor.until(run_id))[-1].type == "run.completed"


async def test_a_worker_without_room_takes_nothing_and_everybody_is_told(both: Floor, comfy: FaultyComfy) -> None:
    async with both.open(comfy.url, limits=Limits(free_bytes=2**60)) as executor:
        run_id = await both.start(executor, create())
        waiting = (await both.until(run_id, "run.waiting"))[-1]
        assert "disk" in waiting.data["reason"]
        async with both.db.read() as tx:
            [worker] = (await overview(tx, both.clock.now(), [comfy.url], 90))["workers"]
        assert worker["state"] == "full"
        await executor.operations.look()
        assert "disk" in executor.operations.degraded()
        firing = {one.key: one for one in readings(await executor.operations.figures(), BOUNDS) if one.fires}
        assert "1 worker has no room" in sentence("disk_full", firing["disk_full"].value, 0, over=False)
    assert comfy.prompts == []
    async with both.open(comfy.url):
        assert (await both.until(run_id))[-1].type == "run.completed"


async def test_a_worker_without_room_leaves_jobs_to_others_in_silence(shared: Floor, comfy: FaultyComfy) -> None:
    async with shared.open(comfy.url) as roomy:
        async with asyncio.timeout(30):
            while True:
                async with shared.db.read() as tx:
                    if [row.id for row in await roster.everybody(tx)] == [roomy.worker.id]:
                        break
        async with shared.open(comfy.url, limits=Limits(free_bytes=2**60)) as full:
            await eventually(lambda: full.operations.degraded() == ["disk"])
            events = await shared.until(await shared.start(roomy, create()))
    assert [event.type for event in events] == ["run.queued", "run.output", "run.completed"]


def sound() -> bytes:
    """Two seconds."""
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\0\1" * 16000)
    return made.getvalue()
