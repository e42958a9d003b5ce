"""What a job's row tells afterwards: when each step was, why it ended, what was rendered and with what."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from base.settings import Limits
from executor import rules
from executor.comfy.capabilities import read_gpu
from executor.graphs import graph_facts, graph_hash
from executor.model import Gpu, JobEnding, JobStatus
from executor.saying import ENDING, STATUS, sentence
from executor.testing import FaultyComfy
from tests.executor.conftest import OWNER, SECRET, Floor, create, eventually, resize
from tests.patience import PATIENCE_S
from tools.model import StepRef


async def test_a_done_job_tells_every_moment_in_order(both: Floor, comfy: FaultyComfy) -> None:
    comfy.vram_gb, comfy.vram_used_gb = 24.0, 7.5
    async with both.open(comfy.url) as executor:
        run_id = await both.start(executor, create())
        await both.until(run_id)
        [job] = await executor.runs.jobs(run_id)
    order = ("queued", "dispatched", "submitted", "rendered", "collected", "ended")
    moments = [job.times[name] for name in order]
    assert None not in moments
    assert moments == sorted(moments, key=lambda at: at or both.clock.now())
    assert job.times["gpu_started"] is not None
    assert (job.status, job.ending, job.attempts, job.setbacks) == (JobStatus.COMPLETED, JobEnding.DONE, 0, ())
    assert job.gpu == {"name": "cuda:0 stand-in", "vram_total_gb": 24.0, "vram_used_gb": 7.5, "seconds": 2.0}
    assert job.facts is not None
    assert job.facts["seeds"] == [7]
    assert job.facts["models"][0]["folder"] == "checkpoints"
    assert job.facts["sampling"][0]["steps"] == 2


async def test_moments_come_in_order_whatever_the_attempts(both: Floor, comfy: FaultyComfy) -> None:
    comfy.raises = {"exception_type": "RuntimeError", "exception_message": "CUDA error: unspecified launch failure\n"}
    async with both.open(comfy.url, limits=Limits(retry_seconds=(0.5, 0.5, 0.5))) as executor:
        run_id = await both.start(executor, create())
        async with asyncio.timeout(PATIENCE_S):
            while not (await executor.runs.jobs(run_id))[0].setbacks:
                await asyncio.sleep(0.005)
        comfy.raises = None
        await both.until(run_id)
        [job] = await executor.runs.jobs(run_id)
    failed = job.setbacks[-1].at
    names = ("queued", "dispatched", "submitted", "gpu_started", "rendered", "collected", "ended")
    moments = [at for name in names if (at := job.times[name]) is not None]
    assert len(moments) == len(names)
    assert moments == sorted(moments)
    assert moments[1] >= failed


ROW = dict.fromkeys(rules.ORDER)
SECONDS = st.floats(0, 1000).map(lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=s))


@given(st.lists(st.none() | SECONDS, min_size=7, max_size=7), SECONDS)
def test_no_moment_is_before_another_that_was(moments: list[datetime | None], at: datetime) -> None:
    row = dict(zip(rules.ORDER, moments, strict=True))
    found = rules.no_sooner(row, at)
    assert found >= at
    assert all(found >= moment for moment in moments if moment is not None)
    assert found in (at, *moments)


@given(SECONDS, st.floats(0, 50), st.floats(0, 100))
def test_a_render_begins_after_it_was_accepted(accepted: datetime, lasted: float, gpu_s: float) -> None:
    rendered = accepted + timedelta(seconds=lasted)
    found = rules.began({**ROW, "submitted_at": accepted, "rendered_at": rendered}, gpu_s)
    assert found is not None
    assert accepted <= found <= rendered


async def test_every_end_has_its_reason(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with floor.open(comfy.url) as executor:
        cancelled = await floor.start(executor, create())
        await eventually(lambda: comfy.running is not None)
        await executor.runs.cancel(cancelled, OWNER.account_id)
        await floor.until(cancelled)
        assert [job.ending for job in await executor.runs.jobs(cancelled)] == [JobEnding.BY_PERSON]
        comfy.raises = {"exception_type": "ValueError", "exception_message": "x\n"}
        failed = await floor.start(executor, create("s1"), create("s2"), resize("s3", StepRef(step_id="s2")))
        comfy.hold.set()
        await floor.until(failed)
        await eventually(lambda: comfy.running is None and not comfy.pending)
        jobs = await executor.runs.jobs(failed)
        assert {job.ending for job in jobs if job.ending} <= {JobEnding.JOB_FAULT, JobEnding.WITH_RUN}
        [culprit] = [job for job in jobs if job.ending is JobEnding.JOB_FAULT]
        assert [(one.code, one.submitted) for one in culprit.setbacks] == [("node_failed", True)]


async def test_a_run_says_which_of_its_outputs_were_deleted(both: Floor, comfy: FaultyComfy) -> None:
    async with both.open(comfy.url) as executor:
        run_id = await both.start(executor, create())
        await both.until(run_id)
        [made] = await executor.runs.assets(run_id)
        assert await executor.runs.deleted(run_id) == []
        await executor.assets.delete(made.id, OWNER.account_id)
        assert await executor.runs.assets(run_id) == []
        assert await executor.runs.deleted(run_id) == [made.id]


async def test_the_row_holds_no_content_in_the_clear(floor: Floor, comfy: FaultyComfy) -> None:
    async with floor.open(comfy.url) as executor:
        await floor.until(await floor.start(executor, create()))
    async with floor.db.read() as tx:
        [row] = await tx.all(text("SELECT * FROM jobs"))
    assert SECRET.encode() not in repr(dict(row)).encode()
    assert b"real.safetensors" not in repr(dict(row)).encode()


def test_every_status_and_every_ending_has_its_sentence() -> None:
    assert set(STATUS) == set(JobStatus)
    assert set(ENDING) == set(JobEnding)
    assert all(line.endswith(".") for line in (*STATUS.values(), *ENDING.values()))
    assert sentence(JobStatus.DEAD, JobEnding.DEADLINE) == f"{ENDING[JobEnding.DEADLINE]} An operator can try it again."
    assert sentence(JobStatus.FAILED, JobEnding.DEADLINE) == ENDING[JobEnding.DEADLINE]
    assert sentence(JobStatus.COMPLETED, JobEnding.CACHED) == ENDING[JobEnding.CACHED]


def test_moments_are_named_by_the_columns_of_the_row() -> None:
    from executor.tables import jobs

    assert set(rules.MOMENTS.values()) | set(rules.FREE) <= set(jobs.c.keys())


# --- graphs

GRAPH: dict[str, dict[str, Any]] = {
    "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "a.safetensors"}},
    "2": {"class_type": "DualCLIPLoader", "inputs": {"clip_name1": "b", "clip_name2": "c", "type": "flux"}},
    "3": {"class_type": "KSampler", "inputs": {"seed": 7, "steps": 20, "cfg": 7.5, "sampler_name": "euler", "model": ["1", 0]}},
    "9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "x", "images": ["3", 0]}},
}


def test_a_graph_tells_its_models_seeds_and_sampling() -> None:
    facts = graph_facts(GRAPH, lambda folder, file: "f00" if file == "a.safetensors" else None)
    assert facts == {
        "models": [
            {"folder": "checkpoints", "file": "a.safetensors", "sha256": "f00"},
            {"folder": "text_encoders", "file": "b", "sha256": None},
            {"folder": "text_encoders", "file": "c", "sha256": None},
        ],
        "seeds": [7],
        "sampling": [{"node": "KSampler", "steps": 20, "cfg": 7.5, "sampler_name": "euler"}],
    }


KEYS = st.binary(min_size=32, max_size=32)


@given(KEYS, KEYS, st.text(max_size=20), st.integers(0, 9))
def test_the_name_of_a_file_is_not_the_graph_and_the_key_is(secret: bytes, other: bytes, name: str, seed: int) -> None:
    def changed(**inputs: Any) -> dict[str, Any]:
        node = inputs.pop("node")
        return {**GRAPH, node: {**GRAPH[node], "inputs": {**GRAPH[node]["inputs"], **inputs}}}

    own = graph_hash(secret, GRAPH)
    assert graph_hash(secret, changed(node="9", filename_prefix=name)) == own
    assert (graph_hash(secret, changed(node="3", seed=seed)) == own) is (seed == 7)
    assert (graph_hash(other, GRAPH) == own) is (other == secret)


@pytest.mark.parametrize(
    ("devices", "gpu"),
    [
        ([{"type": "cuda", "name": "cuda:0 X", "vram_total": 8 << 30, "vram_free": 2 << 30}], Gpu("cuda:0 X", 8.0, 6.0)),
        ([{"type": "cpu", "name": "cpu", "vram_total": 8 << 30, "vram_free": 1}], Gpu()),
        ([{"type": "cuda", "vram_total": 8 << 30, "vram_free": "much"}], Gpu(None, 8.0, None)),
        ([{"type": "cuda", "vram_total": 8 << 30}, {"type": "cuda", "name": "b", "vram_total": 9 << 30}], Gpu("b", 9.0, None)),
        ("nonsense", Gpu()),
        ([{"type": "cuda", "vram_total": 0}], Gpu()),
    ],
)
def test_what_a_server_says_of_its_gpu(devices: Any, gpu: Gpu) -> None:
    assert read_gpu({"devices": devices}) == gpu
