"""Runs from start to end, on both databases, against a ComfyUI on loopback."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from base.events import Event
from executor.errors import AlreadyEnded, NotWaiting, RunNotFound
from executor.model import Owner, RunStatus
from executor.tables import runs
from executor.testing import FaultyComfy, picture
from tests.executor.conftest import OWNER, SECRET, Floor, create, eventually, resize
from tests.patience import PATIENCE_S
from tools.model import StepRef


async def test_a_run_goes_from_queue_to_output_to_its_one_end(both: Floor, comfy: FaultyComfy) -> None:
    async with both.open(comfy.url) as executor:
        run_id = await both.start(executor, create())
        events = await both.until(run_id)
        run = await executor.runs.get(run_id, OWNER.account_id)
        [asset] = await executor.runs.assets(run_id)
    assert [e.type for e in events] == ["run.queued", "run.output", "run.completed"]
    assert [e.number for e in events] == [1, 2, 3]
    assert events[0].data["place"] == 1
    assert events[1].data["asset"] == asset.shape()
    assert (asset.width, asset.height, asset.media_type, asset.sketch) == (48, 32, "image/png", False)
    assert asset.params == {"prompt": SECRET, "steps": 2, "seed": 7}
    assert events[2].data["cost"] == {"credits": pytest.approx(0.1), "gpu_s": 2.0}
    assert {e.data["run_id"] for e in events} == {run_id}
    assert {e.data["correlation_id"] for e in events} == {"corr-1"}
    assert (run.status, run.origin, run.plan.summary) == (RunStatus.COMPLETED, "turn:1", SECRET)


async def test_the_prompt_of_a_picture_is_neither_in_its_file_nor_in_the_database(
    floor: Floor, comfy: FaultyComfy
) -> None:
    async with floor.open(comfy.url) as executor:
        run_id = await floor.start(executor, create())
        await floor.until(run_id)
        [asset] = await executor.runs.assets(run_id)
        assert b"tEXt" not in executor.assets.path(asset).read_bytes()
    file = Path(floor.db.url.removeprefix("sqlite+aiosqlite:///"))
    stored = b"".join(path.read_bytes() for path in file.parent.glob(file.name + "*"))
    assert SECRET.encode() not in stored
    assert b"run_links" in stored


async def test_comfyui_is_spoken_to_as_it_wants(floor: Floor, comfy: FaultyComfy) -> None:
    async with floor.open(comfy.url) as executor:
        await floor.until(await floor.start(executor, create()))
    [prompt] = comfy.prompts
    assert prompt["extra_data"] == {"correlation_id": "corr-1"}
    assert comfy.origins == [None]
    assert comfy.first_messages[0] == {"type": "feature_flags", "data": {"supports_preview_metadata": True}}
    assert comfy.history == {}  # our graph does not stay where everybody can read it


async def test_steps_follow_one_another_and_only_the_last_is_delivered(both: Floor, comfy: FaultyComfy) -> None:
    steps = create(deliver=False), resize("s2", StepRef(step_id="s1"))
    async with both.open(comfy.url) as executor:
        run_id = await both.start(executor, *steps)
        events = await both.until(run_id)
        inner, outer = await executor.runs.assets(run_id)
    outputs = [e for e in events if e.type == "run.output"]
    assert [e.data["asset_id"] for e in outputs] == [outer.id]
    assert [p.asset_id for p in outer.parents] == [inner.id]
    assert (len(comfy.prompts), comfy.uploads) == (1, [])


async def test_one_picture_of_a_batch_goes_on_alone(both: Floor, comfy: FaultyComfy) -> None:
    async with both.open(comfy.url) as executor:
        run_id = await both.start(executor, create(deliver=False), resize("s2", StepRef(step_id="s1", index=0)))
        await both.until(run_id)
        inner, outer = await executor.runs.assets(run_id)
    assert [p.asset_id for p in outer.parents] == [inner.id]


async def test_a_picture_that_the_batch_does_not_have_fails_the_run(floor: Floor, comfy: FaultyComfy) -> None:
    async with floor.open(comfy.url) as executor:
        run_id = await floor.start(executor, create(), resize("s2", StepRef(step_id="s1", index=7)))
        events = await floor.until(run_id)
    assert [e.type for e in events] == ["run.queued", "run.output", "run.queued", "run.failed"]


async def test_progress_and_previews_travel_but_are_not_stored(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    comfy.preview = picture((800, 400), format="JPEG")
    seen: dict[str, dict[str, object]] = {}
    async with floor.open(comfy.url) as executor:
        run_id = await floor.start(executor, create())
        async for event in floor.events.follow(f"run:{run_id}"):
            seen[event.type] = event.data
            if {"run.progress", "run.preview"} <= seen.keys():
                break
        async with asyncio.timeout(PATIENCE_S):
            while not await executor.runs.progress(run_id):
                await asyncio.sleep(0.005)
        [last] = await executor.runs.progress(run_id)
        comfy.hold.set()
        events = await floor.until(run_id)
    assert str(seen["run.preview"]["image"]).startswith("data:image/jpeg;base64,")
    assert last["step_id"] == "s1"
    assert 0 <= last["fraction"] <= 1
    assert not {"run.progress", "run.preview"} & {e.type for e in events}


async def test_a_run_that_waits_for_a_yes_starts_with_it(both: Floor, comfy: FaultyComfy) -> None:
    async with both.open(comfy.url) as executor:
        run_id = await both.start(executor, create(), waiting=True)
        assert (await executor.runs.get(run_id, OWNER.account_id)).status is RunStatus.WAITING
        with pytest.raises(RunNotFound):
            await executor.runs.confirm(run_id, "somebody-else")
        await executor.runs.confirm(run_id, OWNER.account_id)
        with pytest.raises(NotWaiting):
            await executor.runs.confirm(run_id, OWNER.account_id)
        assert (await both.until(run_id))[-1].type == "run.completed"


async def test_a_run_whose_yes_did_not_come_in_a_day_ends(both: Floor, comfy: FaultyComfy) -> None:
    async with both.open(comfy.url) as executor:
        late, young, begun = [await both.start(executor, create(), waiting=True) for _ in range(3)]
        await executor.runs.confirm(begun, OWNER.account_id)
        async with both.db.write() as tx:
            long_ago = both.clock.now() - timedelta(hours=25)
            await tx.execute(update(runs).where(runs.c.id.in_([late, begun])).values(created_at=long_ago))
        [lapse] = [task for task in executor.upkeep if task.name == "unconfirmed_runs"]
        await lapse.work()
        [end] = await both.until(late)
        assert (end.type, end.data["lapsed"]) == ("run.cancelled", True)
        assert (await executor.runs.get(young, OWNER.account_id)).status is RunStatus.WAITING
        assert (await both.until(begun))[-1].type == "run.completed"


async def test_a_run_that_waits_for_a_yes_can_be_cancelled(both: Floor, comfy: FaultyComfy) -> None:
    async with both.open(comfy.url) as executor:
        run_id = await both.start(executor, create(), waiting=True)
        await executor.runs.cancel(run_id, OWNER.account_id)
        assert [e.type for e in await both.until(run_id)] == ["run.cancelled"]
        with pytest.raises(AlreadyEnded):
            await executor.runs.cancel(run_id, OWNER.account_id)
    assert comfy.prompts == []


async def test_cancelling_a_running_job_reaches_the_instance_and_only_that_job(both: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with both.open(comfy.url) as executor:
        run_id = await both.start(executor, create())
        await eventually(lambda: comfy.running is not None)
        prompt_id = comfy.running
        await executor.runs.cancel(run_id, OWNER.account_id)
        await executor.runs.cancel(run_id, OWNER.account_id)
        events = await both.until(run_id)
        assert [e.type for e in events] == ["run.queued", "run.cancelled"]
    assert comfy.running is None
    assert set(comfy.interrupts) == {prompt_id}


async def test_cancelling_what_has_not_begun_ends_at_once(both: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with both.open(comfy.url) as executor:
        runs = [await both.start(executor, create()) for _ in range(4)]
        await eventually(lambda: len(comfy.prompts) == 2)
        await executor.runs.cancel(runs[3], OWNER.account_id)
        assert (await executor.runs.get(runs[3], OWNER.account_id)).status is RunStatus.CANCELLED
        # the second is on the instance, but pending there
        await executor.runs.cancel(runs[1], OWNER.account_id)
        assert (await both.until(runs[1]))[-1].type == "run.cancelled"
        comfy.hold.set()
        assert [(await both.until(runs[i]))[-1].type for i in (0, 2)] == ["run.completed"] * 2
    assert len(comfy.prompts) == 3


async def test_places_in_the_line_are_told_when_they_change(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with floor.open(comfy.url) as executor:
        runs = [await floor.start(executor, create()) for _ in range(2)]
        await eventually(lambda: len(comfy.prompts) == 2)
        runs += [await floor.start(executor, create()) for _ in range(2)]
        await executor.runs.cancel(runs[2], OWNER.account_id)
        told: list[Event] = []
        async with asyncio.timeout(PATIENCE_S):
            async for event in floor.events.follow(f"run:{runs[3]}"):
                told.append(event)
                if event.data.get("place") == 1:
                    break
        comfy.hold.set()
        last = await floor.until(runs[3])
    assert told == last[:2]
    assert [e.data["place"] for e in last if e.type == "run.queued"] == [2, 1]


async def test_a_step_of_another_run_is_waited_for(both: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with both.open(comfy.url) as executor:
        first = await both.start(executor, create())
        second = await both.start(executor, resize("s1", StepRef(step_id="s1", run_id=first)))
        await eventually(lambda: comfy.running is not None)
        assert len(comfy.prompts) == 1
        comfy.hold.set()
        assert (await both.until(second))[-1].type == "run.completed"
        [source] = await executor.runs.assets(first)
        [made] = await executor.runs.assets(second)
        # and one that is over already is used at once
        third = await both.start(executor, resize("s1", StepRef(step_id="s1", run_id=first)))
        assert (await both.until(third))[-1].type == "run.completed"
    assert made.parents[0].asset_id == source.id


async def test_a_run_whose_input_never_comes_fails_typed(both: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with both.open(comfy.url) as executor:
        first = await both.start(executor, create())
        second = await both.start(executor, resize("s1", StepRef(step_id="s1", run_id=first)))
        third = await both.start(executor, resize("s1", StepRef(step_id="s1", run_id=second)))
        await executor.runs.cancel(first, OWNER.account_id)
        for run_id in (second, third):
            end = (await both.until(run_id))[-1]
            assert (end.type, end.data["code"]) == ("run.failed", "input_failed")
        late = await both.start(executor, resize("s1", StepRef(step_id="s1", run_id=first)))
        assert (await both.until(late))[-1].data["code"] == "input_failed"


async def test_nobody_builds_on_somebody_elses_run(floor: Floor, comfy: FaultyComfy) -> None:
    other = Owner("account-2", "standard", "conversation-2")
    async with floor.open(comfy.url) as executor:
        async with floor.db.write() as tx:
            await floor.keys.create(tx, other.scope, other.account_id, other.tier)
        mine = await floor.start(executor, create())
        await floor.until(mine)
        theirs = await floor.start(executor, resize("s1", StepRef(step_id="s1", run_id=mine)), owner=other)
        assert (await floor.until(theirs))[-1].data["code"] == "input_failed"
        with pytest.raises(RunNotFound):
            await executor.runs.get(mine, other.account_id)
        with pytest.raises(RunNotFound):
            await executor.runs.cancel(mine, other.account_id)


async def test_runs_are_listed_newest_first_in_pages(both: Floor) -> None:
    async with both.open("http://127.0.0.1:9", work=False) as executor:
        runs = [await both.start(executor, create()) for _ in range(5)]
        page, cursor = await executor.runs.page(OWNER.account_id, None, 3)
        rest, end = await executor.runs.page(OWNER.account_id, cursor, 3)
        assert await executor.runs.page("somebody-else", None, 3) == ([], None)
    assert [run.id for run in [*page, *rest]] == runs[::-1]
    assert end is None


async def test_a_failing_step_ends_the_run_once_and_frees_the_rest(both: Floor, comfy: FaultyComfy) -> None:
    comfy.raises = {"exception_type": "RuntimeError", "exception_message": SECRET, "node_type": "KSampler"}
    async with both.open(comfy.url) as executor:
        run_id = await both.start(executor, create("s1"), create("s2", prompt="other"), resize("s3", StepRef(step_id="s1")))
        events = await both.until(run_id)
        await eventually(lambda: comfy.running is None and not comfy.pending)
        assert [e.type for e in await both.events.read(f"run:{run_id}")] == [e.type for e in events]
    assert events[-1].data["code"] == "node_failed"
    assert "KSampler" in events[-1].data["message"]
    assert SECRET not in events[-1].data["message"]
