"""SQL of figures, alerts and tallies. Statements only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from base.db import Tx
from executor.model import AT_WORK, OVER, JobStatus, Lane, Tag
from executor.tables import alerts, jobs, tallies
from executor.watch.figures import Group, Queue

RAISED, RESOLVED = "raised", "resolved"


async def queue(tx: Tx, now: datetime) -> Queue:
    """What waits and what is at work, by lane, tag and status."""
    by = (jobs.c.lane, jobs.c.tag, jobs.c.status)
    live = select(*by, func.count().label("jobs")).where(jobs.c.status.in_([JobStatus.QUEUED, *AT_WORK])).group_by(*by)
    groups = [Group(Lane(row["lane"]), Tag(row["tag"]), row["status"], row["jobs"]) for row in await tx.all(live)]
    due = select(jobs.c.created_at).where(jobs.c.status == JobStatus.QUEUED, jobs.c.due_at <= now)
    first = await tx.one(due.order_by(jobs.c.created_at).limit(1))
    oldest = None if first is None else max(0.0, (now - first["created_at"]).total_seconds())
    return Queue(tuple(sorted(groups, key=lambda g: (g.lane, g.tag, g.status))), oldest)


async def loads(tx: Tx) -> dict[str, int]:
    """Instance -> jobs at work on it."""
    statement = select(jobs.c.instance, func.count().label("jobs")).where(jobs.c.status.in_(AT_WORK))
    return {row["instance"]: row["jobs"] for row in await tx.all(statement.group_by(jobs.c.instance))}


async def dead_since(tx: Tx, moment: datetime | None) -> int:
    """How many dead letters there are, of that moment or younger."""
    dead = select(func.count()).select_from(jobs).where(jobs.c.status == JobStatus.DEAD)
    return int(await tx.scalar(dead if moment is None else dead.where(jobs.c.ended_at >= moment)) or 0)


async def open_alerts(tx: Tx) -> dict[str, str]:
    """Key -> id."""
    rows = await tx.all(select(alerts.c.key, alerts.c.id).where(alerts.c.resolved_at.is_(None)))
    return {row["key"]: row["id"] for row in rows}


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
    insert_into = pg_insert if tx.connection.dialect.name == "postgresql" else sqlite_insert
    for name, label, value in counted:
        statement = insert_into(tallies).values(name=name, label=label, value=value)
        more = {"value": tallies.c.value + value}
        await tx.execute(statement.on_conflict_do_update(index_elements=["name", "label"], set_=more))


