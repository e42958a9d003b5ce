"""SQL of assets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, false, func, insert, select, true, update

from base.db import Tx, insert_unless_there
from executor.tables import asset_parents, assets, blobs, deleted_outputs, step_cache
from tools.model import MediaKind


async def insert_asset(tx: Tx, values: dict[str, Any], parents: Sequence[tuple[str, str]]) -> None:
    """`parents` are pairs of asset id and port."""
    await tx.execute(insert(assets).values(**values))
    for position, (parent_id, port) in enumerate(parents):
        row = {"asset_id": values["id"], "position": position, "parent_id": parent_id, "port": port}
        await tx.execute(insert(asset_parents).values(**row))


async def asset(tx: Tx, asset_id: str) -> Any | None:
    return await tx.one(select(assets).where(assets.c.id == asset_id))


async def assets_by_id(tx: Tx, asset_ids: Iterable[str]) -> list[Any]:
    ids = list(asset_ids)
    return await tx.all(select(assets).where(assets.c.id.in_(ids))) if ids else []


async def largest_file(tx: Tx, asset_ids: Iterable[str]) -> int:
    """Bytes of the largest of these that travels as a file: a text goes as words."""
    sizes = select(func.max(assets.c.bytes)).where(assets.c.id.in_(list(asset_ids)), assets.c.kind != MediaKind.TEXT)
    return int(await tx.scalar(sizes) or 0)


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


async def assets_of_step(tx: Tx, run_id: str, step_id: str, *, kept: bool = False) -> list[Any]:
    """In the order of the batch. `kept`: nobody can delete them before the transaction ends."""
    statement = select(assets).where(assets.c.run_id == run_id, assets.c.step_id == step_id)
    ordered = statement.order_by(assets.c.port, assets.c.position)
    return await tx.all(ordered.with_for_update(read=True) if kept else ordered)


async def assets_of_scope(tx: Tx, scope: str, limit: int) -> list[Any]:
    """The oldest that were made or brought under it."""
    return await tx.all(select(assets).where(assets.c.scope == scope).order_by(assets.c.id).limit(limit))


async def outputs_of_step(tx: Tx, run_id: str, step_id: str, port: str) -> list[str]:
    """Asset ids in order of the batch."""
    statement = select(assets.c.id).where(
        assets.c.run_id == run_id, assets.c.step_id == step_id, assets.c.port == port
    )
    return [row["id"] for row in await tx.all(statement.order_by(assets.c.position))]


async def parents_of(tx: Tx, ids: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """Asset id -> pairs of parent id and port."""
    of = list(ids)
    statement = select(asset_parents).where(asset_parents.c.asset_id.in_(of))
    found: dict[str, list[tuple[str, str]]] = {}
    for row in () if not of else await tx.all(statement.order_by(asset_parents.c.asset_id, asset_parents.c.position)):
        found.setdefault(row["asset_id"], []).append((row["parent_id"], row["port"]))
    return found


async def delete_asset(tx: Tx, asset_id: str) -> bool:
    """Whether it was there: of two who delete it at once, one."""
    await tx.execute(delete(asset_parents).where(asset_parents.c.asset_id == asset_id))
    return bool((await tx.execute(delete(assets).where(assets.c.id == asset_id))).rowcount)


async def note_deleted(tx: Tx, asset_id: str, run_id: str) -> None:
    """Of an output its run remembers the id."""
    await tx.execute(insert_unless_there(tx, deleted_outputs, {"asset_id": asset_id, "run_id": run_id}))


async def deleted_of(tx: Tx, run_id: str) -> list[str]:
    """In the order in which they were made."""
    ids = select(deleted_outputs.c.asset_id).where(deleted_outputs.c.run_id == run_id)
    return [row["asset_id"] for row in await tx.all(ids.order_by(deleted_outputs.c.asset_id))]


async def forget_step(tx: Tx, run_id: str | None, step_id: str | None) -> None:
    """An output of this step was deleted: it is not known as done any more."""
    await tx.execute(delete(step_cache).where(step_cache.c.run_id == run_id, step_cache.c.step_id == step_id))


# --- blobs: the bytes, and how many need them


async def hold_blob(tx: Tx, digest: str, now: datetime) -> str | None:
    """Hold the living bytes with this digest; their key, or None where there are none."""
    living = select(blobs.c.key).where(blobs.c.digest == digest, blobs.c.gone == false()).limit(1)
    key = await tx.scalar(living)
    if key is None:
        return None
    values = {"holds": blobs.c.holds + 1, "used_at": now}
    statement = update(blobs).where(blobs.c.key == key, blobs.c.gone == false()).values(**values)
    return key if (await tx.execute(statement)).rowcount else None


async def insert_blob(tx: Tx, key: str, digest: str, size: int, now: datetime) -> None:
    """Held once, needed by nobody yet."""
    values = {"key": key, "digest": digest, "bytes": size, "holds": 1, "refs": 0, "gone": False, "used_at": now}
    await tx.execute(insert(blobs).values(**values))


async def settle_blob(tx: Tx, key: str, now: datetime) -> bool:
    """One hold becomes one asset; False where the bytes are gone."""
    values = {"holds": blobs.c.holds - 1, "refs": blobs.c.refs + 1, "used_at": now}
    statement = update(blobs).where(blobs.c.key == key, blobs.c.gone == false()).values(**values)
    return bool((await tx.execute(statement)).rowcount)


async def share_blob(tx: Tx, key: str, now: datetime) -> bool:
    """One more asset is made of bytes that an asset is made of; False where the bytes are gone."""
    values = {"refs": blobs.c.refs + 1, "used_at": now}
    statement = update(blobs).where(blobs.c.key == key, blobs.c.refs > 0, blobs.c.gone == false()).values(**values)
    return bool((await tx.execute(statement)).rowcount)


async def drop_hold(tx: Tx, key: str) -> None:
    await _less(tx, key, holds=blobs.c.holds - 1)


async def drop_ref(tx: Tx, key: str) -> None:
    await _less(tx, key, refs=blobs.c.refs - 1)


async def _less(tx: Tx, key: str, **values: Any) -> None:
    """Count down, and mark as gone what nobody needs any more: the row is locked in between."""
    await tx.execute(update(blobs).where(blobs.c.key == key).values(**values))
    unneeded = (blobs.c.key == key, blobs.c.refs <= 0, blobs.c.holds <= 0)
    await tx.execute(update(blobs).where(*unneeded).values(gone=True))


async def mark_unneeded(tx: Tx, before: datetime) -> None:
    """What nobody needs, and what was held by somebody who is long dead."""
    old = (blobs.c.refs <= 0, blobs.c.used_at < before, blobs.c.gone == false())
    await tx.execute(update(blobs).where(*old).values(gone=True))


async def gone_blobs(tx: Tx) -> list[str]:
    return [row["key"] for row in await tx.all(select(blobs.c.key).where(blobs.c.gone == true()).order_by(blobs.c.key))]


async def gone_among(tx: Tx, keys: Iterable[str]) -> list[str]:
    """Those of these keys whose bytes nobody needs."""
    statement = select(blobs.c.key).where(blobs.c.key.in_(sorted(set(keys))), blobs.c.gone == true())
    return [row["key"] for row in await tx.all(statement.order_by(blobs.c.key))]


async def delete_blobs(tx: Tx, keys: Sequence[str]) -> None:
    await tx.execute(delete(blobs).where(blobs.c.key.in_(keys), blobs.c.gone == true()))


async def known_blobs(tx: Tx, keys: Iterable[str]) -> dict[str, bool]:
    """Of these keys those that have a row -> whether an asset is made of it."""
    rows = await tx.all(select(blobs.c.key, blobs.c.refs).where(blobs.c.key.in_(list(keys))))
    return {row["key"]: row["refs"] > 0 for row in rows}


async def newest_blobs(tx: Tx, limit: int) -> tuple[str, ...]:
    """Keys of what assets are made of."""
    living = select(blobs.c.key).where(blobs.c.refs > 0, blobs.c.gone == false()).order_by(blobs.c.used_at.desc()).limit(limit)
    return tuple(row["key"] for row in await tx.all(living))


async def count_settled(tx: Tx) -> int:
    return int(await tx.scalar(select(func.count()).where(blobs.c.refs > 0, blobs.c.gone == false())) or 0)
