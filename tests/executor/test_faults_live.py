"""Faults as a server really causes them, over real sockets: attributed, counted, tried again elsewhere or ended."""

from __future__ import annotations

from typing import Any

import pytest

from executor.model import JobEnding, JobStatus
from executor.testing import FaultyComfy
from tests.executor.conftest import Floor, create, eventually
from tools.model import Tool
from tools.service import load_tools

ENOUGH_S = 2.0
"""What a job that shall not be found slow may take: far more than it needs, on a busy machine too."""


def _impatient(silence_s: float = 0.3) -> Tool:
    """text_to_image that may be silent for a moment only."""
    [tool] = [tool for tool in load_tools() if tool.name == "text_to_image"]
    return tool.model_copy(update={"name": "impatient", "silence_s": silence_s})


async def test_a_server_that_hangs_is_left_and_the_job_ends_after_two_deaths(both: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    step = create().model_copy(update={"tool": "impatient"})
    async with both.open(comfy.url, tools=[_impatient()]) as executor:
        run_id = await both.start(executor, step)
        end = (await both.until(run_id))[-1]
        [job] = await executor.runs.jobs(run_id)
    assert end.data["code"] == "no_progress"
    assert "no sign of progress" in end.data["message"]
    assert (job.status, job.ending, job.attempts) == (JobStatus.DEAD, JobEnding.GIVEN_UP, 2)
    assert comfy.interrupts == [prompt["prompt_id"] for prompt in comfy.prompts]
    assert len(comfy.prompts) == 2


@pytest.mark.parametrize("mute", [False, True])
async def test_a_render_that_takes_too_long_is_stopped_and_ends_at_once(floor: Floor, comfy: FaultyComfy, mute: bool) -> None:
    comfy.mute = mute
    comfy.hold.clear()
    [tool] = [tool for tool in load_tools() if tool.name == "text_to_image"]
    hasty = tool.model_copy(update={"name": "hasty", "deadline_s": 0.4})
    async with floor.open(comfy.url, tools=[hasty]) as executor:
        first = await floor.start(executor, create().model_copy(update={"tool": "hasty"}))
        second = await floor.start(executor, create())
        end = (await floor.until(first))[-1]
        [job] = await executor.runs.jobs(first)
        await eventually(lambda: comfy.running == comfy.prompts[1]["prompt_id"])
        comfy.hold.set()
        assert (await floor.until(second))[-1].type == "run.completed"
    assert end.data["code"] == "too_slow"
    assert "as long as it may take" in end.data["message"]
    assert (job.status, job.ending, job.attempts) == (JobStatus.FAILED, JobEnding.DEADLINE, 1)
    assert comfy.interrupts == [comfy.prompts[0]["prompt_id"]]


async def test_the_time_of_a_job_begins_when_it_is_rendered(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    [tool] = [tool for tool in load_tools() if tool.name == "text_to_image"]
    hasty = tool.model_copy(update={"name": "hasty", "deadline_s": ENOUGH_S, "silence_s": ENOUGH_S})
    async with floor.open(comfy.url, tools=[hasty]) as executor:
        await floor.start(executor, create())
        await eventually(lambda: comfy.running is not None)
        second = await floor.start(executor, create().model_copy(update={"tool": "hasty"}))
        await eventually(lambda: len(comfy.pending) == 1)
        await floor.clock.sleep(ENOUGH_S + 0.4)
        assert comfy.interrupts == []
        comfy.hold.set()
        assert (await floor.until(second))[-1].type == "run.completed"


async def test_a_job_that_waits_behind_another_is_not_silent(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    step = create().model_copy(update={"tool": "impatient"})
    async with floor.open(comfy.url, tools=[_impatient(ENOUGH_S)]) as executor:
        await floor.start(executor, create())
        await eventually(lambda: comfy.running is not None)
        second = await floor.start(executor, step)
        await eventually(lambda: len(comfy.pending) == 1)
        await floor.clock.sleep(ENOUGH_S + 0.4)
        assert len(comfy.prompts) == 2
        comfy.hold.set()
        assert (await floor.until(second))[-1].type == "run.completed"
        [job] = await executor.runs.jobs(second)
    assert job.setbacks == ()


async def test_a_server_that_cannot_be_heard_is_not_taken_for_hanging(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.mute = True
    comfy.hold.clear()
    step = create().model_copy(update={"tool": "impatient"})
    async with floor.open(comfy.url, tools=[_impatient(ENOUGH_S)]) as executor:
        run_id = await floor.start(executor, step)
        await eventually(lambda: comfy.running is not None)
        await floor.clock.sleep(ENOUGH_S + 0.4)
        comfy.hold.set()
        assert (await floor.until(run_id))[-1].type == "run.completed"
    assert len(comfy.prompts) == 1


RAISES: list[tuple[dict[str, Any], str, int]] = [
    ({"exception_type": "torch.OutOfMemoryError", "exception_message": "Allocation on device 0\n"}, "out_of_memory", 1),
    ({"exception_type": "OSError", "exception_message": "[Errno 28] No space left on device\n"}, "disk_full", 4),
    ({"exception_type": "RuntimeError", "exception_message": "CUDA error: unspecified launch failure\n"}, "gpu_failed", 2),
    ({"exception_type": "ValueError", "exception_message": "cannot convert float NaN to integer\n"}, "not_a_number", 1),
    ({"exception_type": "safetensors_rust.SafetensorError", "exception_message": "HeaderTooLarge\n"}, "model_broken", 1),
]


@pytest.mark.parametrize(("raises", "code", "attempts"), RAISES)
async def test_on_a_single_server(floor: Floor, comfy: FaultyComfy, raises: dict[str, Any], code: str, attempts: int) -> None:
    comfy.raises = raises
    async with floor.open(comfy.url) as executor:
        run_id = await floor.start(executor, create())
        end = (await floor.until(run_id))[-1]
        [job] = await executor.runs.jobs(run_id)
    assert (end.data["code"], len(comfy.prompts)) == (code, attempts)
    assert [one.code for one in job.setbacks] == [code] * attempts


@pytest.mark.parametrize("raises", [RAISES[1][0], RAISES[2][0]])
async def test_two_servers_that_fail_are_enough(floor: Floor, raises: dict[str, Any]) -> None:
    async with FaultyComfy() as first, FaultyComfy() as second:
        first.raises = second.raises = raises
        async with floor.open(first.url, second.url) as executor:
            await eventually(lambda: sum(i.up for i in executor.pool.instances()) == 2)
            run_id = await floor.start(executor, create())
            await floor.until(run_id)
            [job] = await executor.runs.jobs(run_id)
    hosts = [one.instance for one in job.setbacks]
    assert job.status is JobStatus.DEAD
    assert (len(hosts), len(set(hosts))) == (2, 2)  # another host is preferred, and as soon as both were tried it ends
    assert len(hosts) == len(first.prompts) + len(second.prompts)


async def test_lost_connections_are_no_attempts(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with floor.open(comfy.url) as executor:
        run_id = await floor.start(executor, create())
        for _ in range(5):
            await eventually(lambda: comfy.running is not None)
            comfy.status = 503
            await floor.until(run_id, "run.waiting")
            comfy.status = None
            [job] = await executor.runs.jobs(run_id)
        comfy.hold.set()
        assert (await floor.until(run_id))[-1].type == "run.completed"
        [job] = await executor.runs.jobs(run_id)
    assert (job.attempts, len(comfy.prompts)) == (0, 1)
    assert {one.code for one in job.setbacks} == {"instance_away"}
