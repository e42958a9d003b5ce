"""SQL of the shelf. Statements only. Rows of `_ITEM` hold one version with what its item says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, delete, func, insert, select, update

from base.db import Tx
from tools.shelf.tables import shelf_items as items
from tools.shelf.tables import shelf_versions as versions

_ITEM = (
    items.c.id, items.c.account_id, items.c.short, items.c.kind, items.c.visibility, items.c.link, items.c.origin,
    items.c.version.label("newest"), items.c.created_at, items.c.updated_at, versions.c.version, versions.c.content,
)  # fmt: skip
_NEWEST = and_(versions.c.item_id == items.c.id, versions.c.version == items.c.version)


def _current() -> Any:
    return select(*_ITEM).join(versions, _NEWEST)


async def add_item(tx: Tx, values: dict[str, Any]) -> None:
    await tx.execute(insert(items).values(**values))


async def add_version(tx: Tx, values: dict[str, Any]) -> None:
    await tx.execute(insert(versions).values(**values))


async def item(tx: Tx, item_id: str, *, version: int | None = None) -> Any | None:
    """The newest version, or that one."""
    if version is None:
        return await tx.one(_current().where(items.c.id == item_id))
    return await tx.one(_version_of(version).where(items.c.id == item_id))


async def by_short(tx: Tx, short: str, version: int | None) -> Any | None:
    statement = _current() if version is None else _version_of(version)
    return await tx.one(statement.where(items.c.short == short))


async def by_origin(tx: Tx, origin: str) -> Any | None:
    return await tx.one(_current().where(items.c.origin == origin))


async def by_link(tx: Tx, link_hash: str) -> Any | None:
    return await tx.one(_current().where(items.c.link_hash == link_hash))


async def short_taken(tx: Tx, short: str) -> bool:
    return await tx.scalar(select(items.c.id).where(items.c.short == short)) is not None


async def of_account(
    tx: Tx, account_id: str, kind: str | None, after: str | None, limit: int
) -> Sequence[Any]:
    """Newest items first, below the id `after`."""
    statement = _current().where(items.c.account_id == account_id)
    if kind is not None:
        statement = statement.where(items.c.kind == kind)
    if after is not None:
        statement = statement.where(items.c.id < after)
    return await tx.all(statement.order_by(items.c.id.desc()).limit(limit))


async def shown(tx: Tx, visibility: str, kind: str | None, after: str | None, limit: int) -> Sequence[Any]:
    """Of all accounts, newest first."""
    statement = _current().where(items.c.visibility == visibility)
    if kind is not None:
        statement = statement.where(items.c.kind == kind)
    if after is not None:
        statement = statement.where(items.c.id < after)
    return await tx.all(statement.order_by(items.c.id.desc()).limit(limit))


async def all_versions(tx: Tx, item_id: str) -> Sequence[Any]:
    """Oldest first."""
    statement = select(*_ITEM).join(versions, versions.c.item_id == items.c.id).where(items.c.id == item_id)
    return await tx.all(statement.order_by(versions.c.version))


async def count(tx: Tx, account_id: str) -> int:
    return int(await tx.scalar(select(func.count()).select_from(items).where(items.c.account_id == account_id)))


async def next_version(tx: Tx, item_id: str, **values: Any) -> int:
    """The number of a new version, taken in one statement."""
    bump = update(items).where(items.c.id == item_id).values(version=items.c.version + 1, **values)
    return int((await tx.execute(bump.returning(items.c.version))).scalar_one())


async def change(tx: Tx, item_id: str, **values: Any) -> None:
    await tx.execute(update(items).where(items.c.id == item_id).values(**values))


async def become(tx: Tx, item_id: str, before: str, after: str) -> None:
    """Another visibility, for what has that one."""
    concerned = and_(items.c.id == item_id, items.c.visibility == before)
    await tx.execute(update(items).where(concerned).values(visibility=after))


async def remove(tx: Tx, item_id: str) -> None:
    await tx.execute(delete(versions).where(versions.c.item_id == item_id))
    await tx.execute(delete(items).where(items.c.id == item_id))


def _version_of(version: int) -> Any:
    joined = and_(versions.c.item_id == items.c.id, versions.c.version == version)
    return select(*_ITEM).join(versions, joined)
