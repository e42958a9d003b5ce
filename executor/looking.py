"""SQL of a round of dispatch: which jobs are looked at, who was served when, what instances have loaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, Subquery, case, delete, func, insert, select, union, update
from sqlalchemy.dialects.postgresql import array

from base.db import Tx, insert_into
from executor import store
from executor.deciding.line import LANE_TURNS
from executor.deciding.model import Served
from executor.deciding.warmth import Warm
from executor.model import JobStatus, Lane, Tag
from executor.tables import jobs, served, warm_files

LOOKED_AT = 200
"""Jobs of a long line that are looked at in one round."""
OLDEST = 40
"""Of them, so many are the oldest, whoever's and whatever they are."""
HINDERED = 40
"""So many more are looked at that wait for a server, as was seen before: they take no place from those that could be taken."""


async def window(tx: Tx, now: datetime, tags: Iterable[Tag]) -> list[Any]:
    """The first jobs by lane, person and age whose time has come, and the oldest of all.

    Everybody's first job of each tool comes before anybody's second, and a lane counts as in the rule of the line: so a
    long line hides nobody, and a hundred films that wait for one instance do not hide the picture that another could paint.
    Nor do hundreds of people who wait for a server that is away: they are counted apart.
    """
    return await tx.all(select(*store.PLAIN).where(jobs.c.id.in_(chosen(now, tags))).order_by(jobs.c.id))


def chosen(now: datetime, tags: Iterable[Tag]) -> CompoundSelect[Any]:
    """Their ids."""
    due = (jobs.c.status == JobStatus.QUEUED, store.OPEN, jobs.c.due_at <= now, jobs.c.tag.in_(list(tags)))
    first = _first(LOOKED_AT - OLDEST, *due, jobs.c.waiting_since.is_(None))
    hindered = _first(HINDERED, *due, jobs.c.waiting_since.is_not(None))
    oldest = select(jobs.c.id).where(*due).order_by(jobs.c.id).limit(OLDEST).subquery()
    return union(select(first.c.id), select(hindered.c.id), select(oldest.c.id))


def _first(limit: int, *which: Any) -> Subquery:
    turn = func.row_number().over(partition_by=(jobs.c.account_id, jobs.c.lane, jobs.c.tool), order_by=jobs.c.id)
    ranked = select(jobs.c.id, (jobs.c.lane * LANE_TURNS + turn).label("rank")).where(*which).subquery()
    return select(ranked.c.id).order_by(ranked.c.rank, ranked.c.id).limit(limit).subquery()


async def end_wait(tx: Tx, ids: Sequence[str]) -> None:
    """These jobs, which are ours, wait for no server any more. Who was told so hears of their place anew."""
    told = case((jobs.c.waiting_for.is_(None), jobs.c.place), else_=None)
    await tx.execute(update(jobs).where(jobs.c.id.in_(ids)).values(waiting_since=None, waiting_for=None, place=told))


async def lock(tx: Tx, ids: Iterable[str]) -> list[Any]:
    """Those of them that still wait, as they are now; ours until the transaction ends. What another worker holds is passed
    over."""
    return await store.lock_startable(tx, ids, skip_locked=True)


async def hold_people(tx: Tx, accounts: Iterable[str]) -> None:
    """Until the transaction ends nobody else gives these people places, so that what is read of their work stays true; in one
    order, and after the jobs, which are passed over where they are held. SQLite has one writer anyway."""
    if tx.connection.dialect.name == "postgresql":
        names = func.unnest(array([f"places:{name}" for name in sorted(set(accounts))])).table_valued("name").render_derived()
        in_order = select(names.c.name).order_by(names.c.name).subquery()
        await tx.all(select(func.pg_advisory_xact_lock(func.hashtextextended(in_order.c.name, 0)).label("held")))


async def served_at(tx: Tx, accounts: Iterable[str]) -> Served:
    """When each of them was last given a place."""
    rows = await tx.all(select(served).where(served.c.account_id.in_(sorted(set(accounts)))))
    return {(row["account_id"], Lane.of(row["lane"])): row["at"] for row in rows}


async def note_served(tx: Tx, turns: Iterable[tuple[str, Lane]], now: datetime) -> None:
    """Person and lane of every turn that was taken now."""
    statement = insert_into(tx, served).values([{"account_id": who, "lane": lane, "at": now} for who, lane in sorted(turns)])
    await tx.execute(statement.on_conflict_do_update(index_elements=["account_id", "lane"], set_={"at": now}))


async def warm(tx: Tx, instances: Iterable[str]) -> dict[str, list[Warm]]:
    """Instance -> what it was last given to load."""
    found: dict[str, list[Warm]] = {name: [] for name in instances}
    for row in await tx.all(select(warm_files).where(warm_files.c.instance.in_(sorted(found)))):
        found[row["instance"]].append(Warm(row["file"], row["bytes"], row["used_at"]))
    return found


async def note_warm(tx: Tx, loaded: Mapping[str, Sequence[Warm]]) -> None:
    """Instance -> all that it has loaded; the caller holds the locks of these."""
    await tx.execute(delete(warm_files).where(warm_files.c.instance.in_(sorted(loaded))))
    rows = [
        {"instance": name, "file": each.file, "bytes": each.bytes, "used_at": each.used_at}
        for name, files in loaded.items() for each in files
    ]  # fmt: skip
    if rows:
        await tx.execute(insert(warm_files), rows)
