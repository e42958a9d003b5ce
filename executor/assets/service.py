"""Keep media: uploads are cleaned, outputs are stripped of their texts, equal bytes of one owner are stored once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from base.clock import Clock
from base.crypto import KeyStore
from base.db import Database, Tx
from base.errors import KeyLost
from base.log import get_logger
from executor import locks
from executor.assets import store
from executor.assets.intake import Intake, Prepared
from executor.assets.links import Linker
from executor.assets.objects import INCOGNITO, Gone, Spoiled, checked, poster_of, sha256_of
from executor.assets.sniff import kind_of
from executor.assets.strip import Facts
from executor.assets.vault import Held, Vault
from executor.errors import AssetNotFound, LinkOver, NoThumbnail, StorageAway
from executor.model import Asset, Owner, Parent
from executor.room import needed
from tools.model import MediaKind

log = get_logger(__name__)
log = get_logger(__name__)
_PORTION = 100  # assets in a transaction that deletes many
_POSTER_TYPE = "application/octet-stream"  # only we read them, and look
_THUMBNAIL = 640  # pixels of the longer side
_LINK_S = {"standard": 7 * 86_400, INCOGNITO: 3_600}  # how long a link may live, by tier
Ids = list[str]
Assets = list[Asset]  # within the class, `list` is its method


@dataclass(frozen=True)
class Made:
    """An output that was fetched, cleaned and stored: its bytes are held, but it is not yet an asset."""

    held: Held
    bytes: int
    sha256: str
    facts: Facts
    kind: MediaKind
    port: str
    position: int
    origin: dict[str, Any] = field(repr=False)
    """run_id, step_id, tool, params, sketch, parents: what `Asset` says about where it came from."""


@dataclass(frozen=True)
class Given:
    """An asset as what its step gave: by which port, and where in the batch."""

    asset: Asset
    port: str
    position: int


class AssetService:
    """Implements executor.protocols.Assets; `holding` and `adopt` are the worker's side."""

    def __init__(
        self, intake: Intake, vault: Vault, db: Database, keys: KeyStore, clock: Clock, linker: Linker
    ) -> None:
        self.intake, self.vault, self._db, self._keys, self._clock = intake, vault, db, keys, clock
        self._linker = linker

    async def upload(self, chunks: AsyncIterator[bytes], *, owner: Owner, name: str | None, asset_id: str) -> Asset:
        """Store, take apart, clean and describe a file of any kind; what it is, its bytes say.

        Raises TooLarge, NotAnImage, ImageTooComplex, UnreadableMedia, MediaTooComplex, StorageAway, NoRoom.
        """
        async with AsyncExitStack() as stack:
            with needed():
                ready = await self.intake.brought(chunks, stack)
            held = await stack.enter_async_context(self.holding(owner, ready))
            facts = ready.facts
            asset = Asset(
                id=asset_id, owner=owner, kind=kind_of(facts.media_type), media_type=facts.media_type,
                bytes=ready.stored.bytes, sha256=ready.stored.sha256, width=facts.width, height=facts.height,
                duration_s=facts.duration_s, origin="upload", sketch=False, created_at=self._clock.now(),
                name=_plain_name(name), facts=facts.more, blob=held.key,
            )  # fmt: skip
            async with self._db.write() as tx:
                await self._insert(tx, asset, held, None, 0)
        return asset

    async def get(self, asset_id: str, account_id: str) -> Asset:
        """Raises AssetNotFound, also for somebody else's or a deleted one."""
        async with self._db.read() as tx:
            row = await store.asset(tx, asset_id)
            if row is None or row["account_id"] != account_id:
                raise AssetNotFound
            parents = await store.parents_of(tx, [asset_id])
        return await self._asset(row, parents)

    async def many(self, asset_ids: Sequence[str], account_id: str) -> dict[str, Asset]:
        """Those of the ids that exist and belong to the account, by id."""
        async with self._db.read() as tx:
            return await self.many_in(tx, asset_ids, account_id)

    async def many_in(self, tx: Tx, asset_ids: Sequence[str], account_id: str) -> dict[str, Asset]:
        """The same, as the caller's transaction sees it."""
        rows = [row for row in await store.assets_by_id(tx, asset_ids) if row["account_id"] == account_id]
        parents = await store.parents_of(tx, [row["id"] for row in rows])
        return {asset.id: asset for asset in await self._assets(rows, parents)}

    async def page(
        self, account_id: str, *, kind: str | None, origin: str | None, after: str | None, limit: int
    ) -> tuple[list[Asset], str | None]:
        """Newest first; the second value is the cursor of the next page."""
        async with self._db.read() as tx:
            rows = await store.assets_of(tx, account_id, kind, origin, after, limit + 1)
            parents = await store.parents_of(tx, [row["id"] for row in rows])
        page = rows[:limit]
        return await self._assets(page, parents), page[-1]["id"] if len(rows) > limit else None

    async def of_run(self, run_id: str) -> Assets:
        """All outputs of a run so far."""
        async with self._db.read() as tx:
            rows = await store.assets_of_run(tx, run_id)
            parents = await store.parents_of(tx, [row["id"] for row in rows])
        return await self._assets(rows, parents)

    async def deleted_of(self, run_id: str) -> Ids:
        """Ids of the run's outputs that were deleted."""
        async with self._db.read() as tx:
            return await store.deleted_of(tx, run_id)

    async def of_step(self, tx: Tx, run_id: str, step_id: str) -> Assets:
        """What a step of a run gave, in the order of the batch."""
        rows = await store.assets_of_step(tx, run_id, step_id)
        return await self._assets(rows, await store.parents_of(tx, [row["id"] for row in rows]))

    # --- the bytes

    def path(self, asset: Asset) -> Path:
        """Where the bytes are, in a local folder. Raises AssetNotFound where they lie elsewhere."""
        path = self.vault.objects.local(asset.blob)
        if path is None:
            raise AssetNotFound
        return path

    def local(self, asset: Asset) -> Path | None:
        """The same, None where they lie elsewhere: then there is `read`."""
        return self.vault.objects.local(asset.blob)

    async def read(self, asset: Asset, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` up to, not including, `end`. All of them are checked on their way: of spoiled ones the end is
        never given. Raises AssetNotFound, StorageAway, Spoiled."""
        end = asset.bytes if end is None else end
        blocks = self.vault.objects.read(asset.blob, start, end)
        try:
            async for block in checked(blocks, asset.sha256) if (start, end) == (0, asset.bytes) else blocks:
                yield block
        except Gone:
            raise AssetNotFound from None
        except Spoiled as problem:
            log.error("bytes_spoiled", asset_id=asset.id, code=problem.code)
            raise

    @asynccontextmanager
    async def opened(self, asset: Asset) -> AsyncIterator[Path]:
        """A file of this machine that holds the asset, checked. Raises AssetNotFound, StorageAway, Spoiled."""
        async with AsyncExitStack() as stack:
            path = self.vault.objects.local(asset.blob)
            if path is None:
                path = self.intake.temporary(stack)
                try:
                    with needed():
                        await self.vault.objects.fetch(asset.blob, path, asset.sha256)
                except Gone:
                    raise AssetNotFound from None
            elif not await asyncio.to_thread(path.exists):
                raise AssetNotFound
            elif await asyncio.to_thread(sha256_of, path) != asset.sha256:
                log.error("bytes_spoiled", asset_id=asset.id, code=Spoiled.code)
                raise Spoiled
            yield path

    async def thumbnail(self, asset: Asset) -> bytes:
        """A small picture of it, the asset itself where that is small. Raises NoThumbnail for what has none."""
        poster = poster_of(asset.blob)
        size = await self.vault.objects.size(poster)
        if size is None:
            if not asset.media_type.startswith("image/") or not asset.width or not asset.height:
                raise NoThumbnail
            if max(asset.width, asset.height) <= _THUMBNAIL:
                return b"".join([block async for block in self.read(asset)])
            size = await self._shrink(asset, poster)
        return b"".join([block async for block in self.vault.objects.read(poster, 0, size)])

    async def link(self, asset_id: str, account_id: str, seconds: int, *, download: bool = False) -> str:
        """A URL by which anybody may fetch it for so long, at most a week, for incognito an hour. Raises AssetNotFound."""
        asset = await self.get(asset_id, account_id)
        seconds = min(seconds, _LINK_S.get(asset.owner.tier, _LINK_S[INCOGNITO]))
        name = f"stationthis-{asset.id[-8:]}.{asset.ending}" if download else None
        elsewhere = await self.vault.objects.link(asset.blob, seconds, asset.media_type, name)
        until = self._clock.now() + timedelta(seconds=seconds)
        return elsewhere or self._linker.link(asset_id, until, download=download)

    async def check(self) -> None:
        """That there is somewhere to keep bytes. Raises BucketMissing, StorageAway."""
        await self.vault.objects.check()

    async def linked(self, asset_id: str, expires: int, download: int, signature: str) -> Asset:
        """The asset of a link of ours. Raises LinkOver for one that is forged, old, or whose asset is gone: alike, since a
        link that does not hold tells nothing of what there is."""
        if not self._linker.holds(asset_id, expires, download, signature, self._clock.now()):
            raise LinkOver
        async with self._db.read() as tx:
            row = await store.asset(tx, asset_id)
        if row is None:
            raise LinkOver
        return await self._asset(row, {})

    async def delete(self, asset_id: str, account_id: str) -> None:
        """Forget an asset, and its bytes when no other asset of the account shares them. Raises AssetNotFound."""
        async with self._db.write() as tx:
            await locks.turn_of(tx, account_id)
            row = await store.asset(tx, asset_id)
            if row is None or row["account_id"] != account_id:
                raise AssetNotFound
            if await self._drop(tx, row) and row["run_id"] is not None:
                await store.note_deleted(tx, asset_id, row["run_id"])
        await self.vault.erase(row["blob"])

    async def delete_scope(self, scope: str) -> None:
        """Forget all that was made or brought under it, in portions, with its bytes: where the storage is away, a sweep takes
        those. It is all once the scope's key is gone, because nothing is kept any more without one."""
        while True:
            async with self._db.read() as tx:
                rows = await store.assets_of_scope(tx, scope, _PORTION)
            if not rows:
                return
            async with self._db.write() as tx:
                for account_id in sorted({row["account_id"] for row in rows}):
                    await locks.turn_of(tx, account_id)
                for row in rows:
                    await self._drop(tx, row)
            try:
                await self.vault.erase(*(row["blob"] for row in rows))
            except StorageAway:
                log.warning("bytes_not_erased", assets=len(rows))

    # --- the worker's side

    def holding(self, owner: Owner, ready: Prepared) -> AbstractAsyncContextManager[Held]:
        """Store what is prepared; it stays as long as the context or, once it is adopted, as long as the asset."""
        poster = None if ready.poster is None else (ready.poster, _POSTER_TYPE)
        return self.vault.holding(owner, ready.stored, ready.facts.media_type, poster)

    async def adopt(self, tx: Tx, made: Made, owner: Owner, asset_id: str) -> Asset:
        """Make an output an asset, in the transaction that completes its job. Raises BytesGone."""
        facts = made.facts
        asset = Asset(
            id=asset_id, owner=owner, kind=made.kind, media_type=facts.media_type, bytes=made.bytes, sha256=made.sha256,
            width=facts.width, height=facts.height, duration_s=facts.duration_s, origin="output",
            created_at=self._clock.now(), facts=facts.more, blob=made.held.key, **made.origin,
        )  # fmt: skip
        await self._insert(tx, asset, made.held, made.port, made.position)
        return asset

    # --- what was made before

    async def given(self, tx: Tx, run_id: str, step_id: str) -> list[Given]:
        """What a step gave and its owner still has, with its bytes; kept until the caller's transaction ends."""
        found: list[Given] = []
        for row in await store.assets_of_step(tx, run_id, step_id, kept=True):
            for asset in await self._assets([row], {}):
                if await self._has_bytes(asset):
                    found.append(Given(asset, row["port"], row["position"]))
        return found

    async def share(self, tx: Tx, given: Given, owner: Owner, asset_id: str, **origin: Any) -> Asset:
        """A new asset of the same bytes, for another step that gives the same; `origin` as Made has it, but for `sketch`.
        Raises BytesGone."""
        asset = replace(given.asset, id=asset_id, owner=owner, created_at=self._clock.now(), **origin)
        await self.vault.share(tx, asset.blob)
        await self._write(tx, asset, given.port, given.position)
        return asset

    async def _has_bytes(self, asset: Asset) -> bool:
        """A file can be looked for at once; what lies in a bucket is there while its row is."""
        path = self.vault.objects.local(asset.blob)
        return path is None or await asyncio.to_thread(path.exists)

    # --- within

    async def _shrink(self, asset: Asset, poster: str) -> int:
        async with AsyncExitStack() as stack:
            path = await stack.enter_async_context(self.opened(asset))
            with needed():
                small = await self.intake.small(path, stack, _THUMBNAIL)
                await self.vault.objects.put(poster, small, _POSTER_TYPE)
            return small.bytes

    async def _insert(self, tx: Tx, asset: Asset, held: Held, port: str | None, position: int) -> None:
        await self.vault.settle(tx, held)
        await self._write(tx, asset, port, position)

    async def _drop(self, tx: Tx, row: Any) -> bool:
        """The row, what is known of its step, and its need of the bytes; whether it was there."""
        if not await store.delete_asset(tx, row["id"]):
            return False
        await self.vault.give_up(tx, row["blob"])
        await store.forget_step(tx, row["run_id"], row["step_id"])
        return True

    async def _write(self, tx: Tx, asset: Asset, port: str | None, position: int) -> None:
        """Raises KeyLost where the scope was forgotten, by whatever process: what is kept then would be kept for ever."""
        await self._keys.hold(tx, asset.owner.scope)
        key, owner = await self._keys.key(asset.owner.scope), asset.owner
        details = {"sha256": asset.sha256, "name": asset.name, "params": asset.params, "facts": asset.facts}
        values = {
            "id": asset.id, "account_id": owner.account_id, "tier": owner.tier, "scope": owner.scope,
            "kind": asset.kind.value, "media_type": asset.media_type, "bytes": asset.bytes, "blob": asset.blob,
            "width": asset.width, "height": asset.height, "duration_s": asset.duration_s, "origin": asset.origin,
            "sketch": asset.sketch, "run_id": asset.run_id, "step_id": asset.step_id, "port": port,
            "position": position, "tool": asset.tool, "details": key.seal(details), "created_at": asset.created_at,
            "expires_at": asset.expires_at,
        }  # fmt: skip
        await store.insert_asset(tx, values, [(p.asset_id, p.port) for p in asset.parents])

    async def _assets(self, rows: Iterable[Any], parents: dict[str, Any]) -> Assets:
        found: Assets = []
        for row in rows:
            try:
                found.append(await self._asset(row, parents))
            except KeyLost:  # forgotten content: the row is about to be swept
                continue
        return found

    async def _asset(self, row: Any, parents: dict[str, Any]) -> Asset:
        key = await self._keys.key(row["scope"])
        details = key.open(row["details"])
        return Asset(
            id=row["id"], owner=Owner(row["account_id"], row["tier"], row["scope"]), kind=MediaKind(row["kind"]),
            media_type=row["media_type"], bytes=row["bytes"], sha256=details["sha256"], width=row["width"],
            height=row["height"], duration_s=row["duration_s"], origin=row["origin"], sketch=row["sketch"],
            created_at=row["created_at"], expires_at=row["expires_at"], run_id=row["run_id"], step_id=row["step_id"],
            tool=row["tool"], params=details["params"], name=details["name"], facts=details.get("facts", {}),
            blob=row["blob"],
            parents=tuple(Parent(*pair) for pair in parents.get(row["id"], ())),
        )  # fmt: skip


def _plain_name(name: str | None) -> str | None:
    """The last part of a file name, for show only: no path is ever made of it."""
    if name is None:
        return None
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in last if c.isprintable())[:200] or None
