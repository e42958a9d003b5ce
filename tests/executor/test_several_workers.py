"""Several workers on one database and the same instances: nothing twice, nothing lost, nothing too much."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack

from executor.model import Owner
from executor.testing import FaultyComfy
from tests.executor.conftest import OWNER, Floor, create

JOBS = 24


async def test_three_workers_fill_two_instances_and_do_each_job_once(shared: Floor) -> None:
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(FaultyComfy()) for _ in range(2)]
        urls = [server.url for server in servers]
        workers = [await stack.enter_async_context(shared.open(*urls)) for _ in range(3)]
        runs = [await shared.start(workers[0], create(prompt=f"picture {n}")) for n in range(JOBS)]
        ends = await asyncio.gather(*(shared.until(run_id) for run_id in runs))
        sent = [prompt["prompt_id"] for server in servers for prompt in server.prompts]
        most = [server.most_at_once for server in servers]
    assert {events[-1].type for events in ends} == {"run.completed"}
    assert [sum(e.type == "run.output" for e in events) for events in ends] == [1] * JOBS
    assert len(sent) == len(set(sent)) == JOBS
    assert max(most) <= 2  # one that renders, one that is next


async def test_a_long_line_of_one_person_hides_nobody(shared: Floor, comfy: FaultyComfy) -> None:
    other = Owner("account-2", "standard", OWNER.scope)
    comfy.hold.clear()
    async with shared.open(comfy.url) as one, shared.open(comfy.url):
        for n in range(JOBS):
            await shared.start(one, create(prompt=f"flood {n}"))
        late = await shared.start(one, create(prompt="only one"), owner=other)
        comfy.hold.set()
        await shared.until(late)
    told = [json.dumps(prompt["prompt"]) for prompt in comfy.prompts]
    [place] = [number for number, graph in enumerate(told) if "only one" in graph]
    assert place < JOBS / 2
