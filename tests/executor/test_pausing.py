"""A worker that is paused or drained with a job in its hands: that one is finished, and nothing new is taken."""

from __future__ import annotations

import asyncio

import pytest

from executor.model import WorkerState
from executor.testing import FaultyComfy
from tests.executor.conftest import Floor, create, eventually
from tests.patience import PATIENCE_S


@pytest.mark.parametrize("wanted", [WorkerState.PAUSED, WorkerState.DRAINING])
async def test_the_current_job_is_finished_and_nothing_new_is_taken(both: Floor, comfy: FaultyComfy, wanted: WorkerState) -> None:
    comfy.hold.clear()
    async with both.open(comfy.url) as executor:
        first = await both.start(executor, create())
        await eventually(lambda: comfy.running is not None)
        assert await executor.operations.tell(None, wanted) == 1
        await both.clock.sleep(0.3)  # it has heard that
        second = await both.start(executor, create())
        comfy.hold.set()
        assert (await both.until(first))[-1].type == "run.completed"
        await both.clock.sleep(0.5)
        assert len(comfy.prompts) == 1
        if wanted is WorkerState.DRAINING:
            await asyncio.wait_for(executor.worker.drained(), PATIENCE_S)
        await executor.operations.tell(None, WorkerState.ACTIVE)
        assert (await both.until(second))[-1].type == "run.completed"
