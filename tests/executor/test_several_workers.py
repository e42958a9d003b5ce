"""Several workers on one database and the same instances: nothing twice, nothing lost, nothing too much."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack

import pytest

from executor.model import Owner
from executor.testing import FaultyComfy
from tests.executor.conftest import OWNER, Floor, create

JOBS = 24


@pytest.fixture(params=["shared", "ringing"])
def house(request: pytest.FixtureRequest) -> Floor:
    """Without Redis and with it."""
    floor: Floor = request.getfixturevalue(request.param)
    return floor


async def test_three_workers_fill_two_instances_and_do_each_job_once(house: Floor) -> None:
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(FaultyComfy()) for _ in range(2)]
        urls = [server.url for server in servers]
        workers = [await stack.enter_async_context(house.open(*urls)) for _ in range(3)]
        runs = [await house.start(workers[0], create(prompt=f"picture {n}")) for n in range(JOBS)]
        ends = await asyncio.gather(*(house.until(run_id) for run_id in runs))
        sent = [prompt["prompt_id"] for server in servers for prompt in server.prompts]
        most = [server.most_at_once for server in servers]
    assert {events[-1].type for events in ends} == {"run.completed"}
    assert [sum(e.type == "run.output" for e in events) for events in ends] == [1] * JOBS
    assert len(sent) == len(set(sent)) == JOBS
    assert max(most) <= 2  # one that renders, one that is next


async def test_a_long_line_of_one_person_hides_nobody(house: Floor, comfy: FaultyComfy) -> None:
    other = Owner("account-2", "standard", OWNER.scope)
    comfy.hold.clear()
    async with house.open(comfy.url) as one, house.open(comfy.url):
        for n in range(JOBS):
            await house.start(one, create(prompt=f"flood {n}"))
        late = await house.start(one, create(prompt="only one"), owner=other)
        comfy.hold.set()
        await house.until(late)
    told = [json.dumps(prompt["prompt"]) for prompt in comfy.prompts]
    [place] = [number for number, graph in enumerate(told) if "only one" in graph]
    assert place < JOBS / 2
