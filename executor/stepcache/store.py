"""SQL of the step cache: which steps an account has done, and where what they gave is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update

from base.db import Tx, insert_into
from executor.tables import step_cache

_SLACK = 100  # so many go at once, so that not every new entry of a full cache looks for one that must go


@dataclass(frozen=True)
class Entry:
    """A step that was done: what it gave are the assets of this step of this run, so many of them."""

    account_id: str
    key: str
    run_id: str
    step_id: str
    outputs: int


async def has_any(tx: Tx, account_id: str, tool: str) -> bool:
    """Whether the account ever did a step of this tool: what is done most is done for the first time."""
    statement = select(step_cache.c.key).where(step_cache.c.account_id == account_id, step_cache.c.tool == tool).limit(1)
    return await tx.scalar(statement) is not None


async def find(tx: Tx, account_id: str, keys: Collection[str]) -> list[Entry]:
    """Entries under any of the keys, the newest first."""
    mine = (step_cache.c.account_id == account_id, step_cache.c.key.in_(sorted(keys)))
    rows = await tx.all(select(step_cache).where(*mine).order_by(step_cache.c.created_at.desc(), step_cache.c.key))
    return [Entry(row["account_id"], row["key"], row["run_id"], row["step_id"], row["outputs"]) for row in rows]


async def put(tx: Tx, entry: Entry, tool: str, now: datetime, most: int) -> None:
    """Note a step that is done, in the place of an older one of the same key; beyond `most`, those used longest ago go."""
    place = {"run_id": entry.run_id, "step_id": entry.step_id, "outputs": entry.outputs, "created_at": now, "used_at": now}
    whole = {"account_id": entry.account_id, "key": entry.key, "tool": tool, **place}
    statement = insert_into(tx, step_cache).values(**whole)
    await tx.execute(statement.on_conflict_do_update(index_elements=["account_id", "key"], set_=place))
    await _bound(tx, entry.account_id, most)


async def _bound(tx: Tx, account_id: str, most: int) -> None:
    mine = step_cache.c.account_id == account_id
    count = int(await tx.scalar(select(func.count()).select_from(step_cache).where(mine)) or 0)
    if count <= most:
        return
    oldest = select(step_cache.c.key).where(mine).order_by(step_cache.c.used_at, step_cache.c.key)
    away = min(count - 1, count - most + min(_SLACK, most // 10))
    await tx.execute(delete(step_cache).where(mine, step_cache.c.key.in_(oldest.limit(away))))


async def used(tx: Tx, entry: Entry, now: datetime) -> None:
    mine = (step_cache.c.account_id == entry.account_id, step_cache.c.key == entry.key)
    await tx.execute(update(step_cache).where(*mine).values(used_at=now))


async def drop(tx: Tx, entry: Entry) -> None:
    """What it gave is no longer there."""
    mine = (step_cache.c.account_id == entry.account_id, step_cache.c.key == entry.key)
    await tx.execute(delete(step_cache).where(*mine))
