"""Two transactions at once on PostgreSQL, each verb meeting the other that would make its answer untrue."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from base.db import Tx
from base.errors import DatabaseUnreachable
from executor import locks, looking, store
from executor.assembly import Executor
from executor.comfy.follow import Stopped
from executor.keeping import Keeper
from executor.lifecycle import LeaseLost, Lifecycle
from executor.model import Claim, Cost, Fault, FaultKind, JobStatus, RunStatus
from executor.testing import FaultyComfy
from executor.work import Bench, Work
from tests.executor.conftest import OWNER, Floor, create, resize
from tests.executor.test_lock_order import held_run, until_waiting
from tests.patience import PATIENCE_S
from tools.model import StepRef

BAD = Fault(FaultKind.JOB, "job_failed")
PAID = Cost(2.0, 3.0)


def verbs(executor: Executor) -> Lifecycle:
    return executor.worker._bench.lifecycle


async def jobs_of(floor: Floor, run_id: str) -> list[Any]:
    async with floor.db.read() as tx:
        return await store.jobs_of(tx, run_id)


async def run_of(floor: Floor, run_id: str) -> Any:
    async with floor.db.read() as tx:
        return await store.run(tx, run_id)


async def told(floor: Floor, run_id: str) -> list[str]:
    return [event.type for event in await floor.events.read(f"run:{run_id}")]


async def taken(floor: Floor, executor: Executor, run_id: str) -> list[Claim]:
    """Every job of the run, rendered and about to be fetched."""
    claims: list[Claim] = []
    for job in await jobs_of(floor, run_id):
        async with floor.db.write() as tx:
            claim = await verbs(executor).claim(tx, job["id"], "somewhere", "somebody", 60.0)
            assert claim is not None
            await verbs(executor).running(tx, claim, {})
            await verbs(executor).collecting(tx, claim)
            claims.append(claim)
    return claims


async def complete(tx: Tx, lifecycle: Lifecycle, claim: Claim) -> None:
    """As the keeper does it."""
    row = await lifecycle.hold(tx, claim)
    await lifecycle.complete(tx, claim, row, claim.step.id, {claim.step.id: PAID})


async def fail(tx: Tx, lifecycle: Lifecycle, claim: Claim) -> object:
    return await lifecycle.setback(tx, claim, BAD, elsewhere=False, patience_s=60.0, pauses=(0.0,))


@asynccontextmanager
async def meeting(floor: Floor, verb: Callable[[Tx], Awaitable[object]]) -> AsyncIterator[Tx]:
    """A transaction in which `verb`, in another one, begins before it is committed; the verb ends after that."""
    async with asyncio.timeout(PATIENCE_S):
        async with floor.db.write() as tx:
            yield tx
            task = asyncio.create_task(_in_a_transaction(floor, verb))
            waits = asyncio.create_task(until_waiting(floor))
            await asyncio.wait({task, waits}, return_when=asyncio.FIRST_COMPLETED)
            waits.cancel()
        await task


async def _in_a_transaction(floor: Floor, verb: Callable[[Tx], Awaitable[object]]) -> None:
    async with floor.db.write() as tx:
        await verb(tx)


async def test_what_is_done_when_the_cancel_comes_is_not_kept_and_the_run_ends(shared: Floor) -> None:
    async with shared.open(work=False) as executor:
        run_id = await shared.start(executor, create())
        [claim] = await taken(shared, executor, run_id)
        lifecycle = verbs(executor)
        with pytest.raises(Stopped):
            async with meeting(shared, lambda tx: complete(tx, lifecycle, claim)) as tx:
                await lifecycle.cancel(tx, run_id, OWNER.account_id)
        async with shared.db.write() as tx:
            await lifecycle.cancelled(tx, claim)
        run = await run_of(shared, run_id)
    assert (run["status"], run["credits"]) == (RunStatus.CANCELLED, 0.0)
    assert (await told(shared, run_id))[-1] == "run.cancelled"


async def test_the_parts_of_a_job_that_is_divided_are_cancelled_with_it(shared: Floor) -> None:
    async with shared.open(work=False) as executor:
        run_id = await shared.start(executor, create("s1"), create("s2", prompt="another"), create("s3", prompt="a third"))
        [job] = await jobs_of(shared, run_id)
        lifecycle = verbs(executor)
        async with meeting(shared, lambda tx: lifecycle.cancel(tx, run_id, OWNER.account_id)) as tx:
            [row] = await looking.lock(tx, [job["id"]])
            await lifecycle.divide(tx, row["id"], [[one] for one in await lifecycle.steps_of(tx, job)])
            claim = await lifecycle.claim(tx, row["id"], "somewhere", "somebody", 60.0)
        after = await jobs_of(shared, run_id)
        assert claim is not None
        assert [(JobStatus(each["status"]), each["stop"]) for each in after] == [
            (JobStatus.DISPATCHING, True), (JobStatus.CANCELLED, False), (JobStatus.CANCELLED, False)
        ]  # fmt: skip
        async with shared.db.write() as tx:
            await lifecycle.cancelled(tx, claim)
    assert (await run_of(shared, run_id))["status"] == RunStatus.CANCELLED


async def test_what_is_taken_apart_while_it_is_cancelled_is_cancelled(shared: Floor) -> None:
    async with shared.open(work=False) as executor:
        run_id = await shared.start(executor, create("s1"), create("s2", prompt="another"))
        [claim] = await taken(shared, executor, run_id)
        lifecycle = verbs(executor)
        async with meeting(shared, lambda tx: lifecycle.take_apart(tx, claim, None)) as tx:
            await lifecycle.cancel(tx, run_id, OWNER.account_id)
    assert [each["status"] for each in await jobs_of(shared, run_id)] == [JobStatus.CANCELLED]
    assert (await run_of(shared, run_id))["status"] == RunStatus.CANCELLED


async def test_no_job_of_a_run_that_stops_is_begun(shared: Floor) -> None:
    async with shared.open(work=False) as executor:
        run_id = await shared.start(executor, create())
        [job] = await jobs_of(shared, run_id)
        async with shared.db.write() as tx:
            await store.change_run(tx, run_id, [RunStatus.ACTIVE], stopping=True)
            assert await verbs(executor).claim(tx, job["id"], "somewhere", "somebody", 60.0) is None


def after(run_id: str) -> Any:
    """A step that uses what another run makes."""
    return resize("big", StepRef(run_id=run_id, step_id="s1", port="image"))


@pytest.mark.parametrize(("end", "then"), [(complete, JobStatus.QUEUED), (fail, None)])
async def test_a_run_that_begins_to_wait_hears_of_an_end_at_that_moment(shared: Floor, end: Any, then: JobStatus | None) -> None:
    async with shared.open(work=False) as executor:
        first = await shared.start(executor, create())
        [claim] = await taken(shared, executor, first)
        other = await shared.start(executor, after(first), waiting=True)
        lifecycle = verbs(executor)
        async with meeting(shared, lambda tx: end(tx, lifecycle, claim)) as tx:
            assert await lifecycle.confirm(tx, other, OWNER.account_id)
    assert [each["status"] for each in await jobs_of(shared, other)] == ([] if then is None else [then])
    assert (await run_of(shared, other))["status"] == (RunStatus.FAILED if then is None else RunStatus.ACTIVE)


async def test_nothing_is_kept_told_or_charged_after_the_end(shared: Floor) -> None:
    async with shared.open(work=False, fuse=False) as executor:
        run_id = await shared.start(executor, create("s1"), create("s2", prompt="another"))
        one, other = await taken(shared, executor, run_id)
        lifecycle = verbs(executor)
        with pytest.raises(Stopped):
            async with meeting(shared, lambda tx: complete(tx, lifecycle, other)) as tx:
                await fail(tx, lifecycle, one)
        run = await run_of(shared, run_id)
    assert (run["status"], run["credits"]) == (RunStatus.FAILED, 0.0)
    assert (await told(shared, run_id))[-1] == "run.failed"


async def test_what_fails_when_the_cancel_comes_is_cancelled(shared: Floor) -> None:
    async with shared.open(work=False) as executor:
        run_id = await shared.start(executor, create())
        [claim] = await taken(shared, executor, run_id)
        lifecycle = verbs(executor)
        async with meeting(shared, lambda tx: fail(tx, lifecycle, claim)) as tx:
            await lifecycle.cancel(tx, run_id, OWNER.account_id)
    assert (await run_of(shared, run_id))["status"] == RunStatus.CANCELLED
    assert (await told(shared, run_id))[-1] == "run.cancelled"


async def test_of_two_who_take_a_job_over_one_has_it(shared: Floor) -> None:
    async with shared.open(work=False) as executor:
        run_id = await shared.start(executor, create())
        await taken(shared, executor, run_id)
        [job] = await jobs_of(shared, run_id)
        lifecycle, claims = verbs(executor), list[Claim | None]()

        async def late(tx: Tx) -> None:
            claims.append(await lifecycle.take_over(tx, job, "late", 60.0))

        async with meeting(shared, late) as tx:
            claims.append(await lifecycle.take_over(tx, job, "early", 60.0))
        [after] = await jobs_of(shared, run_id)
    assert [claim is None for claim in claims] == [False, True]
    assert after["lease_owner"] == "early"


async def test_who_wakes_up_keeps_its_job(both: Floor) -> None:
    async with both.open(work=False) as executor:
        run_id = await both.start(executor, create())
        [claim] = await taken(both, executor, run_id)
        [job] = await jobs_of(both, run_id)
        async with both.db.write() as tx:
            await store.prolong(tx, "somebody", [claim.id], both.clock.now() + timedelta(seconds=120))
            assert await verbs(executor).take_over(tx, job, "another", 60.0) is None


async def test_a_step_is_done_once(both: Floor) -> None:
    async with both.open(work=False) as executor:
        run_id = await both.start(executor, create("s1"), create("s2", prompt="another"))
        [claim] = await taken(both, executor, run_id)

        async def keep() -> None:
            async with both.db.write() as tx:
                await verbs(executor).hold(tx, claim)
                await verbs(executor).step_done(tx, claim, "s1")

        await keep()
        with pytest.raises(LeaseLost):
            await keep()


class AnswerLost:
    """A database of which the first commit is done and never answered."""

    def __init__(self, floor_db: Any) -> None:
        self._db, self.lost = floor_db, False

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        async with self._db.write() as tx:
            yield tx
        if not self.lost:
            self.lost = True
            raise DatabaseUnreachable(retry_after=1)


class Unlucky(Work):
    """What becomes of the first step that is kept is never heard."""

    def __init__(self, bench: Bench, claim: Claim, *rest: Any) -> None:
        super().__init__(bench, claim, *rest)
        if claim.status is JobStatus.QUEUED:
            db: Any = AnswerLost(bench.db)
            self._keeper = Keeper(db, bench.lifecycle, bench.assets, self._binder.tools, claim, self._instance, self._stop)


async def test_a_step_kept_by_a_commit_that_was_not_answered_is_kept_once(both: Floor, comfy: FaultyComfy) -> None:
    comfy.hold.clear()
    comfy.early = 1
    async with both.open(comfy.url, do=Unlucky) as executor:
        run_id = await both.start(executor, create("s1"), create("s2", prompt="another"))
        await both.until(run_id, "run.output")
        comfy.hold.set()
        events = await both.until(run_id)
        made = await executor.runs.assets(run_id)
    assert [event.data["step_id"] for event in events if event.type == "run.output"] == ["s1", "s2"]
    assert [asset.step_id for asset in made] == ["s1", "s2"]
    assert len(comfy.prompts) == 1


async def test_a_person_s_turn_comes_before_their_runs(shared: Floor) -> None:
    async with shared.open(work=False) as executor:
        lifecycle = verbs(executor)
        for name, prepared in _turns(lifecycle).items():
            run_id = await shared.start(executor, create(), waiting=name == "confirm")
            claims = [] if name in _NOT_AT_WORK else await taken(shared, executor, run_id)
            jobs = await jobs_of(shared, run_id)
            verb = prepared(run_id, jobs, claims)
            async with shared.db.write() as tx:
                await locks.turn_of(tx, OWNER.account_id)
                task = asyncio.create_task(_quietly(shared, verb))
                await until_waiting(shared)
                async with asyncio.timeout(PATIENCE_S):
                    assert await store.run(tx, run_id, lock=True) is not None, name
            await asyncio.wait_for(task, PATIENCE_S)


_NOT_AT_WORK = frozenset({"confirm", "give_up"})


def _turns(lifecycle: Lifecycle) -> dict[str, Callable[[str, Sequence[Any], Sequence[Claim]], Any]]:
    """Each verb that may end or advance a run."""
    return {
        "confirm": lambda run_id, jobs, claims: lambda tx: lifecycle.confirm(tx, run_id, OWNER.account_id),
        "cancel": lambda run_id, jobs, claims: lambda tx: lifecycle.cancel(tx, run_id, OWNER.account_id),
        "mend": lambda run_id, jobs, claims: lambda tx: lifecycle.mend(tx, run_id),
        "complete": lambda run_id, jobs, claims: lambda tx: complete(tx, lifecycle, claims[0]),
        "setback": lambda run_id, jobs, claims: lambda tx: fail(tx, lifecycle, claims[0]),
        "take_apart": lambda run_id, jobs, claims: lambda tx: lifecycle.take_apart(tx, claims[0], None),
        "put_back": lambda run_id, jobs, claims: lambda tx: lifecycle.put_back(tx, claims[0], there=False),
        "cancelled": lambda run_id, jobs, claims: lambda tx: lifecycle.cancelled(tx, claims[0]),
        "forgotten": lambda run_id, jobs, claims: lambda tx: lifecycle.forgotten(tx, jobs[0]["id"], run_id),
        "give_up": lambda run_id, jobs, claims: lambda tx: lifecycle.give_up(tx, jobs[0], BAD),
        "take_over": lambda run_id, jobs, claims: lambda tx: lifecycle.take_over(tx, jobs[0], "another", 60.0),
    }


async def _quietly(floor: Floor, verb: Callable[[Tx], Awaitable[object]]) -> None:
    async with floor.db.write() as tx:
        await verb(tx)


async def test_leases_are_let_go_in_the_order_in_which_jobs_are_stopped(shared: Floor) -> None:
    async with shared.open(work=False, fuse=False) as executor:
        run_id = await shared.start(executor, create("s1"), create("s2", prompt="another"))
        one, other = await taken(shared, executor, run_id)
        async with shared.db.write() as tx:  # its row lies behind the other's now
            await store.change_job(tx, one.id, [JobStatus.COLLECTING], place=None, expect_s=2.0)
        async with held_run(shared, run_id) as tx:
            assert await store.lock_job(tx, one.id) is not None
            task = asyncio.create_task(_in_a_transaction(shared, lambda tx: store.release(tx, "somebody")))
            await until_waiting(shared)
            async with asyncio.timeout(PATIENCE_S):
                assert await store.lock_job(tx, other.id) is not None
        await asyncio.wait_for(task, PATIENCE_S)
