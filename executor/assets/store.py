"""SQL of assets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, func, insert, select

from base.db import Tx
from executor.tables import asset_parents, assets


async def insert_asset(tx: Tx, values: dict[str, Any], parents: Sequence[tuple[str, str]]) -> None:
    """`parents` are pairs of asset id and port."""
    await tx.execute(insert(assets).values(**values))
    for position, (parent_id, port) in enumerate(parents):
        row = {"asset_id": values["id"], "position": position, "parent_id": parent_id, "port": port}
        await tx.execute(insert(asset_parents).values(**row))


async def asset(tx: Tx, asset_id: str) -> Any | None:
    return await tx.one(select(assets).where(assets.c.id == asset_id))


async def assets_by_id(tx: Tx, asset_ids: Iterable[str]) -> list[Any]:
    return await tx.all(select(assets).where(assets.c.id.in_(list(asset_ids))))


async def assets_of(
    tx: Tx, account_id: str, kind: str | None, origin: str | None, after: str | None, limit: int
) -> list[Any]:
    """Newest first, below the id `after`."""
    statement = select(assets).where(assets.c.account_id == account_id)
    if kind is not None:
        statement = statement.where(assets.c.kind == kind)
    if origin is not None:
        statement = statement.where(assets.c.origin == origin)
    if after is not None:
        statement = statement.where(assets.c.id < after)
    return await tx.all(statement.order_by(assets.c.id.desc()).limit(limit))


async def assets_of_run(tx: Tx, run_id: str) -> list[Any]:
    return await tx.all(select(assets).where(assets.c.run_id == run_id).order_by(assets.c.id))


async def assets_of_step(tx: Tx, run_id: str, step_id: str) -> list[Any]:
    statement = select(assets).where(assets.c.run_id == run_id, assets.c.step_id == step_id)
    return await tx.all(statement.order_by(assets.c.port, assets.c.position))


async def outputs_of_step(tx: Tx, run_id: str, step_id: str, port: str) -> list[str]:
    """Asset ids in order of the batch."""
    statement = select(assets.c.id).where(
        assets.c.run_id == run_id, assets.c.step_id == step_id, assets.c.port == port
    )
    return [row["id"] for row in await tx.all(statement.order_by(assets.c.position))]


async def parents_of(tx: Tx, ids: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Asset id -> pairs of parent id and port."""
    statement = select(asset_parents).where(asset_parents.c.asset_id.in_(list(ids)))
    found: dict[str, list[tuple[str, str]]] = {}
    for row in await tx.all(statement.order_by(asset_parents.c.asset_id, asset_parents.c.position)):
        found.setdefault(row["asset_id"], []).append((row["parent_id"], row["port"]))
    return found


async def delete_asset(tx: Tx, asset_id: str) -> None:
    await tx.execute(delete(asset_parents).where(asset_parents.c.asset_id == asset_id))
    await tx.execute(delete(assets).where(assets.c.id == asset_id))


async def count_blob(tx: Tx, account_id: str, blob: str) -> int:
    """How many assets of the account share these bytes."""
    statement = select(func.count()).where(assets.c.account_id == account_id, assets.c.blob == blob)
    return int(await tx.scalar(statement) or 0)
