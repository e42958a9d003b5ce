"""SQL of what is cleared away. Every statement looks at a portion."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, and_, delete, exists, or_, select, true

from base.db import Tx
from executor.model import OPEN_RUN
from executor.tables import assets, deleted_outputs, jobs, run_links, runs, step_cache

_HAS_JOBS = exists().where(jobs.c.run_id == runs.c.id, jobs.c.ended_at.is_(None))
_OVER = and_(runs.c.ended_at.is_not(None), ~_HAS_JOBS)
"""Of a run: it ended, and so did the last of its jobs."""
_OTHER = runs.alias()


async def scopes_of_assets(tx: Tx, after: str, limit: int) -> list[str]:
    """Scopes that have assets, those that come after this one, in order."""
    return await _scopes(tx, assets, after, limit)


async def scopes_of_runs(tx: Tx, after: str, limit: int) -> list[str]:
    """The same of runs."""
    return await _scopes(tx, runs, after, limit)


async def over_in_scope(tx: Tx, scope: str, limit: int) -> list[str]:
    """Runs of the scope that are over; ours until the transaction ends, without those that somebody else holds."""
    statement = select(runs.c.id).where(runs.c.scope == scope, _OVER).order_by(runs.c.id).limit(limit)
    return _ids(await tx.all(statement.with_for_update(of=runs, skip_locked=True)))


async def runs_after(tx: Tx, after: str, limit: int) -> Sequence[Any]:
    """Id and beginning of the runs that come after this one, in order."""
    return await tx.all(select(runs.c.id, runs.c.created_at).where(runs.c.id > after).order_by(runs.c.id).limit(limit))


async def unneeded(tx: Tx, ids: Collection[str], before: datetime) -> list[str]:
    """Those of these runs that ended before that moment, of which nothing is left that they made, for which no other waits, and
    of which whoever asked knows; ours until the transaction ends."""
    waits = exists().where(run_links.c.on_run_id == runs.c.id, run_links.c.run_id == _OTHER.c.id, _OTHER.c.ended_at.is_(None))
    made = exists().where(assets.c.run_id == runs.c.id)
    which = (runs.c.id.in_(sorted(ids)), runs.c.ended_at < before, runs.c.taken_up == true(), _OVER, ~made, ~waits)
    return _ids(await tx.all(select(runs.c.id).where(*which).order_by(runs.c.id).with_for_update(of=runs, skip_locked=True)))


async def not_told_any_more(tx: Tx, ids: Collection[str], before: datetime) -> set[str]:
    """Those of these runs that ended before that moment, or are not there."""
    recent = or_(runs.c.ended_at.is_(None), runs.c.ended_at >= before, runs.c.status.in_(OPEN_RUN))
    still = await tx.all(select(runs.c.id).where(runs.c.id.in_(sorted(ids)), recent))
    return set(ids) - set(_ids(still))


async def existing(tx: Tx, ids: Collection[str]) -> set[str]:
    """Those of these runs that there are."""
    return set(_ids(await tx.all(select(runs.c.id).where(runs.c.id.in_(sorted(ids))))))


async def delete_runs(tx: Tx, ids: Collection[str]) -> None:
    """With their jobs, the steps and faults of those, and what else is known of them but their events."""
    for table in (step_cache, deleted_outputs):
        await tx.execute(delete(table).where(table.c.run_id.in_(sorted(ids))))
    await tx.execute(delete(runs).where(runs.c.id.in_(sorted(ids))))


async def _scopes(tx: Tx, table: Table, after: str, limit: int) -> list[str]:
    statement = select(table.c.scope).where(table.c.scope > after).distinct().order_by(table.c.scope).limit(limit)
    return [row["scope"] for row in await tx.all(statement)]


def _ids(rows: Sequence[Any]) -> list[str]:
    return [row["id"] for row in rows]

