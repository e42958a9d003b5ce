"""The worker: claims jobs under a lease, keeps every instance busy with one job ahead, takes over what others left.

One loop decides, one task per job works. An instance holds up to two of our jobs, the one it runs and the next, and
a job stops counting when it is rendered: fetching its outputs overlaps with the next render.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

from base.errors import DatabaseUnreachable, KeyLost, Problem
from base.ids import new_id
from base.log import correlated, get_logger, where
from executor import roster, store, striking
from executor.announcing import Teller
from executor.beyond import WRONG
from executor.binding import Apart
from executor.comfy.attribution import classes
from executor.comfy.faults import LOST, Faulted, of_the_house
from executor.comfy.follow import Stopped
from executor.comfy.instance import Instance
from executor.deciding.health import Health, doubtful, strikes, suspects
from executor.dispatch import Dispatcher
from executor.errors import NoRoom, StorageAway
from executor.fitting import Fitting
from executor.freeing import LeftBehind
from executor.life.steps import Unreadable
from executor.lifecycle import LeaseLost
from executor.model import Claim, Fault, FaultKind, Tag, WorkerState
from executor.pool import InstancePool
from executor.presence import Presence
from executor.retries import ROOM, Over
from executor.ringing import Hearing, JobBell
from executor.room import Room, needed
from executor.work import Bench, Work
from tools.errors import ToolUnknown

log = get_logger(__name__)


class Worker:
    """`alone`: no other worker can exist (SQLite), so that every lease of somebody else is a dead one. `do` is what
    is done with a job. Nothing is taken before `begins` returns: until then tools may be unknown that are only late."""

    def __init__(
        self, bench: Bench, pool: InstancePool, bell: JobBell, presence: Presence, *, alone: bool, deadline_s: float,
        fitting: Fitting, tags: Sequence[Tag] = tuple(Tag), do: type[Work] = Work,
        room: Room, begins: Callable[[], Awaitable[None]] | None = None,
    ) -> None:  # fmt: skip
        self.id, self.tags = new_id(), tuple(tags)
        self._bench, self._pool, self._bell, self._presence, self._alone = bench, pool, bell, presence, alone
        self.dispatcher = Dispatcher(bench, pool, deadline_s, self.tags, fitting)
        self._deadline_s, self._do = deadline_s, do
        self._left = LeftBehind(bench.db, pool, bench.clock, bench.pace)
        self._teller = Teller(bench.db, bench.line, bench.lifecycle, bench.clock)
        self._wanted = WorkerState.ACTIVE
        self._at_work: dict[str, tuple[str, asyncio.Event]] = {}
        """Lease token -> job, and how to stop it: who stalled may take over a job that a task of his own still holds."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._loops: list[asyncio.Task[None]] = []
        self._stopping, self._may = asyncio.Event(), asyncio.Event()
        self._begins, self._introduced, self._room = begins, False, room
        self._started_at = bench.clock.monotonic()

    def start(self) -> None:
        """Begin to work, in the background."""
        loops = (self._prepare(), self._run(), self._heartbeat(), self._left.keep_clear())
        self._loops = [asyncio.create_task(loop) for loop in loops]

    async def stop(self) -> None:
        """Let go within a few seconds: jobs stay on their instances, and whoever comes next collects them."""
        self._stopping.set()
        self._bell.stir()
        if tasks := {*self._loops, *self._tasks}:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=self._bench.pace.stop_s)
        async with self._bench.db.write() as tx:
            await store.release(tx, self.id)
            await roster.leave(tx, self.id)
            await self._presence.leave(tx)

    async def drained(self) -> None:
        """Return once an operator wants this worker gone and what it had is done."""
        while self._wanted is not WorkerState.DRAINING or self._tasks:
            await self._bench.clock.sleep(self._bench.pace.poll_s)

    # --- the loop

    async def _prepare(self) -> None:
        if self._begins is not None:
            await self._begins()
        self._may.set()
        self._bell.stir()

    async def _run(self) -> None:
        async with self._bell.hear(self.id, self.tags) as hearing:
            while not self._stopping.is_set():
                try:
                    await self._round(hearing)
                except Exception as error:  # noqa: BLE001  the worker's rim: one bad round must not end all work
                    log.error("worker_round_failed", error=type(error).__name__)
                    await self._bench.clock.sleep(self._bench.pace.poll_s)

    async def _round(self, hearing: Hearing) -> None:
        await self._hear()
        await self._presence.say(self._pool.instances())
        room = await self._has_room()
        if self._wanted is WorkerState.ACTIVE and self._may.is_set():
            if room:
                await self._take_over()
            await self._dispatch()
        await hearing.looked()
        await hearing.wait(self._bench.pace.poll_s)

    async def _dispatch(self) -> None:
        for claim, instance in await self.dispatcher.assign(self.id, full=self._room.full_since is not None):
            self._begin(claim, instance)
        await self.dispatcher.tell()
        await self._teller.tell()

    async def _has_room(self) -> bool:
        before = self._room.full_since
        if await self._room.look() is (before is not None):
            async with self._bench.db.write() as tx:
                await roster.note_room(tx, self.id, self._room.full_since)
        return self._room.full_since is None

    async def _take_over(self) -> None:
        async with self._bench.db.read() as tx:
            rows = await store.abandoned(tx, self.id, self._bench.clock.now(), self.tags, alone=self._alone)
        for row in rows:
            if not self.dispatcher.beyond.holds(row["id"]):
                try:
                    await self._take_one(row)
                except WRONG as error:
                    self.dispatcher.beyond.note(row["id"], error)
                    async with self._bench.db.write() as tx:
                        await self._bench.lifecycle.set_aside(tx, row)

    async def _take_one(self, row: Any) -> None:
        """Where its instance is there, continue; where it stays away, wait in the queue; where it left the pool, go elsewhere."""
        instance = self._pool.get(row["instance"])
        up = instance is not None and instance.up
        if instance is not None and not up and self._age() < self._bench.pace.grace_s:
            return  # we have only just begun to look for it
        async with self._bench.db.write() as tx:
            try:
                claim = await self._bench.lifecycle.take_over(tx, row, self.id, self._bench.pace.lease_s)
            except KeyLost:
                await self._bench.lifecycle.forgotten(tx, row["id"], row["run_id"])
                return
            if claim is not None and not up:
                await self._bench.lifecycle.put_back(tx, claim, there=instance is not None)
        if claim is not None and instance is not None and up:
            log.info("job_taken_over", job_id=claim.id, instance=instance.id)
            self._begin(claim, instance)

    async def _hear(self) -> None:
        """What an operator wants of us, and which of our jobs shall be interrupted."""
        async with self._bench.db.read() as tx:
            self._wanted = await roster.wanted(tx, self.id)
            stopped = await store.stopped(tx, self._jobs())
        for job_id, stop in self._at_work.values():
            if job_id in stopped:
                stop.set()

    # --- one job

    def _begin(self, claim: Claim, instance: Instance) -> None:
        stop = asyncio.Event()
        self._at_work[claim.token] = claim.id, stop
        task = asyncio.create_task(self._work(claim, instance, stop))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, claim: Claim, instance: Instance, stop: asyncio.Event) -> None:
        with correlated(claim.correlation_id):
            try:
                await self._guarded(claim, instance, stop)
            finally:
                del self._at_work[claim.token]
                self._bell.stir()

    async def _guarded(self, claim: Claim, instance: Instance, stop: asyncio.Event) -> None:
        try:
            await self._attempt(claim, instance, stop)
        except LeaseLost:
            log.info("job_lease_lost", job_id=claim.id)
        except DatabaseUnreachable:
            log.warning("job_left", job_id=claim.id, instance=instance.id)
            await self._let_go(claim)
        except Unreadable as error:
            self.dispatcher.beyond.note(claim.id, error)
            await self._let_go(claim)
        except Exception as error:  # noqa: BLE001  the worker's rim: the lease runs out and the job is taken over
            log.error("job_not_recorded", job_id=claim.id, error=type(error).__name__)

    async def _let_go(self, claim: Claim) -> None:
        """What became of the job is in the database, which just went away: as soon as it is back, whoever looks next goes
        on from there. Where it stays away, the lease runs out."""
        until = self._bench.clock.monotonic() + self._bench.pace.lease_s
        while self._bench.clock.monotonic() < until:
            try:
                async with self._bench.db.write() as tx:
                    await store.let_go(tx, claim.id, claim.token)
                return
            except DatabaseUnreachable:
                await self._bench.clock.sleep(self._bench.pace.poll_s)

    async def _attempt(self, claim: Claim, instance: Instance, stop: asyncio.Event) -> None:
        try:
            with needed():
                await self._rendered(claim, instance, stop)
        except (LeaseLost, DatabaseUnreachable, Unreadable):
            raise
        except Stopped as stopped:
            async with self._bench.db.write() as tx:
                await self._bench.lifecycle.cancelled(tx, claim, confirmed=stopped.confirmed)
            log.info("job_cancelled", job_id=claim.id, instance=instance.id)
        except Apart as error:
            async with self._bench.db.write() as tx:
                await self._bench.lifecycle.take_apart(tx, claim, error.fault)
            log.info("job_taken_apart", job_id=claim.id, instance=instance.id, code=error.fault and error.fault.code)
        except Faulted as error:
            await self._failed(claim, instance, error.fault)
        except KeyLost:
            async with self._bench.db.write() as tx:
                await self._bench.lifecycle.forgotten(tx, claim.id, claim.run_id)
            log.info("job_key_lost", job_id=claim.id)
        except ToolUnknown as problem:  # of a worker of another version, taken over
            async with self._bench.db.write() as tx:
                await self._bench.lifecycle.put_back(tx, claim, there=True)
            log.info("job_put_back", job_id=claim.id, instance=instance.id, code=problem.code)
        except Problem as problem:
            await self._failed(claim, instance, _fault_of(problem))
        except Exception as error:  # noqa: BLE001  the worker's rim: a bug of ours fails one job, not the worker
            log.error("job_crashed", job_id=claim.id, error=type(error).__name__, where=where(error))
            await self._failed(claim, instance, Fault(FaultKind.JOB, "job_failed"))

    async def _rendered(self, claim: Claim, instance: Instance, stop: asyncio.Event) -> None:
        for one in claim.steps:
            await self._bench.catalogue.fetch(one.step.tool)  # a person's own tool may never have been used here
        await self._do(self._bench, claim, instance, stop).run()
        if instance.struck:
            await self._mend(instance)
        if claim.failed_on:
            await self._convict(claim, instance)

    async def _failed(self, claim: Claim, instance: Instance, fault: Fault) -> None:
        if fault.code == NoRoom.code:
            self._room.missed()
        elif fault.kind in (FaultKind.HOST, FaultKind.CONNECTION):
            instance.uploaded.clear()
            instance.suspect()
        if fault.code == LOST and await self._bench.doubts.only_waited(claim):
            async with self._bench.db.write() as tx:
                await self._bench.lifecycle.put_back(tx, claim, there=False)
            log.info("job_put_back", job_id=claim.id, instance=instance.id)
            return
        elsewhere = self._elsewhere(claim, instance, fault)
        died = await self._bench.doubts.settled(claim)
        async with self._bench.db.write() as tx:
            decision = await self._bench.lifecycle.setback(
                tx, claim, fault, elsewhere=elsewhere, patience_s=self._deadline_s, pauses=self._bench.pace.retry_s, died=died,
                room_gb=instance.memory_gb if fault.code in ROOM else None,
            )  # fmt: skip
        await self._strike(claim, instance, fault)
        ending = decision.ending.value if isinstance(decision, Over) else None
        node, raised = classes(fault)
        log.info("job_attempt_failed", job_id=claim.id, instance=instance.id, code=fault.code, kind=fault.kind.value,
                 attempts=claim.attempts, ending=ending, node=node, raised=raised)  # fmt: skip

    async def _strike(self, claim: Claim, instance: Instance, fault: Fault) -> None:
        """Note what speaks against the instance, so that all workers know. After the job went on, which shall not wait for it:
        what happened to it there is excused when it fails again."""
        if not strikes(fault) and not doubtful(fault):
            return
        async with self._bench.db.write() as tx:
            before, now = await striking.strike(tx, self._here(instance), claim.id, fault)
        _say_failing(instance, before, now)

    async def _convict(self, claim: Claim, instance: Instance) -> None:
        """It is done here: where it failed before though that may have been its own fault, it was not."""
        async with self._bench.db.read() as tx:
            known = (await store.setbacks_of(tx, [claim.id]))[claim.id]
        for doubt in suspects(known, instance.id):
            if (other := self._pool.get(doubt.instance)) is not None:
                async with self._bench.db.write() as tx:
                    before, now = await striking.convict(tx, self._here(other), claim.id, doubt)
                _say_failing(other, before, now)

    def _here(self, instance: Instance) -> striking.Here:
        return striking.Here(instance.id, self._bench.clock.now(), instance.since, self._bench.pace.rest_s)

    async def _mend(self, instance: Instance) -> None:
        instance.struck = False
        async with self._bench.db.write() as tx:
            mended = await striking.mend(tx, instance.id)
        if mended:
            log.info("instance_mended", instance=instance.id)

    def _elsewhere(self, claim: Claim, instance: Instance, fault: Fault) -> bool:
        """Whether another instance is there that could do it and where it did not fail."""
        if fault.kind is FaultKind.JOB and fault.code not in ROOM and not doubtful(fault):
            return False
        avoided = {*claim.failed_on, instance.id}
        others = [other for other in self._pool.instances() if other.up and other.id not in avoided]
        if fault.code in ROOM:
            others = [other for other in others if other.memory_gb > instance.memory_gb]
        return any(self._able(other, claim) for other in others)

    def _able(self, instance: Instance, claim: Claim) -> bool:
        known = instance.capabilities
        tools = ((self._bench.catalogue.get(one.step.tool), one.step.params) for one in claim.left)
        return known is not None and all(self._bench.implement(tool, known, params) for tool, params in tools)

    async def _heartbeat(self) -> None:
        while True:
            try:
                await self._beat()
            except Exception as error:  # noqa: BLE001  the worker's rim: the next beat may succeed
                log.error("heartbeat_failed", error=type(error).__name__)
            await self._bench.clock.sleep(self._bench.pace.heartbeat_s)

    async def _beat(self) -> None:
        """Hold the leases of what is really being worked on, and say that we live."""
        now = self._bench.clock.now()
        async with self._bench.db.write() as tx:
            await store.prolong(tx, self.id, self._jobs(), now + timedelta(seconds=self._bench.pace.lease_s))
            first = await roster.beat(tx, self.id, self.tags, now)
            if self._may.is_set() and (first or not self._introduced):
                await roster.introduce(tx, self.id, self._bench.catalogue.names())
                self._introduced = True
            await roster.note_room(tx, self.id, self._room.full_since)
        await self._presence.say(self._pool.instances(), again=True)

    def _jobs(self) -> list[str]:
        return [job_id for job_id, _ in self._at_work.values()]

    def _age(self) -> float:
        return self._bench.clock.monotonic() - self._started_at


def _say_failing(instance: Instance, before: Health, now: Health) -> None:
    instance.struck = not now.blank
    if now.failing and now != before:
        log.warning("instance_failing", instance=instance.id, code=now.code, jobs=now.strikes)


def _fault_of(problem: Problem) -> Fault:
    """What a Problem says of the job; of where our own bytes lie it says nothing of the job."""
    if isinstance(problem, StorageAway):
        return of_the_house(problem.code, problem.detail)
    return Fault(FaultKind.JOB, problem.code, problem.detail)
