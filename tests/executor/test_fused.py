"""Jobs of several steps: one graph on one instance, each step kept and told as soon as it is there, apart where it must be."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select, update

from base.events import Event
from executor.model import JobStatus
from executor.tables import job_steps, jobs
from executor.testing import NODES, FaultyComfy
from tests.executor.conftest import OWNER, Floor, create, eventually, resize
from tests.patience import PATIENCE_S
from tools.model import MediaKind, Step, StepRef

OOM = {"exception_type": "torch.OutOfMemoryError", "exception_message": "Allocation on device\n", "node_type": "KSampler"}


def flip(id: str, *source: StepRef, **more: Any) -> Step:
    """A step that a server without ImageFlip cannot do."""
    outputs = {"image": MediaKind.IMAGE}
    return Step(id=id, tool="flip_image", title="Flip", inputs={"image": source}, outputs=outputs, **more)


def told(events: list[Event]) -> list[str]:
    return [event.data["step_id"] for event in events if event.type == "run.output"]


def kinds(prompt: dict[str, dict[str, dict[str, str]]]) -> list[str]:
    return sorted(node["class_type"] for node in prompt["prompt"].values())


async def test_a_chain_is_one_graph_and_inner_results_are_kept(both: Floor, comfy: FaultyComfy) -> None:
    steps = create(deliver=False), resize("s2", StepRef(step_id="s1"), deliver=False), resize("s3", StepRef(step_id="s2"))
    async with both.open(comfy.url) as executor:
        events = await both.until(run_id := await both.start(executor, *steps))
        made = await executor.runs.assets(run_id)
    [prompt] = comfy.prompts
    assert "LoadImage" not in kinds(prompt)
    assert comfy.uploads == []
    assert [asset.step_id for asset in made] == ["s1", "s2", "s3"]
    assert [[p.asset_id for p in asset.parents] for asset in made] == [[], [made[0].id], [made[1].id]]
    assert told(events) == ["s3"]


async def test_the_cost_of_a_graph_falls_to_its_steps(both: Floor, comfy: FaultyComfy) -> None:
    async with both.open(comfy.url) as executor:
        run_id = await both.start(executor, create(), resize("s2", StepRef(step_id="s1")))
        end = (await both.until(run_id))[-1]
        async with both.db.read() as tx:
            steps = await tx.all(select(job_steps).order_by(job_steps.c.step_id))
            [job] = await tx.all(select(jobs.c.gpu_s, jobs.c.credits))
    assert sum(step["gpu_s"] for step in steps) == pytest.approx(2.0)
    assert sum(step["credits"] for step in steps) == pytest.approx(job["credits"])
    assert end.data["cost"] == {"credits": pytest.approx(job["credits"], abs=1e-4), "gpu_s": 2.0}


async def test_four_variations_are_one_graph_that_loads_once(both: Floor, comfy: FaultyComfy) -> None:
    steps = [create(f"s{n}").model_copy(update={"params": {"prompt": "a fox", "steps": 2, "seed": n}}) for n in range(4)]
    async with both.open(comfy.url) as executor:
        events = await both.until(await both.start(executor, *steps))
    [prompt] = comfy.prompts
    assert kinds(prompt).count("CheckpointLoaderSimple") == 1
    assert kinds(prompt).count("KSampler") == 4
    assert told(events) == ["s0", "s1", "s2", "s3"]
    assert len({event.data["asset"]["sha256"] for event in events if event.type == "run.output"}) == 4


async def test_the_first_picture_is_told_while_the_second_is_painted(both: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    comfy.early = 1
    async with both.open(comfy.url) as executor:
        run_id = await both.start(executor, create("s1"), create("s2", prompt="another"))
        assert told(await both.until(run_id, "run.output")) == ["s1"]
        assert comfy.running is not None
        comfy.hold.set()
        events = await both.until(run_id)
    assert told(events) == ["s1", "s2"]
    assert len(comfy.prompts) == 1


async def test_what_was_made_before_the_failure_is_kept_and_told(both: Floor, comfy: FaultyComfy) -> None:
    comfy.early, comfy.mute = 1, True  # only history tells
    comfy.raises = {"exception_type": "ValueError", "exception_message": "no", "node_type": "ImageScale"}
    async with both.open(comfy.url) as executor:
        run_id = await both.start(executor, create(), resize("s2", StepRef(step_id="s1")))
        events = await both.until(run_id)
        [asset] = await executor.runs.assets(run_id)
    assert (events[-1].type, asset.step_id) == ("run.failed", "s1")
    assert told(events) == ["s1"]


async def test_too_much_at_once_is_done_step_by_step(both: Floor, comfy: FaultyComfy) -> None:
    comfy.raises = OOM
    comfy.hold.clear()
    async with both.open(comfy.url) as executor:
        run_id = await both.start(
            executor, create(), resize("s2", StepRef(step_id="s1")), resize("s3", StepRef(step_id="s2"))
        )
        await eventually(lambda: comfy.running is not None)
        first = comfy.running
        comfy.hold.set()
        await eventually(lambda: first in comfy.history or comfy.done == 1)
        comfy.raises = None
        events = await both.until(run_id)
    assert events[-1].type == "run.completed"
    assert [kinds(prompt).count("SaveImage") for prompt in comfy.prompts] == [3, 1, 1, 1]


async def test_what_no_instance_can_do_as_a_whole_begins_with_what_it_can(both: Floor) -> None:
    able, flips = FaultyComfy(), FaultyComfy(nodes=[*(n for n in NODES if n != "KSampler"), "ImageFlip"])
    async with able, flips, both.open(able.url, flips.url) as executor:
        run_id = await both.start(executor, create(), flip("s2", StepRef(step_id="s1")))
        assert (await both.until(run_id))[-1].type == "run.completed"
    assert [len(able.prompts), len(flips.prompts)] == [1, 1]


async def test_idle_instances_share_what_is_not_of_a_piece(both: Floor) -> None:
    async with FaultyComfy() as one, FaultyComfy() as other, both.open(one.url, other.url) as executor:
        await eventually(lambda: all(instance.up for instance in executor.pool.instances()))
        one.hold.clear()
        other.hold.clear()
        run_id = await both.start(executor, *[create(f"s{n}", prompt=f"picture {n}") for n in range(4)])
        await eventually(lambda: one.running is not None and other.running is not None)
        one.hold.set()
        other.hold.set()
        events = await both.until(run_id)
    assert told(events) == ["s0", "s1", "s2", "s3"]
    assert [kinds(prompt).count("KSampler") for server in (one, other) for prompt in server.prompts] == [2, 2]


async def test_whoever_takes_over_neither_loses_nor_doubles_a_step(both: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    comfy.early = 1
    async with both.open(comfy.url) as executor:
        run_id = await both.start(executor, create("s1"), create("s2", prompt="another"))
        await both.until(run_id, "run.output")
    comfy.hold.set()
    async with both.open(comfy.url) as executor:
        events = await both.until(run_id)
        made = await executor.runs.assets(run_id)
    assert told(events) == ["s1", "s2"]
    assert [asset.step_id for asset in made] == ["s1", "s2"]
    assert len(comfy.prompts) == 1


async def test_only_what_is_left_is_sent_again(both: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    comfy.early = 1
    async with both.open(comfy.url) as executor:
        run_id = await both.start(executor, create("s1"), resize("s2", StepRef(step_id="s1")))
        await both.until(run_id, "run.output")
    await comfy.die()  # and with it the prompt
    comfy.hold.set()
    await comfy.rise()
    async with both.open(comfy.url) as executor:
        events = await both.until(run_id)
        first, second = await executor.runs.assets(run_id)
    assert events[-1].type == "run.completed"
    assert "KSampler" not in kinds(comfy.prompts[-1])
    assert comfy.uploads == [f"stationthis-{first.sha256[:40]}.png"]
    assert [parent.asset_id for parent in second.parents] == [first.id]


async def test_a_cancelled_job_of_several_stops_and_says_no_more(both: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    comfy.early = 1
    async with both.open(comfy.url) as executor:
        run_id = await both.start(executor, create("s1"), create("s2", prompt="another"))
        await both.until(run_id, "run.output")
        await executor.runs.cancel(run_id, OWNER.account_id)
        events = await both.until(run_id)
        assert events[-1].type == "run.cancelled"
        assert told(events) == ["s1"]
    assert comfy.running is None


async def test_a_cancelled_chain_gives_what_it_had_finished(both: Floor, comfy: FaultyComfy) -> None:
    inner = create("s1").model_copy(update={"deliver": False})
    comfy.hold.clear()
    comfy.early = 1
    async with both.open(comfy.url) as executor:
        run_id = await both.start(executor, inner, resize("s2", StepRef(step_id="s1")))
        async with asyncio.timeout(PATIENCE_S):
            while not await executor.runs.assets(run_id):
                await asyncio.sleep(0.01)
        await executor.runs.cancel(run_id, OWNER.account_id)
        events = await both.until(run_id)
    assert told(events) == ["s1"]
    assert next(event.data for event in events if event.type == "run.output")["unfinished"] is True
    assert events[-1].type == "run.cancelled"


async def test_progress_names_the_step_that_runs(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with floor.open(comfy.url) as executor:
        run_id = await floor.start(executor, create("s1"), resize("s2", StepRef(step_id="s1")))
        async with asyncio.timeout(PATIENCE_S):
            async for event in floor.events.follow(f"run:{run_id}"):
                if event.type == "run.progress":
                    break
        comfy.hold.set()
        await floor.until(run_id)
    assert event.data["step_id"] == "s1"
    assert event.data["message"].startswith("Create: ")
    assert event.data["fraction"] < 1


async def test_a_job_from_before_jobs_held_several_goes_on(floor: Floor, comfy: FaultyComfy) -> None:
    async with floor.open(comfy.url, work=False) as executor:
        run_id = await floor.start(executor, create())
        async with floor.db.write() as tx:
            [row] = await tx.all(select(jobs))
            key = await floor.keys.key(row["scope"])
            [old] = key.open(row["step"])["steps"]
            await tx.execute(update(jobs).where(jobs.c.id == row["id"]).values(step=key.seal(old)))
    async with floor.open(comfy.url):
        assert (await floor.until(run_id))[-1].type == "run.completed"
    async with floor.db.read() as tx:
        assert [row["status"] for row in await tx.all(select(jobs.c.status))] == [JobStatus.COMPLETED]


async def test_without_fusion_each_step_is_a_job(floor: Floor, comfy: FaultyComfy) -> None:
    async with floor.open(comfy.url, fuse=False) as executor:
        run_id = await floor.start(executor, create(), resize("s2", StepRef(step_id="s1")))
        await floor.until(run_id)
    assert len(comfy.prompts) == 2


async def test_nothing_of_a_failed_or_cancelled_job_stays_on_the_server(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.early = 1
    comfy.raises = {"exception_type": "ValueError", "exception_message": "no", "node_type": "KSampler"}
    async with floor.open(comfy.url) as executor:
        await floor.until(await floor.start(executor, create("s1"), create("s2", prompt="another")))
        comfy.raises = None
        comfy.hold.clear()
        run_id = await floor.start(executor, create("s1", prompt="a third"), create("s2", prompt="a fourth"))
        await floor.until(run_id, "run.output")
        await executor.runs.cancel(run_id, OWNER.account_id)
        await floor.until(run_id)
        await eventually(lambda: comfy.history == {})
