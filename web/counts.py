"""How many rows there are, by state, for the operator: numbers only, over the tables of every room by their names."""

from __future__ import annotations

from sqlalchemy import Table, func, literal, select

from base.db import Database, Tx, metadata

TABLES = ("accounts", "conversations", "turns", "runs", "jobs")
_STATES = ("status", "state")


async def by_state(db: Database) -> dict[str, dict[str, int]]:
    """`{"jobs": {"queued": 2, ...}, ...}`; a table without states counts under `all`."""
    async with db.read() as tx:
        return {name: await _counted(tx, metadata.tables[name]) for name in TABLES if name in metadata.tables}


async def _counted(tx: Tx, table: Table) -> dict[str, int]:
    column = next((table.c[name] for name in _STATES if name in table.c), None)
    if column is None:
        return {"all": int(await tx.scalar(select(func.count()).select_from(table)))}
    rows = await tx.all(
        select(column.label("state"), func.count(literal(1)).label("number")).group_by(column)
    )
    return {str(row["state"]): int(row["number"]) for row in rows}
