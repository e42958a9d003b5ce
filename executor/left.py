"""SQL of what was left behind on servers. Statements only; who asks the servers is in `freeing.py`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, or_, select, true, update

from base.db import Tx, insert_into
from executor.tables import left_prompts

LONGEST = timedelta(days=1)
"""A server that nobody met for so long is not asked any more."""


async def leave(tx: Tx, row: Any, now: datetime) -> None:
    """Turn away from the prompt of a job's row, if it has one: its instance may have it."""
    if row["prompt_id"] is None or row["instance"] is None:
        return
    statement = insert_into(tx, left_prompts).values(prompt_id=row["prompt_id"], instance=row["instance"], since=now, there=True)
    await tx.execute(statement.on_conflict_do_update(index_elements=["prompt_id"], set_={"since": now, "there": True}))


async def due(tx: Tx, before: datetime) -> list[Any]:
    """What may be there, and what was left before that moment."""
    asked = or_(left_prompts.c.there == true(), left_prompts.c.since < before)
    return await tx.all(select(left_prompts).where(asked).order_by(left_prompts.c.prompt_id))


async def mark(tx: Tx, row: Any, *, there: bool) -> None:
    """Whether it counts as load, unless it was left anew meanwhile."""
    await tx.execute(update(left_prompts).where(*_this(row)).values(there=there))


async def drop(tx: Tx, row: Any) -> None:
    """It is nowhere any more, unless it was left anew meanwhile."""
    await tx.execute(delete(left_prompts).where(*_this(row)))


async def trim(tx: Tx, now: datetime) -> None:
    """Forget what lies on servers that never came back."""
    await tx.execute(delete(left_prompts).where(left_prompts.c.since < now - LONGEST))


def _this(row: Any) -> tuple[Any, ...]:
    return left_prompts.c.prompt_id == row["prompt_id"], left_prompts.c.since == row["since"]
