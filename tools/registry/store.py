"""SQL of what people add to the registry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, update

from base.db import Tx, insert_into
from tools.registry.tables import registrations as rows
from tools.registry.tables import registry_versions as versions


async def add(tx: Tx, **values: Any) -> None:
    await tx.execute(insert(rows).values(**values))


async def get(tx: Tx, id: str) -> Any | None:
    return await tx.one(select(rows).where(rows.c.id == id))


async def visible(tx: Tx, kind: str, account_id: str | None) -> list[Any]:
    """What is public and what is the account's own, oldest first; without an account, the operator's instead."""
    own = rows.c.account_id.is_(None) if account_id is None else rows.c.account_id == account_id
    wanted = select(rows).where(rows.c.kind == kind, or_(rows.c.state == "public", own))
    return await tx.all(wanted.order_by(rows.c.id))


async def count(tx: Tx, kind: str, account_id: str) -> int:
    """How many the account keeps."""
    counted = select(func.count()).select_from(rows)
    return int(await tx.scalar(counted.where(rows.c.kind == kind, rows.c.account_id == account_id)))


async def proposed(tx: Tx) -> list[Any]:
    """Whatever waits for a decision, oldest first."""
    return await tx.all(select(rows).where(rows.c.state == "proposed").order_by(rows.c.id))


async def change(tx: Tx, id: str, **values: Any) -> None:
    await tx.execute(update(rows).where(rows.c.id == id).values(**values))


async def remove(tx: Tx, id: str) -> None:
    await tx.execute(delete(rows).where(rows.c.id == id))


async def move_versions(tx: Tx, scopes: Iterable[str]) -> None:
    """Say that something changed for whoever looks at these scopes."""
    for scope in sorted(set(scopes)):
        statement = insert_into(tx, versions).values(scope=scope, number=1)
        moved = {"number": versions.c.number + 1}
        await tx.execute(statement.on_conflict_do_update(index_elements=[versions.c.scope], set_=moved))


async def version_numbers(tx: Tx, scopes: Iterable[str]) -> dict[str, int]:
    found = await tx.all(select(versions).where(versions.c.scope.in_(list(scopes))))
    return {row["scope"]: row["number"] for row in found}
