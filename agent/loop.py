"""The turn loop of a process that converses: claim turns under a lease, carry each to its end.

Understanding is serial within a conversation; runs of one conversation may overlap. Nothing is kept in memory that a
kill could lose: another process, or this one after a restart, claims what is left and goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from agent import store
from agent.ending import Ending, as_error
from agent.errors import Interrupted
from agent.service import TURNS
from agent.states import BEFORE_RUN, TurnState, TurnStatus
from agent.understanding import LeaseLost, Understanding
from agent.watching import Watching
from base.bell import Bell
from base.clock import Clock
from base.db import Database
from base.errors import DatabaseUnreachable, Problem
from base.log import correlated, get_logger, where
from executor.protocols import Runs

log = get_logger(__name__)

POLL_S = 1.0
FINISH_S = 2.5  # for plans under way when the end is asked for
COLD_S = 2.0  # how long a process that still reads its models leaves what is to be understood to others
AT_ONCE = 200  # turns one process carries at once; most of them only watch a run


class TurnLoop:
    """`start` it once everything is assembled; `stop` gives its leases back."""

    def __init__(
        self, db: Database, bell: Bell, clock: Clock, runs: Runs, understanding: Understanding, watching: Watching,
        ending: Ending, owner: str, ready: Callable[[], Awaitable[None]], lease_s: float,
        warm: Callable[[], bool],
    ) -> None:  # fmt: skip
        self._db, self._bell, self._clock, self._runs = db, bell, clock, runs
        self._understanding, self._watching, self._ending = understanding, watching, ending
        self._owner, self._ready, self._lease = owner, ready, timedelta(seconds=lease_s)
        self._warm = warm
        self._working: dict[str, asyncio.Task[None]] = {}
        self._planning: set[str] = set()
        self._leaving = False
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        if self._db.is_sqlite:  # the only process there is: whoever held a lease is dead
            async with self._db.write() as tx:
                await store.release(tx, None)
        self._tasks = [asyncio.create_task(self._claim_forever()), asyncio.create_task(self._keep_leases())]

    async def stop(self) -> None:
        """Claim nothing more, finish the plans that are nearly made, and give the leases back: whoever comes next goes on from
        the rows. A plan that takes longer is made anew there; one that was being spoken aloud could not be."""
        self._leaving = True
        planning = [self._working[turn_id] for turn_id in self._planning if turn_id in self._working]
        tasks = [*self._tasks, *self._working.values()]
        for task in set(tasks) - set(planning):
            task.cancel()
        if planning:
            await asyncio.wait(planning, timeout=FINISH_S)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        async with self._db.write() as tx:
            await store.release(tx, self._owner)

    async def _claim_forever(self) -> None:
        with self._bell.listen(TURNS) as listener:
            while True:
                try:
                    claimed = await self._claim_round()
                except Exception as error:  # noqa: BLE001  a database that is away for a moment must not end the loop
                    log.error("claim_round_failed", error=type(error).__name__, where=where(error))
                    claimed = False
                if not claimed:
                    await listener.wait(POLL_S)

    async def _claim_round(self) -> bool:
        """Take what is free. True when there may be more."""
        now, room = self._clock.now(), AT_ONCE - len(self._working)
        if room <= 0:
            return False
        async with self._db.read() as tx:
            rows = await store.claimable(tx, now, min(room, 20), came_before=self._came_before(now))
        for row in rows:
            async with self._db.write() as tx:
                taken = await store.claim(tx, row["id"], self._owner, now, now + self._lease)
            if taken and row["id"] not in self._working:
                task = asyncio.create_task(self._carry(row["id"]))
                self._working[row["id"]] = task
                task.add_done_callback(lambda _, turn_id=row["id"]: self._working.pop(turn_id, None))  # type: ignore[misc]
        return bool(rows)

    def _came_before(self, now: datetime) -> datetime | None:
        """What has only just come is left to a process that can plan it at once, where there may be one: in a rolling restart
        nobody waits for models that another process has."""
        alone = self._db.is_sqlite
        return None if alone or self._warm() else now - timedelta(seconds=COLD_S)

    async def _carry(self, turn_id: str) -> None:
        """One turn to its end. The rim: whatever goes wrong ends the turn with words, never the loop."""
        try:
            async with self._db.read() as tx:
                turn = await store.turn(tx, turn_id)
        except DatabaseUnreachable:
            await self._let_go(turn_id)
            return
        if turn is None:  # deleted with its conversation a moment ago
            return
        with correlated(turn["correlation_id"]):
            try:
                await self._steps(turn)
            except LeaseLost:
                log.info("turn_lease_lost", turn_id=turn_id)
            except DatabaseUnreachable:
                log.warning("turn_left", turn_id=turn_id)
                await self._let_go(turn_id)
            except Problem as problem:
                log.info("turn_failed", turn_id=turn_id, code=problem.code)
                await self._fail(turn_id, as_error(problem))
            except Exception as error:  # noqa: BLE001
                log.error("turn_broke", turn_id=turn_id, kind=type(error).__name__, where=where(error))
                await self._fail(turn_id, as_error(Problem("Something went wrong on our side.")))

    async def _let_go(self, turn_id: str) -> None:
        """How far the turn came is in the database, which just went away: as soon as it is back, whoever looks next goes
        on from there. Where it stays away, the lease runs out."""
        until = self._clock.monotonic() + self._lease.total_seconds()
        while self._clock.monotonic() < until:
            try:
                async with self._db.write() as tx:
                    await store.change_leased(tx, turn_id, self._owner, lease_owner=None, lease_until=None)
                return
            except DatabaseUnreachable:
                await self._clock.sleep(POLL_S)

    async def _steps(self, turn: Any) -> None:
        if TurnState(turn["state"]) in BEFORE_RUN:
            if turn["spoke"]:
                raise Interrupted
            await self._ready()
            if not await self._understood(turn) or self._leaving:
                return
            self._bell.ring(
                TURNS
            )  # the next message of this conversation may be understood while this one runs
            async with self._db.read() as tx:
                turn = await store.turn(tx, turn["id"])
        await self._watching.watch(turn)

    async def _understood(self, turn: Any) -> bool:
        self._planning.add(turn["id"])
        try:
            return await self._understanding.understand(turn)
        finally:
            self._planning.discard(turn["id"])

    async def _fail(self, turn_id: str, error: dict[str, Any]) -> None:
        async with self._db.write() as tx:
            turn = await store.turn(tx, turn_id)
            if turn is not None and turn["lease_owner"] == self._owner:
                await self._ending.end(tx, turn, TurnStatus.FAILED, error=error)

    async def _keep_leases(self) -> None:
        while True:
            await self._clock.sleep(self._lease.total_seconds() / 3)
            try:
                async with self._db.write() as tx:
                    await store.prolong(tx, self._owner, list(self._working), self._clock.now() + self._lease)
            except Exception as error:  # noqa: BLE001  the next beat tries again, well within the lease
                log.error("heartbeat_failed", error=type(error).__name__, where=where(error))
