"""What was given up: listed without anybody's content, tried again without doing anything twice, let go."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import update

from base.errors import KeyLost
from base.settings import Limits
from executor.assembly import Executor
from executor.errors import DeadLetterNotFound
from executor.model import JobEnding, JobRecord, JobStatus, RunStatus
from executor.records import shape
from executor.rules import rest_of
from executor.tables import jobs
from executor.testing import FaultyComfy
from tests.executor.conftest import OWNER, SECRET, Floor, create, eventually, resize
from tools.model import AssetRef, Plan, StepRef

BROKEN = {"exception_type": "RuntimeError", "exception_message": f"CUDA error: {SECRET}\n"}


OUTAGE = Limits(job_seconds=0.3)
"""What a server that is away ends: any number of jobs, as one that fails two of them is given no more."""


async def _dead(floor: Floor, executor: Executor, comfy: FaultyComfy) -> tuple[str, JobRecord]:
    """A run whose second step was given up; the server is well again."""
    comfy.raises, comfy.raises_with = BROKEN, "ImageScale"
    run_id = await floor.start(executor, create("s1"), resize("s2", StepRef(step_id="s1")))
    assert (await floor.until(run_id))[-1].data["code"] == "gpu_failed"
    comfy.raises = None
    [job] = (await executor.dead_letters.page())[0]
    return run_id, job


async def test_a_dead_letter_tells_its_facts_and_nobodys_content(both: Floor, comfy: FaultyComfy) -> None:
    async with both.open(comfy.url) as executor:
        comfy.raises = BROKEN
        run_id = await both.start(executor, create())
        await both.until(run_id)
        [job], following = await executor.dead_letters.page()
        assert following is None
        assert (job.run_id, job.status, job.ending, job.attempts) == (run_id, JobStatus.DEAD, JobEnding.GIVEN_UP, 2)
        assert [one.code for one in job.setbacks] == ["gpu_failed"] * 2
        assert await executor.dead_letters.get(job.id[:20]) == job
        told = json.dumps(shape(job))
    assert SECRET not in told
    assert "real.safetensors" not in told


async def test_a_retry_does_what_is_left_in_a_new_run(both: Floor, comfy: FaultyComfy) -> None:
    async with both.open(comfy.url, fuse=False) as executor:
        old, job = await _dead(both, executor, comfy)
        sent = len(comfy.prompts)
        new = await executor.dead_letters.retry(job.id)
        assert (await both.until(new))[-1].type == "run.completed"
        assert len(comfy.prompts) == sent + 1  # the first step was not paid twice
        first, second = await executor.runs.get(old, OWNER.account_id), await executor.runs.get(new, OWNER.account_id)
        assert (first.status, second.status, second.retry_of) == (RunStatus.FAILED, RunStatus.COMPLETED, old)
        assert (second.origin, [step.id for step in second.plan.steps]) == ("turn:1", ["s2"])
        [made] = await executor.runs.assets(new)
        [source] = await executor.runs.assets(old)
        assert [parent.asset_id for parent in made.parents] == [source.id]
        assert (await executor.dead_letters.page())[0] == []
        with pytest.raises(DeadLetterNotFound):
            await executor.dead_letters.retry(job.id)
        [kept] = [one for one in await executor.runs.jobs(old) if one.id == job.id]
        assert (kept.status, kept.ending, kept.times["ended"]) == (JobStatus.FAILED, JobEnding.GIVEN_UP, job.times["ended"])
        stored = await both.events.read(f"run:{old}")
        assert [event.type for event in stored][-1] == "run.failed"  # a run that ended says no more


async def test_one_that_is_dropped_stays_failed(both: Floor, comfy: FaultyComfy) -> None:
    async with both.open(comfy.url) as executor:
        _, job = await _dead(both, executor, comfy)
        sent = len(comfy.prompts)
        await executor.dead_letters.drop(job.id)
        for verb in (executor.dead_letters.drop, executor.dead_letters.retry, executor.dead_letters.get):
            with pytest.raises(DeadLetterNotFound):
                await verb(job.id)
        assert (await executor.dead_letters.page())[0] == []
        assert len(comfy.prompts) == sent


async def _dead_in_part(floor: Floor, executor: Executor, comfy: FaultyComfy) -> tuple[str, JobRecord]:
    """A run whose only job held four steps, of which each of its two attempts got one done."""
    comfy.early, comfy.raises = 1, BROKEN
    sizes = [
        resize(f"s{n}", StepRef(step_id="s1")).model_copy(update={"params": {"factor": 1 / n}}) for n in (2, 3, 4)
    ]
    run_id = await floor.start(executor, create("s1"), *sizes)
    events = await floor.until(run_id)
    assert [event.data.get("step_id") for event in events if event.type == "run.output"] == ["s1", "s2"]
    comfy.early, comfy.raises = 0, None
    [job] = (await executor.dead_letters.page())[0]
    return run_id, job


async def test_of_a_job_of_several_steps_only_what_was_not_done_is_tried_again(both: Floor, comfy: FaultyComfy) -> None:
    async with both.open(comfy.url) as executor:
        old, job = await _dead_in_part(both, executor, comfy)
        assert (job.status, sorted(job.step_ids)) == (JobStatus.DEAD, ["s1", "s2", "s3", "s4"])
        assert await executor.dead_letters.get(job.id) == job
        sent = len(comfy.prompts)
        new = await executor.dead_letters.retry(job.id)
        assert (await both.until(new))[-1].type == "run.completed"
        [prompt] = comfy.prompts[sent:]  # what is left is one graph again, and nothing of it paints
        classes = [node["class_type"] for node in prompt["prompt"].values()]
        assert (classes.count("SaveImage"), classes.count("KSampler")) == (2, 0)
        [source, _], made = await executor.runs.assets(old), await executor.runs.assets(new)
        assert [asset.step_id for asset in made] == ["s3", "s4"]
        assert {parent.asset_id for asset in made for parent in asset.parents} == {source.id}
        assert (await executor.dead_letters.page())[0] == []


async def test_a_job_of_several_steps_is_dropped_with_what_it_gave_kept(both: Floor, comfy: FaultyComfy) -> None:
    async with both.open(comfy.url) as executor:
        old, job = await _dead_in_part(both, executor, comfy)
        await executor.dead_letters.drop(job.id)
        assert (await executor.dead_letters.page())[0] == []
        assert [asset.step_id for asset in await executor.runs.assets(old)] == ["s1", "s2"]
        assert (await executor.runs.get(old, OWNER.account_id)).status is RunStatus.FAILED


async def test_one_whose_content_is_gone_can_only_be_dropped(both: Floor, comfy: FaultyComfy) -> None:
    async with both.open(comfy.url) as executor:
        _, job = await _dead(both, executor, comfy)
        async with both.db.write() as tx:
            await both.keys.forget(tx, OWNER.scope)
        with pytest.raises(KeyLost):
            await executor.dead_letters.retry(job.id)
        assert (await executor.dead_letters.page())[0] == [job]  # nothing was changed by the try
        await executor.dead_letters.drop(job.id)


async def test_what_an_outage_ended_is_tried_again_when_it_is_over(both: Floor, comfy: FaultyComfy) -> None:
    """Once while it was rendered, once while it waited."""
    comfy.hold.clear()
    async with both.open(comfy.url, limits=Limits(job_seconds=0.5)) as executor:
        begun = await both.start(executor, create())
        await eventually(lambda: comfy.running is not None)
        await comfy.die()
        waited = await both.start(executor, create())
        for run_id in (begun, waited):
            end = (await both.until(run_id))[-1]
            assert (end.type, end.data["code"], end.data["refunded"]) == ("run.failed", "instance_away", True)
        letters = (await executor.dead_letters.page())[0]
        assert {(job.run_id, job.status, job.ending) for job in letters} == {
            (run_id, JobStatus.DEAD, JobEnding.DEADLINE) for run_id in (begun, waited)
        }
        assert shape(letters[0])["sentence"].endswith("An operator can try it again.")
        comfy.hold.set()
        await comfy.rise()
        new = await executor.dead_letters.retry(next(job.id for job in letters if job.run_id == begun))
        assert (await both.until(new))[-1].type == "run.completed"
        [other] = (await executor.dead_letters.page())[0]
        await executor.dead_letters.drop(other.id)
        [kept] = await executor.runs.jobs(waited)
        assert (kept.status, kept.ending) == (JobStatus.FAILED, JobEnding.DEADLINE)


async def test_a_model_that_is_missing_is_for_an_operator(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.raises = {"exception_type": "FileNotFoundError", "exception_message": "no such file: models/x.safetensors"}
    async with floor.open(comfy.url) as executor:
        run_id = await floor.start(executor, create())
        assert (await floor.until(run_id))[-1].data["code"] == "model_missing"
        comfy.raises = None
        [job] = (await executor.dead_letters.page())[0]
        assert (job.status, job.ending) == (JobStatus.DEAD, JobEnding.MODEL_FAULT)
        assert (await floor.until(await executor.dead_letters.retry(job.id)))[-1].type == "run.completed"


async def test_they_come_in_pages_newest_first(floor: Floor, comfy: FaultyComfy) -> None:
    await comfy.die()
    async with floor.open(comfy.url, limits=OUTAGE) as executor:
        for _ in range(3):
            await floor.until(await floor.start(executor, create()))
        first, cursor = await executor.dead_letters.page(None, 2)
        rest, end = await executor.dead_letters.page(cursor, 2)
        ids = [job.id for job in (*first, *rest)]
        assert (len(first), len(rest), end) == (2, 1, None)
        assert ids == sorted(ids, reverse=True)
        with pytest.raises(DeadLetterNotFound):
            await executor.dead_letters.get(ids[0][:2])  # it names all three


async def test_what_was_given_up_last_comes_first_though_it_was_asked_for_first(both: Floor, comfy: FaultyComfy) -> None:
    await comfy.die()
    async with both.open(comfy.url, limits=OUTAGE) as executor:
        runs = [await both.start(executor, create()) for _ in range(3)]
        for run_id in runs:
            await both.until(run_id)
        async with both.db.write() as tx:
            [first] = await executor.runs.jobs(runs[0])
            await tx.execute(update(jobs).where(jobs.c.id == first.id).values(ended_at=both.clock.now()))
        page, after = await executor.dead_letters.page(None, 1)
        rest, _ = await executor.dead_letters.page(after, 5)
    assert page[0].run_id == runs[0]
    ended = [one.times["ended"] for one in rest if one.times["ended"]]
    assert len(ended) == 2
    assert ended == sorted(ended, reverse=True)


def test_what_is_left_of_a_plan_takes_what_was_made() -> None:
    elsewhere = StepRef(step_id="s1", run_id="other")
    sources = (StepRef(step_id="s1", index=1), AssetRef(asset_id="mine"), elsewhere)
    plan = Plan(id="p", summary="", steps=(create("s1"), resize("s2", *sources), resize("s3", StepRef(step_id="s2"))))
    rest = rest_of(plan, {"s1": {"image": ["a", "b"]}})
    assert [step.id for step in rest.steps] == ["s2", "s3"]
    assert rest.steps[0].inputs["image"] == (AssetRef(asset_id="b"), AssetRef(asset_id="mine"), elsewhere)
    assert rest.steps[1].inputs["image"] == (StepRef(step_id="s2"),)
    assert rest_of(plan, {}) == plan
