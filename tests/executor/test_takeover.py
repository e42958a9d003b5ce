"""Any process may die at any moment: jobs are collected, re-attached or sent again, and never paid twice."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from base.clock import SystemClock
from base.crypto import DataKey
from executor.assembly import Executor
from executor.comfy.follow import Follower, Patience
from executor.comfy.instance import Instance
from executor.comfy.verdict import Ending
from executor.lifecycle import LeaseLost
from executor.model import RunStatus
from executor.providers.local import LocalProvider
from executor.tables import jobs, runs
from executor.testing import QUICK, FaultyComfy
from executor.work import Work
from tests.executor.conftest import OWNER, Floor, create, eventually
from tests.patience import PATIENCE_S
from tools.model import Tool
from tools.service import load_tools

ROOT = Path(__file__).resolve().parents[2]


async def test_a_stopped_worker_leaves_its_job_to_the_next(both: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with both.open(comfy.url) as executor:
        run_id = await both.start(executor, create())
        await eventually(lambda: comfy.running is not None)
    async with both.open(comfy.url):
        comfy.hold.set()
        events = await both.until(run_id)
    assert [e.type for e in events] == ["run.queued", "run.output", "run.completed"]
    assert len(comfy.prompts) == 1


async def test_a_job_that_ended_meanwhile_is_collected(both: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with both.open(comfy.url) as executor:
        run_id = await both.start(executor, create())
        await eventually(lambda: comfy.running is not None)
    comfy.hold.set()
    await eventually(lambda: bool(comfy.history))
    async with both.open(comfy.url):
        assert (await both.until(run_id))[-1].type == "run.completed"
    assert len(comfy.prompts) == 1


async def test_a_job_that_nobody_knows_any_more_is_sent_again(both: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with both.open(comfy.url) as executor:
        run_id = await both.start(executor, create())
        await eventually(lambda: comfy.running is not None)
    await comfy.die()
    comfy.hold.set()
    await comfy.rise()
    async with both.open(comfy.url):
        assert (await both.until(run_id))[-1].type == "run.completed"
    assert len({prompt["prompt_id"] for prompt in comfy.prompts}) == 2


async def test_a_job_of_a_server_that_left_the_settings_goes_elsewhere(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with floor.open(comfy.url) as executor:
        run_id = await floor.start(executor, create())
        await eventually(lambda: comfy.running is not None)
    async with FaultyComfy() as other, floor.open(other.url):
        assert (await floor.until(run_id))[-1].type == "run.completed"
        assert len(other.prompts) == 1


async def test_a_job_whose_server_is_away_when_we_come_back_waits_and_says_so(both: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with both.open(comfy.url) as executor:
        run_id = await both.start(executor, create())
        await eventually(lambda: comfy.running is not None)
    await comfy.die()
    async with both.open(comfy.url):
        await both.until(run_id, "run.waiting")
        comfy.hold.set()
        await comfy.rise()
        assert (await both.until(run_id))[-1].type == "run.completed"


async def test_who_takes_a_job_over_from_himself_can_still_stop_it(shared: Floor, comfy: FaultyComfy) -> None:
    """A worker that stalled finds its own lease run out: the task that held it ends, and the one that holds it now hears."""
    begun: list[Stalling] = []

    class Stalling(Work):
        async def run(self) -> None:
            self.over = asyncio.Event()
            self.task = asyncio.current_task()
            begun.append(self)
            if self is begun[0]:
                await self.over.wait()
                raise LeaseLost
            await super().run()

    comfy.hold.clear()
    async with shared.open(comfy.url, do=Stalling) as executor:
        run_id = await shared.start(executor, create())
        await eventually(lambda: len(begun) == 1)
        async with shared.db.write() as tx:
            long_ago = shared.clock.now() - timedelta(seconds=60)
            await tx.execute(update(jobs).values(lease_until=long_ago, lease_owner="stalled"))
        await eventually(lambda: comfy.running is not None)
        begun[0].over.set()
        await eventually(lambda: begun[0].task is not None and begun[0].task.done())
        await executor.runs.cancel(run_id, OWNER.account_id)
        assert (await shared.until(run_id))[-1].type == "run.cancelled"
    assert comfy.interrupts
    assert len(begun) == 2  # its lease was kept, too


async def test_a_forgotten_key_ends_the_job_and_holds_up_nobody(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    gone = replace(OWNER, scope="gone")
    async with floor.open(comfy.url) as executor:
        async with floor.db.write() as tx:
            await floor.keys.create(tx, gone.scope, gone.account_id, gone.tier)
        lost = [await floor.start(executor, create(), owner=gone) for _ in range(3)]
        await eventually(lambda: len(comfy.prompts) == 2)
        async with floor.db.write() as tx:
            await floor.keys.forget(tx, gone.scope)
        comfy.hold.set()
        assert (await floor.until(await floor.start(executor, create())))[-1].type == "run.completed"
        async with asyncio.timeout(PATIENCE_S):
            while await _statuses(floor, lost) != {RunStatus.FAILED}:
                await asyncio.sleep(0.01)


async def _statuses(floor: Floor, run_ids: list[str]) -> set[str]:
    async with floor.db.read() as tx:
        return {row["status"] for row in await tx.all(select(runs.c.status).where(runs.c.id.in_(run_ids)))}


async def test_a_cancel_while_no_worker_lives_is_obeyed_by_the_next(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with floor.open(comfy.url) as executor:
        run_id = await floor.start(executor, create())
        await eventually(lambda: comfy.running is not None)
    async with floor.open(comfy.url, work=False) as executor:
        await executor.runs.cancel(run_id, OWNER.account_id)
    async with floor.open(comfy.url):
        assert (await floor.until(run_id))[-1].type == "run.cancelled"
    assert comfy.running is None


async def test_two_workers_do_each_job_once(shared: Floor, comfy: FaultyComfy) -> None:
    async with shared.open(comfy.url) as first, shared.open(comfy.url):
        runs = [await shared.start(first, create(prompt=str(i))) for i in range(8)]
        for run_id in runs:
            assert (await shared.until(run_id))[-1].type == "run.completed"
    assert len(comfy.prompts) == 8


CHILD = """
import asyncio, sys
from pathlib import Path
from base.db import Database
from base.clock import SystemClock
from base.crypto import DataKey
from base.log import configure
from tests.executor.conftest import OWNER, Floor, create, eventually

async def main(url, data, comfy, secret):
    configure()  # logs go to stderr
    floor = Floor(Database(url), Path(data))
    floor.keys._keys[OWNER.scope] = DataKey(OWNER.scope, bytes.fromhex(secret))
    async with floor.open(comfy) as executor:
        await eventually(lambda: all(instance.up for instance in executor.pool.instances()))
        print(await floor.start(executor, create()), flush=True)
        await asyncio.Event().wait()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_job_survives_the_kill_of_its_worker(both: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    secret = os.urandom(32)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, both.db.url, str(both.data), comfy.url, secret.hex(),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert process.stdout is not None
    async with asyncio.timeout(PATIENCE_S):
        run_id = (await process.stdout.readline()).decode().strip()
    await eventually(lambda: comfy.running is not None)
    process.kill()
    assert await process.wait() == -signal.SIGKILL
    both.keys._keys[OWNER.scope] = DataKey(OWNER.scope, secret)
    async with both.open(comfy.url):
        comfy.hold.set()
        events = await both.until(run_id)
    assert [e.type for e in events] == ["run.queued", "run.output", "run.completed"]
    assert len(comfy.prompts) == 1


async def test_the_embedded_renderer_that_dies_is_started_again_with_its_job(floor: Floor) -> None:
    async with floor.open(renderer=("--step-delay", "0.2")) as executor:
        provider = _local(executor)
        await eventually(lambda: provider.instance.up)
        run_id = await floor.start(executor, create())
        await floor.until(run_id, "run.progress")
        first = provider.process
        assert first is not None
        first.kill()
        assert (await floor.until(run_id))[-1].type == "run.completed"
        assert provider.process is not None
        assert provider.process.pid != first.pid
        [asset] = await executor.runs.assets(run_id)
        assert asset.sketch
        left = [path for path in (floor.data / "renderer" / "local" / "output").rglob("*") if path.is_file()]
    assert left == []
    assert provider.process.returncode is not None


async def test_the_embedded_renderer_ends_with_its_parents_pipe(floor: Floor) -> None:
    async with floor.open(renderer=()) as executor:
        provider = _local(executor)
        await eventually(lambda: provider.instance.up)
        process = provider.process
        assert process is not None
        assert process.stdin is not None
        process.stdin.close()
        async with asyncio.timeout(PATIENCE_S):
            assert await process.wait() == 0


async def test_a_lost_lease_throws_the_result_away(both: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    async with both.open(comfy.url, pace=replace(QUICK, heartbeat_s=60)) as executor:
        run_id = await both.start(executor, create())
        await eventually(lambda: comfy.running is not None)
        async with both.db.write() as tx:
            far = both.clock.now().replace(year=2100)
            await tx.execute(update(jobs).values(lease_token="somebody-else", lease_until=far))
        comfy.hold.set()
        await eventually(lambda: comfy.running is None)
        await asyncio.wait_for(asyncio.gather(*executor.worker._tasks), PATIENCE_S)
        assert await executor.runs.assets(run_id) == []
        assert [e.type for e in await both.events.read(f"run:{run_id}")] == ["run.queued"]


def slow(deadline_s: float) -> Tool:
    """text_to_image that may take so long."""
    [tool] = [tool for tool in load_tools() if tool.name == "text_to_image"]
    return tool.model_copy(update={"name": "slow", "deadline_s": deadline_s})


async def _begun_long_ago(floor: Floor, comfy: FaultyComfy) -> str:
    """A job that its worker left when it had just begun, an hour before now."""
    comfy.hold.clear()
    async with floor.open(comfy.url, tools=[slow(600)]) as executor:
        run_id = await floor.start(executor, create().model_copy(update={"tool": "slow"}))
        await _until_begun(floor)
    async with floor.db.write() as tx:
        await tx.execute(update(jobs).values(gpu_started_at=floor.clock.now() - timedelta(hours=1)))
    return run_id


async def _until_begun(floor: Floor) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            async with floor.db.read() as tx:
                if await tx.scalar(select(jobs.c.gpu_started_at)) is not None:
                    return
            await asyncio.sleep(0.01)


async def test_the_time_of_a_job_goes_on_when_it_is_taken_over(both: Floor, comfy: FaultyComfy) -> None:
    run_id = await _begun_long_ago(both, comfy)
    async with both.open(comfy.url, tools=[slow(600)]):
        assert (await both.until(run_id))[-1].data["code"] == "too_slow"
    assert comfy.interrupts == [prompt["prompt_id"] for prompt in comfy.prompts]


async def test_what_was_done_while_nobody_looked_is_not_too_late(both: Floor, comfy: FaultyComfy) -> None:
    run_id = await _begun_long_ago(both, comfy)
    comfy.hold.set()
    await eventually(lambda: bool(comfy.history))
    async with both.open(comfy.url, tools=[slow(600)]):
        assert (await both.until(run_id))[-1].type == "run.completed"
    assert len(comfy.prompts) == 1


async def test_a_prompt_that_is_sent_again_has_all_its_time(both: Floor, comfy: FaultyComfy) -> None:
    run_id = await _begun_long_ago(both, comfy)
    await comfy.die()
    comfy.hold.set()
    await comfy.rise()
    async with both.open(comfy.url, tools=[slow(600)]):
        assert (await both.until(run_id))[-1].type == "run.completed"


async def test_a_server_that_says_nothing_is_seen_to_begin(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.mute = True
    comfy.hold.clear()
    async with floor.open(comfy.url) as executor:
        run_id = await floor.start(executor, create())
        await _until_begun(floor)
        comfy.hold.set()
        assert (await floor.until(run_id))[-1].type == "run.completed"


async def test_who_took_a_job_over_looks_often_because_nobody_tells(floor: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    seldom = replace(QUICK, history_s=10 * PATIENCE_S)
    async with floor.open(comfy.url, pace=seldom) as executor:
        run_id = await floor.start(executor, create())
        await eventually(lambda: comfy.running is not None)
    async with floor.open(comfy.url, pace=seldom) as executor:
        await eventually(lambda: all(instance.board.client_id for instance in executor.pool.instances()))
        await floor.clock.sleep(0.3)
        comfy.hold.set()
        assert (await floor.until(run_id))[-1].type == "run.completed"


def _local(executor: Executor) -> LocalProvider:
    [provider] = [p for p in executor.providers if isinstance(p, LocalProvider)]
    return provider


class Freezing(SystemClock):
    """Its process can be frozen: then much time goes by at once."""

    asleep_s = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.asleep_s


async def _freezes(floor: Floor, comfy: FaultyComfy, executor: Executor, clock: Freezing) -> str:
    """While a render that may take ten minutes is under way the worker is frozen for an hour."""
    comfy.hold.clear()
    run_id = await floor.start(executor, create().model_copy(update={"tool": "slow"}))
    await eventually(lambda: comfy.running is not None)
    await _until_begun(floor)
    clock.asleep_s = 3600.0
    return run_id


async def test_a_frozen_worker_does_not_count_what_it_slept(both: Floor, comfy: FaultyComfy) -> None:
    both.clock = clock = Freezing()
    async with both.open(comfy.url, tools=[slow(600)]) as executor:
        run_id = await _freezes(both, comfy, executor, clock)
        await both.clock.sleep(1.0)
        assert comfy.interrupts == []
        comfy.hold.set()
        assert (await both.until(run_id))[-1].type == "run.completed"


async def test_who_is_late_looks_whether_it_has_ended_before_he_gives_up(comfy: FaultyComfy) -> None:
    """And does not stop what is in other hands by now."""
    instance, pace = Instance("x", comfy.url, clock=SystemClock(), pace=QUICK, changed=lambda: None), QUICK

    async def not_ours() -> None:
        raise LeaseLost

    def follower(prompt_id: str) -> Follower:
        return Follower(
            instance, prompt_id, {}, asyncio.Event(), SystemClock(), pace, lambda _: None, lambda _: None,
            lambda *_: None, lambda: None, Patience(deadline_s=0.0), not_ours,
        )  # fmt: skip

    comfy.hold.clear()
    graph = {"9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "x"}}}
    await instance.http.submit(graph, "p", None, {})
    await eventually(lambda: comfy.running == "p")
    with instance.board.channel("p") as channel:
        channel.push(("progress", {"value": 1, "max": 2, "node": "9"}))
        with pytest.raises(LeaseLost):
            await follower("p").follow(channel)
        assert comfy.interrupts == []
        comfy.hold.set()
        await eventually(lambda: "p" in comfy.history)
        channel.push(("progress", {"value": 2, "max": 2, "node": "9"}))
        assert (await follower("p").follow(channel)).ending is Ending.SUCCESS
    await instance.close()
