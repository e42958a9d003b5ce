"""Work that comes round again: each task is a row with the moment it is due, and runs under a lease in one process at a time.

Every process offers the tasks that it knows, and whichever looks first takes one that is due; there is no chief to elect. The
next due moment is stored, so that a restart neither skips nor repeats; when a process dies in the middle, another one starts
the task again as soon as the lease is over. A task must bear being started twice.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update

from base.clock import Clock, rfc3339
from base.db import Database, Tx, insert_unless_there
from base.errors import DatabaseUnreachable, NotFound, Reportable
from base.ids import new_id
from base.log import get_logger
from base.tables import periodic

log = get_logger(__name__)
LOOK_S = 2.0  # how late a task may begin
FIRST_WITHIN = timedelta(minutes=5)  # a task that never ran begins so soon, and not all of them at once
BACKOFF = (timedelta(minutes=1), timedelta(hours=1))  # first and longest pause after a failure
INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class Periodic:
    """One task. `jitter` is the part of `every` by which a start may be late, so that houses do not beat in step."""

    name: str
    every: timedelta
    work: Callable[[], Awaitable[object]]
    jitter: float = 0.1


@dataclass(frozen=True)
class PeriodicRow:
    """A task as an operator sees it."""

    name: str
    every_s: float
    due_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    running: bool
    failures: int
    """How often in a row it failed."""
    error_code: str | None
    """Of the last failure, however long ago: a Problem's code or the name of an exception."""
    failed_at: datetime | None


def shape(row: PeriodicRow) -> dict[str, Any]:
    """As JSON, with moments as strings."""
    moments = {name: getattr(row, name) for name in ("due_at", "started_at", "ended_at", "failed_at")}
    told = {name: None if moment is None else rfc3339(moment) for name, moment in moments.items()}
    return {**vars(row), **told}


def next_due(was_due: datetime, now: datetime, every: timedelta, late: timedelta) -> datetime:
    """One interval after it was due, and `late`; what was missed meanwhile is not made up for."""
    planned = was_due + every
    return (planned if planned > now else now + every) + late


def next_try(failures: int, now: datetime, every: timedelta) -> datetime:
    """After the so-many-th failure in a row: a pause that doubles, never longer than the task's own."""
    first, longest = BACKOFF
    pause: timedelta = first * 2 ** min(failures - 1, 20)
    return now + min(pause, longest, every)


async def everything(tx: Tx, now: datetime) -> list[PeriodicRow]:
    """All tasks that any process ever offered, by name."""
    return [_row(row, now) for row in await tx.all(select(periodic).order_by(periodic.c.name))]


async def hasten(tx: Tx, name: str, now: datetime) -> None:
    """Have a task run now, unless it is running. Raises NotFound."""
    if not (await tx.execute(update(periodic).where(periodic.c.name == name).values(due_at=now))).rowcount:
        raise NotFound("There is no such periodic task.")


class PeriodicRunner:
    """`add` tasks, `start` it, and `stop` it: what is under way then is left to the next process."""

    def __init__(
        self, db: Database, clock: Clock, *, lease_s: float = 90.0, look_s: float = LOOK_S,
        chance: Callable[[], float] = random.random,
    ) -> None:  # fmt: skip
        self._db, self._clock, self._chance = db, clock, chance
        self._look_s, self._lease = look_s, timedelta(seconds=lease_s)
        self._tasks: dict[str, Periodic] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._loop: asyncio.Task[None] | None = None
        self._noted = False

    def add(self, *tasks: Periodic) -> None:
        """Before `start`."""
        self._tasks |= {task.name: task for task in tasks}

    def start(self) -> None:
        """Look for due tasks from now on, in the background."""
        self._loop = asyncio.create_task(self._look_forever())

    async def stop(self) -> None:
        tasks = [*self._running.values(), *([] if self._loop is None else [self._loop])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _look_forever(self) -> None:
        while True:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001  the runner's rim: a database that is away or behind must not end it
                log.error("periodic_look_failed", error=type(error).__name__)
            await self._clock.sleep(self._look_s)

    async def _note_all(self) -> None:
        now = self._clock.now()
        async with self._db.write() as tx:
            for task in self._tasks.values():
                await _note(tx, task, now + self._chance() * min(task.every, FIRST_WITHIN))
            if self._db.is_sqlite:  # the only process there is: whoever held a lease is dead
                await tx.execute(update(periodic).values(lease_until=None))

    async def look(self) -> list[asyncio.Task[None]]:
        """Begin what is due; the starts that are under way now."""
        if not self._noted:
            await self._note_all()
            self._noted = True
        now = self._clock.now()
        async with self._db.read() as tx:
            rows = await tx.all(select(periodic).where(*_free(now), periodic.c.name.in_(list(self._tasks))))
        for row in rows:
            if row["name"] not in self._running:
                running = asyncio.create_task(self._run(self._tasks[row["name"]], row))
                self._running[row["name"]] = running
                running.add_done_callback(lambda _, name=row["name"]: self._running.pop(name, None))  # type: ignore[misc]
        return list(self._running.values())

    async def _run(self, task: Periodic, row: Any) -> None:
        """One start under a lease. The rim: whatever goes wrong is noted, and ends this start only."""
        ticket, was_due = new_id(), row["due_at"]
        try:
            if not await self._claim(task, row, ticket):
                return
            code = await self._worked(task, ticket)
            await self._ended(task, row, ticket, code)
        except asyncio.CancelledError:
            await self._change(ticket, due_at=was_due, started_at=row["started_at"], ticket=None, lease_until=None)
            raise
        except Exception as error:  # noqa: BLE001  the lease runs out, and whoever sees that starts it again
            log.error("periodic_not_recorded", task=task.name, error=type(error).__name__)

    async def _claim(self, task: Periodic, row: Any, ticket: str) -> bool:
        """Take it, with the moment it is due again should we die over it. A start that never ended counts as a failure."""
        now = self._clock.now()
        values: dict[str, Any] = {"ticket": ticket, "lease_until": now + self._lease, "started_at": now}
        values["due_at"] = next_try(row["failures"] + 1, now, task.every)
        if _was_interrupted(row):
            values |= {"failures": row["failures"] + 1, "failed_at": now, "error_code": INTERRUPTED}
        async with self._db.write() as tx:
            chosen = update(periodic).where(periodic.c.name == task.name, *_free(now))
            return bool((await tx.execute(chosen.values(**values))).rowcount)

    async def _worked(self, task: Periodic, ticket: str) -> str | None:
        """None when it went well, else a code: a Reportable's own, or the exception's name. Never its words."""
        beating = asyncio.create_task(self._beat(ticket))
        try:
            await task.work()
        except Reportable as problem:
            return problem.code
        except Exception as error:  # noqa: BLE001  one task's failure never stops the others
            return type(error).__name__[:80]
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)
        return None

    async def _beat(self, ticket: str) -> None:
        while True:
            await self._clock.sleep(self._lease.total_seconds() / 3)
            with suppress(DatabaseUnreachable):  # the next beat may come in time
                await self._change(ticket, lease_until=self._clock.now() + self._lease)

    async def _ended(self, task: Periodic, row: Any, ticket: str, code: str | None) -> None:
        now = self._clock.now()
        values: dict[str, Any] = {"ended_at": now, "ticket": None, "lease_until": None}
        if code is None:
            late = task.every * task.jitter * self._chance()
            values |= {"failures": 0, "due_at": next_due(row["due_at"], now, task.every, late)}
        else:
            failures = row["failures"] + 1
            values |= {"failures": failures, "failed_at": now, "error_code": code}
            values["due_at"] = next_try(failures, now, task.every)
            log.warning("periodic_failed", task=task.name, code=code, failures=failures)
        await self._change(ticket, **values)

    async def _change(self, ticket: str, /, **values: Any) -> None:
        """Change the row while the lease is ours; after a take-over this changes nothing."""
        async with self._db.write() as tx:
            await tx.execute(update(periodic).where(periodic.c.ticket == ticket).values(**values))


async def _note(tx: Tx, task: Periodic, due_at: datetime) -> None:
    """A row for a task that is new; one that comes round more often than it did is due sooner."""
    every_s = task.every.total_seconds()
    new = {"name": task.name, "every_s": every_s, "due_at": due_at, "failures": 0}
    if (await tx.execute(insert_unless_there(tx, periodic, new))).rowcount:
        return
    slower = (periodic.c.name == task.name, periodic.c.every_s > every_s)
    await tx.execute(update(periodic).where(*slower).values(due_at=due_at))
    await tx.execute(update(periodic).where(periodic.c.name == task.name).values(every_s=every_s))


def _free(now: datetime) -> Sequence[Any]:
    return periodic.c.due_at <= now, or_(periodic.c.lease_until.is_(None), periodic.c.lease_until < now)


def _was_interrupted(row: Any) -> bool:
    """Whether its last start never came to an end."""
    started, ended = row["started_at"], row["ended_at"]
    return started is not None and row["ticket"] is not None and (ended is None or ended < started)


def _row(row: Any, now: datetime) -> PeriodicRow:
    running = row["lease_until"] is not None and row["lease_until"] >= now
    return PeriodicRow(
        row["name"], row["every_s"], row["due_at"], row["started_at"], row["ended_at"], running, row["failures"],
        row["error_code"], row["failed_at"],
    )  # fmt: skip
