"""Who works: a row for every living worker, by which an operator sees them and tells them what to do."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update

from base.clock import rfc3339
from base.db import Tx, insert_unless_there
from executor.errors import WorkerNotFound
from executor.model import AT_WORK, Tag, WorkerState
from executor.tables import jobs, workers

FORGOTTEN_AFTER = timedelta(minutes=10)  # a worker that was killed says no goodbye
SILENT = "silent"
FULL = "full"


@dataclass(frozen=True)
class WorkerRow:
    """A worker as an operator sees it."""

    id: str
    host: str
    pid: int
    tags: tuple[Tag, ...]
    wanted: WorkerState
    started_at: datetime
    seen_at: datetime
    jobs: int
    """How many it has in its hands."""
    full_since: datetime | None = None
    """Since when its own disk is full: then it takes nothing."""

    def lives(self, now: datetime, lease_s: float) -> bool:
        """Whether it was heard of within a lease."""
        return (now - self.seen_at).total_seconds() <= lease_s


async def beat(tx: Tx, worker_id: str, tags: Sequence[Tag], now: datetime) -> bool:
    """Say that a worker lives; whether that was the first time."""
    if (await tx.execute(update(workers).where(workers.c.id == worker_id).values(seen_at=now))).rowcount:
        return False
    values = {
        "id": worker_id, "host": socket.gethostname()[:80], "pid": os.getpid(), "tags": ",".join(tags),
        "wanted": WorkerState.ACTIVE, "started_at": now, "seen_at": now,
    }  # fmt: skip
    await tx.execute(insert_unless_there(tx, workers, values))  # of two first beats at once, one
    return True


async def introduce(tx: Tx, worker_id: str, tools: Iterable[str]) -> None:
    """Say which tools a worker knows: workers of two versions may be at work beside each other."""
    known = "".join(f"{name}\n" for name in sorted(tools))
    await tx.execute(update(workers).where(workers.c.id == worker_id).values(tools=known))


async def note_room(tx: Tx, worker_id: str, full_since: datetime | None) -> None:
    """Since when a worker's own disk is full; None where it has room."""
    await tx.execute(update(workers).where(workers.c.id == worker_id).values(full_since=full_since))


async def others_have_room(tx: Tx, tag: Tag, now: datetime, lease_s: float, *, but: str) -> bool:
    """Whether another living worker takes jobs with this tag and has room for them."""
    alive = (workers.c.id != but, workers.c.seen_at >= now - timedelta(seconds=lease_s), workers.c.full_since.is_(None))
    rows = await tx.all(select(workers.c.tags).where(*alive, workers.c.wanted == WorkerState.ACTIVE))
    return any(tag in row["tags"].split(",") for row in rows)


async def may_know(tx: Tx, tool: str, tag: Tag, now: datetime, lease_s: float, *, but: str) -> bool:
    """Whether another living worker takes jobs with this tag and knows the tool, or has not said yet what it knows."""
    alive = (workers.c.id != but, workers.c.seen_at >= now - timedelta(seconds=lease_s))
    rows = await tx.all(select(workers.c.tags, workers.c.tools).where(*alive))
    return any(tag in row["tags"].split(",") and _knows(row["tools"], tool) for row in rows)


async def forget_dead(tx: Tx, now: datetime, lease_s: float) -> int:
    """Drop the rows of workers that were killed a while ago, some leases at least; returns how many. Where none lives they
    stay: that nobody works is no old news."""
    silence = max(FORGOTTEN_AFTER, timedelta(seconds=3 * lease_s))
    if not any(row.lives(now, lease_s) for row in await everybody(tx)):
        return 0
    return int((await tx.execute(delete(workers).where(workers.c.seen_at < now - silence))).rowcount)


async def wanted(tx: Tx, worker_id: str) -> WorkerState:
    """What an operator wants of a worker; one that has no row yet shall work."""
    state = await tx.scalar(select(workers.c.wanted).where(workers.c.id == worker_id))
    return WorkerState.ACTIVE if state is None else WorkerState(state)


async def leave(tx: Tx, worker_id: str) -> None:
    """An orderly goodbye."""
    await tx.execute(delete(workers).where(workers.c.id == worker_id))


async def others_serve(tx: Tx, worker_id: str, tag: str, now: datetime, lease_s: float) -> bool:
    """Whether somebody else lives who takes jobs of this tag."""
    lives = workers.c.seen_at >= now - timedelta(seconds=lease_s)
    rows = await tx.all(select(workers.c.tags).where(workers.c.id != worker_id, lives))
    return any(tag in row["tags"].split(",") for row in rows)


async def want(tx: Tx, state: WorkerState, worker_id: str | None = None) -> None:
    """Tell one worker, or all of them."""
    statement = update(workers).values(wanted=state)
    await tx.execute(statement if worker_id is None else statement.where(workers.c.id == worker_id))


async def tell(tx: Tx, which: str | None, state: WorkerState, now: datetime, lease_s: float) -> int:
    """The same by an id's first characters; returns how many of those told live. Raises WorkerNotFound when they name none,
    or several."""
    chosen = [row for row in await everybody(tx) if which is None or row.id.startswith(which)]
    if which is not None and len(chosen) != 1:
        raise WorkerNotFound
    for row in chosen:
        await want(tx, state, row.id)
    return sum(row.lives(now, lease_s) for row in chosen)


async def everybody(tx: Tx) -> list[WorkerRow]:
    """The oldest first."""
    at_work = select(jobs.c.lease_owner, func.count().label("jobs")).where(jobs.c.status.in_(AT_WORK))
    counts = {row["lease_owner"]: row["jobs"] for row in await tx.all(at_work.group_by(jobs.c.lease_owner))}
    rows = await tx.all(select(workers).order_by(workers.c.started_at, workers.c.id))
    return [_row(row, counts.get(row["id"], 0)) for row in rows]


def shape(row: WorkerRow, now: datetime, lease_s: float) -> dict[str, Any]:
    """As JSON. `state` is what is wanted of it, or `silent`: then it was heard last at `seen_at`; or `full`: its disk has no
    room, and it takes nothing."""
    full = row.full_since is not None and row.wanted is WorkerState.ACTIVE
    state = SILENT if not row.lives(now, lease_s) else FULL if full else row.wanted.value
    return {
        "id": row.id, "host": row.host, "pid": row.pid, "tags": list(row.tags), "wanted": row.wanted, "state": state,
        "jobs": row.jobs,
        "started_at": rfc3339(row.started_at), "seen_at": rfc3339(row.seen_at),
    }  # fmt: skip


def _knows(told: str | None, tool: str) -> bool:
    return told is None or tool in told.splitlines()


def _row(row: Any, count: int) -> WorkerRow:
    tags = tuple(Tag(tag) for tag in row["tags"].split(",") if tag in set(Tag))  # a newer worker may serve more
    return WorkerRow(
        row["id"], row["host"], row["pid"], tags, WorkerState(row["wanted"]), row["started_at"], row["seen_at"], count,
        row["full_since"],
    )
