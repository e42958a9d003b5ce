"""SQL of waiting: the line, who waits for how much, what was promised, and what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, exists, func, or_, select, text, update

from accounts.service import accounts_of_place
from base.db import Tx, insert_into
from executor.model import AT_WORK, OPEN_RUN, OVER, JobStatus
from executor.store import OPEN
from executor.tables import durations, job_steps, jobs, runs
from executor.waiting.durations import Kind

_STANDING = AT_WORK | {JobStatus.QUEUED}
_NOT_BEGUN = (JobStatus.QUEUED, JobStatus.DISPATCHING, JobStatus.RUNNING)
_LEAST = 0.01  # what weighs less is forgotten


async def standing(tx: Tx) -> list[Any]:
    """Every job that waits or is at work, the oldest first, without any content."""
    columns = (
        jobs.c.id, jobs.c.run_id, jobs.c.step_id, jobs.c.account_id, jobs.c.scope, jobs.c.correlation_id, jobs.c.tool,
        jobs.c.status, jobs.c.lane,
        jobs.c.expect_s, jobs.c.place, jobs.c.promised_until, jobs.c.instance, jobs.c.created_at, jobs.c.started_at,
        jobs.c.gpu_started_at,
    )  # fmt: skip
    return await tx.all(select(*columns).where(jobs.c.status.in_(_STANDING), OPEN).order_by(jobs.c.id))


async def steps_standing(tx: Tx) -> list[Any]:
    """The steps of those jobs that are still to be done."""
    columns = (job_steps.c.job_id, job_steps.c.tool, job_steps.c.size, job_steps.c.low_s, job_steps.c.high_s)
    joined = select(*columns).join(jobs, jobs.c.id == job_steps.c.job_id)
    return await tx.all(joined.where(jobs.c.status.in_(_STANDING), OPEN, job_steps.c.done_at.is_(None)))


async def promise(tx: Tx, job_id: str, place: int, since: datetime, until: datetime, now: datetime) -> bool:
    """Whether the job still waits, be it on an instance, and this is news: another place, or a promise that was broken."""
    news = or_(jobs.c.place.is_(None), jobs.c.place != place, jobs.c.promised_until.is_(None), jobs.c.promised_until < now)
    stands = or_(jobs.c.status == JobStatus.QUEUED, jobs.c.gpu_started_at.is_(None))
    statement = update(jobs).where(jobs.c.id == job_id, jobs.c.status.in_(_NOT_BEGUN), stands, news)
    return bool((await tx.execute(statement.values(place=place, promised_from=since, promised_until=until))).rowcount)


# --- who is let in


async def accounts_from(tx: Tx, place: str) -> list[str]:
    """Those with jobs in the queue."""
    there = jobs.c.account_id.in_(accounts_of_place(place))
    statement = select(jobs.c.account_id).where(jobs.c.status == JobStatus.QUEUED, OPEN, there).distinct()
    return [row["account_id"] for row in await tx.all(statement)]


async def hold_door(tx: Tx, whose: str) -> None:
    """Until the transaction ends nobody else adds work of this person, or of this place; SQLite has one writer anyway. Of others
    nobody is kept waiting: what the line bears is a matter of minutes, and a lock of all would let one run in at a time."""
    if tx.connection.dialect.name == "postgresql":
        name = {"name": f"door:{whose}"}
        await tx.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), name)


async def own_waiting(tx: Tx, account_id: str) -> int:
    """A person's jobs in the queue, and runs that have none yet because they wait for a yes or for another run."""
    return await _waiting(tx, [account_id])


async def waiting_from(tx: Tx, place: str) -> int:
    """The same of everybody whose account was made from there."""
    return await _waiting(tx, accounts_of_place(place))


async def _waiting(tx: Tx, who: Any) -> int:
    queued_jobs = (jobs.c.account_id.in_(who), jobs.c.status == JobStatus.QUEUED, OPEN)
    queued = select(func.count()).select_from(jobs).where(*queued_jobs).scalar_subquery()
    has_jobs = exists().where(jobs.c.run_id == runs.c.id, jobs.c.status.not_in(list(OVER)))
    open_runs = (runs.c.account_id.in_(who), runs.c.status.in_(list(OPEN_RUN)), ~has_jobs)
    without = select(func.count()).select_from(runs).where(*open_runs).scalar_subquery()
    return int(await tx.scalar(select(queued + without)))


# --- what was measured


async def measured(tx: Tx) -> list[Any]:
    return await tx.all(select(durations))


async def count(tx: Tx, kind: Kind, bucket: int) -> None:
    """One more that took so long."""
    key = {"tool": kind.tool, "size": kind.size, "device": kind.device, "bucket": bucket}
    more = {"weight": durations.c.weight + 1.0}
    statement = insert_into(tx, durations).values(**key, weight=1.0)
    await tx.execute(statement.on_conflict_do_update(index_elements=list(key), set_=more))


async def halve(tx: Tx, kind: Kind) -> None:
    """All that is known of a kind weighs half."""
    this = (durations.c.tool == kind.tool, durations.c.size == kind.size, durations.c.device == kind.device)
    await tx.execute(update(durations).where(*this).values(weight=durations.c.weight / 2))
    await tx.execute(delete(durations).where(*this, durations.c.weight < _LEAST))


# --- who waits for a worker


async def told_so(tx: Tx, tags: Sequence[str], told: Sequence[str]) -> bool:
    """Whether any queued job of these tags was last told one of these reasons."""
    return bool(await tx.scalar(select(exists().where(*_told(tags, told)))))


async def no_longer(tx: Tx, tags: Sequence[str], told: Sequence[str]) -> None:
    """Jobs of these tags do not wait for any of these reasons any more; places are told by the line."""
    await tx.execute(update(jobs).where(*_told(tags, told)).values(waiting_for=None, waiting_since=None))


def _told(tags: Sequence[str], told: Sequence[str]) -> tuple[Any, ...]:
    return jobs.c.status == JobStatus.QUEUED, OPEN, jobs.c.tag.in_(list(tags)), jobs.c.waiting_for.in_(list(told))


async def untold(tx: Tx, tags: Sequence[str], told: Sequence[str], limit: int) -> list[Any]:
    """Queued jobs of these tags whose last news was none of these reasons, the oldest first."""
    columns = (jobs.c.id, jobs.c.run_id, jobs.c.tag, jobs.c.created_at)
    news = or_(jobs.c.place.is_not(None), jobs.c.waiting_for.is_(None), jobs.c.waiting_for.not_in(list(told)))
    statement = select(*columns).where(jobs.c.status == JobStatus.QUEUED, OPEN, jobs.c.tag.in_(list(tags)), news)
    return await tx.all(statement.order_by(jobs.c.id).limit(limit))
