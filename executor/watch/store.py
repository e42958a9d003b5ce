"""SQL of figures, alerts and tallies. Statements only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, delete, func, insert, or_, select, update

from base.db import Tx, insert_into
from executor.model import AT_WORK, OVER, JobStatus, Lane, Tag
from executor.tables import alerts, jobs, tallies
from executor.watch.figures import Group, Queue
from executor.watch.rules import Told

RAISED, RESOLVED = "raised", "resolved"


async def queue(tx: Tx, now: datetime) -> Queue:
    """What waits and what is at work, by lane, tag and status."""
    by = (jobs.c.lane, jobs.c.tag, jobs.c.status)
    is_due = and_(jobs.c.status == JobStatus.QUEUED, jobs.c.due_at <= now)
    first = func.min(case((is_due, jobs.c.created_at)))
    live = select(*by, func.count().label("jobs"), first.label("first")).where(jobs.c.status.in_([JobStatus.QUEUED, *AT_WORK]))
    groups = [_group(row, now) for row in await tx.all(live.group_by(*by))]
    return Queue(tuple(sorted(groups, key=lambda g: (g.lane, g.tag, g.status))))


def _group(row: Any, now: datetime) -> Group:
    oldest = None if row["first"] is None else max(0.0, (now - row["first"]).total_seconds())
    return Group(Lane.of(row["lane"]), Tag(row["tag"]), row["status"], row["jobs"], oldest)


async def needs(tx: Tx, limit: int = 20) -> list[dict[str, Any]]:
    """Which tools the jobs in the queue need, and for whom they wait; most of them first. A person's own tool has no words."""
    by, count = (jobs.c.tool, jobs.c.waiting_for), func.count().label("jobs")
    statement = select(*by, count).where(jobs.c.status == JobStatus.QUEUED).group_by(*by).order_by(count.desc(), *by)
    rows = await tx.all(statement.limit(limit))
    return [{"tool": row["tool"], "jobs": row["jobs"], "reason": row["waiting_for"]} for row in rows]


async def adrift(tx: Tx, now: datetime) -> dict[Tag, int]:
    """Jobs whose worker is gone, and whose lease would be over had it left in peace."""
    lost = select(jobs.c.tag, func.count().label("jobs")).where(jobs.c.status.in_(AT_WORK), jobs.c.lease_until < now)
    return {Tag(row["tag"]): row["jobs"] for row in await tx.all(lost.group_by(jobs.c.tag))}


async def loads(tx: Tx) -> dict[str, int]:
    """Instance -> jobs at work on it."""
    statement = select(jobs.c.instance, func.count().label("jobs")).where(jobs.c.status.in_(AT_WORK))
    return {row["instance"]: row["jobs"] for row in await tx.all(statement.group_by(jobs.c.instance))}


async def dead(tx: Tx) -> int:
    """How many dead letters there are."""
    return int(await tx.scalar(select(func.count()).select_from(jobs).where(jobs.c.status == JobStatus.DEAD)) or 0)


async def open_alerts(tx: Tx, now: datetime) -> dict[str, Told]:
    """Key -> what was told last."""
    rows = await tx.all(select(alerts).where(alerts.c.resolved_at.is_(None)))
    return {row["key"]: Told(row["id"], row["value"], row["due_at"] <= now) for row in rows}


async def page_of_alerts(tx: Tx, after: str | None, limit: int) -> list[Any]:
    """Newest first, below the id `after`."""
    statement = select(alerts).order_by(alerts.c.id.desc()).limit(limit)
    return await tx.all(statement if after is None else statement.where(alerts.c.id < after))


async def insert_alert(tx: Tx, values: dict[str, Any]) -> None:
    await tx.execute(insert(alerts).values(**values))


async def change_alert(tx: Tx, alert_id: str, **values: Any) -> None:
    await tx.execute(update(alerts).where(alerts.c.id == alert_id).values(**values))


async def resolve_alert(tx: Tx, alert_id: str, **values: Any) -> bool:
    """Whether it was still open, and is over now."""
    statement = update(alerts).where(alerts.c.id == alert_id, alerts.c.resolved_at.is_(None)).values(**values)
    return bool((await tx.execute(statement)).rowcount)


async def untold(tx: Tx, now: datetime, limit: int = 50) -> list[Any]:
    """Alerts of which the receiver has not heard everything yet, the oldest first."""
    is_news = or_(alerts.c.told == "", and_(alerts.c.told == RAISED, alerts.c.resolved_at.is_not(None)))
    return await tx.all(select(alerts).where(is_news, alerts.c.due_at <= now).order_by(alerts.c.id).limit(limit))


async def trim_alerts(tx: Tx, before: datetime) -> None:
    """Drop what was over before that moment."""
    await tx.execute(delete(alerts).where(alerts.c.resolved_at < before))


async def ended_between(tx: Tx, after: datetime, until: datetime) -> list[Any]:
    """Ending, attempts and the moments of jobs that ended within, `after` excluded."""
    columns = (jobs.c.status, jobs.c.ending, jobs.c.attempts, jobs.c.created_at, jobs.c.started_at)
    return await tx.all(select(*columns).where(jobs.c.status.in_(OVER), jobs.c.ended_at > after, jobs.c.ended_at <= until))


async def all_tallies(tx: Tx) -> list[tuple[str, str, float]]:
    """Name, label, value."""
    rows = await tx.all(select(tallies).order_by(tallies.c.name, tallies.c.label))
    return [(row["name"], row["label"], row["value"]) for row in rows]


async def move_tally(tx: Tx, name: str, old: float, new: float) -> bool:
    """Whether it was `old`, and is `new` now: of two that do this at once, one does it."""
    statement = update(tallies).where(tallies.c.name == name, tallies.c.value == old).values(value=new)
    return bool((await tx.execute(statement)).rowcount)


async def add_tallies(tx: Tx, counted: Iterable[tuple[str, str, float]]) -> None:
    for name, label, value in counted:
        statement = insert_into(tx, tallies).values(name=name, label=label, value=value)
        more = {"value": tallies.c.value + value}
        await tx.execute(statement.on_conflict_do_update(index_elements=["name", "label"], set_=more))


