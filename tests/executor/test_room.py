"""A job that needs more memory than a server has, over real sockets: once more where there is the most, and no third time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from executor.assembly import Executor
from executor.model import JobEnding, JobStatus
from executor.providers.static import instance_id
from executor.testing import FaultyComfy
from tests.executor.conftest import Floor, create, eventually

SHORT = {"exception_type": "torch.OutOfMemoryError", "exception_message": "Allocation on device 0\n"}
SIZES = (8.0, 12.0, 24.0)


@asynccontextmanager
async def _begun_on(floor: Floor, size: float) -> AsyncIterator[tuple[Executor, dict[float, FaultyComfy], str]]:
    """Servers of three sizes that run out of memory, and a run that one of them renders."""
    async with AsyncExitStack() as stack:
        servers = {each: await stack.enter_async_context(FaultyComfy()) for each in SIZES}
        for gb, server in servers.items():
            server.vram_gb, server.raises = gb, SHORT
            if gb != size:
                await server.die()
        servers[size].hold.clear()
        executor = await stack.enter_async_context(floor.open(*(each.url for each in servers.values())))
        run_id = await floor.start(executor, create())
        await eventually(lambda: servers[size].running is not None)
        for gb, server in servers.items():
            if gb != size:
                await server.rise()
        await eventually(lambda: all(each.up for each in executor.pool.instances()))
        yield executor, servers, run_id


@pytest.mark.parametrize("size", [8.0, 12.0])
async def test_it_goes_once_to_the_server_with_the_most_memory(both: Floor, size: float) -> None:
    async with _begun_on(both, size) as (executor, servers, run_id):
        servers[size].hold.set()
        end = (await both.until(run_id))[-1]
        [job] = await executor.runs.jobs(run_id)
    assert [one.instance for one in job.setbacks] == [instance_id(servers[gb].url) for gb in (size, 24.0)]
    assert {gb: len(server.prompts) for gb, server in servers.items() if server.prompts} == {size: 1, 24.0: 1}
    assert (job.status, job.ending, end.data["code"]) == (JobStatus.FAILED, JobEnding.JOB_FAULT, "out_of_memory")
    assert end.data["message"] == (
        "This needs more memory than the render servers have: one with more of it ran out of it too. "
        "Ask for a smaller size, or for fewer at once, then retry."
    )


async def test_it_is_done_where_there_is_enough(floor: Floor) -> None:
    async with _begun_on(floor, 12.0) as (_, servers, run_id):
        servers[24.0].raises = None
        servers[12.0].hold.set()
        assert (await floor.until(run_id))[-1].type == "run.completed"
    assert (len(servers[8.0].prompts), len(servers[24.0].prompts)) == (0, 1)


async def test_where_none_has_more_memory_it_ends_at_once(floor: Floor) -> None:
    async with _begun_on(floor, 24.0) as (_, servers, run_id):
        servers[24.0].hold.set()
        assert (await floor.until(run_id))[-1].data["code"] == "out_of_memory"
    assert [len(server.prompts) for server in servers.values()] == [0, 0, 1]


async def test_the_larger_server_is_waited_for_rather_than_a_smaller_one_tried(floor: Floor) -> None:
    """It was there when the job failed, and is away when its turn comes."""
    async with _begun_on(floor, 12.0) as (_, servers, run_id):
        servers[24.0].hold.clear()
        servers[12.0].hold.set()
        await eventually(lambda: servers[24.0].running is not None)
        servers[24.0].status = 503
        await floor.until(run_id, "run.waiting")
        await floor.clock.sleep(0.3)
        servers[24.0].raises = servers[24.0].status = None
        servers[24.0].hold.set()
        assert (await floor.until(run_id))[-1].type == "run.completed"
    assert (len(servers[8.0].prompts), len(servers[12.0].prompts)) == (0, 1)


async def test_a_server_that_fails_and_one_that_is_too_small_are_two(floor: Floor) -> None:
    async with _begun_on(floor, 12.0) as (executor, servers, run_id):
        servers[12.0].raises = {"exception_type": "OSError", "exception_message": "[Errno 28] No space left on device\n"}
        servers[8.0].raises = servers[24.0].raises = SHORT
        servers[12.0].hold.set()
        await floor.until(run_id)
        [job] = await executor.runs.jobs(run_id)
    assert [one.code for one in job.setbacks] == ["disk_full", "out_of_memory"]
    assert (job.status, job.ending) == (JobStatus.DEAD, JobEnding.GIVEN_UP)
