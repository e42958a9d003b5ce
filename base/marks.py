"""What an installation is known by: a name, and what whoever came first wrote under it. Hashes and ids, never content."""

from __future__ import annotations

from sqlalchemy import inspect, select

from base.db import Tx, insert_unless_there
from base.errors import SchemaBehind
from base.tables import marks


async def known(tx: Tx, name: str) -> str | None:
    """What is written there. Raises SchemaBehind where this database has no marks yet."""
    if not await tx.connection.run_sync(lambda connection: inspect(connection).has_table(marks.name)):
        raise SchemaBehind
    value = await tx.scalar(select(marks.c.value).where(marks.c.name == name))
    return None if value is None else str(value)


async def first(tx: Tx, name: str, value: str) -> str:
    """Write it unless something is written there, and give what is: of any number who do so at once, one was first."""
    await tx.execute(insert_unless_there(tx, marks, {"name": name, "value": value}))
    return str(await tx.scalar(select(marks.c.value).where(marks.c.name == name)))


async def replace(tx: Tx, name: str, value: str) -> None:
    """Write it whatever is written there."""
    await first(tx, name, value)
    await tx.execute(marks.update().where(marks.c.name == name).values(value=value))
