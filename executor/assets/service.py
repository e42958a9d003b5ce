"""Keep media: uploads are cleaned, outputs are stripped of their texts, equal bytes of one owner are stored once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from base.clock import Clock
from base.crypto import KeyStore
from base.db import Database, Tx
from base.errors import KeyLost
from base.settings import Limits
from executor.assets import store
from executor.assets.cleaning import Cleaner
from executor.assets.sniff import HEAD, Family, Way, is_drawing, kind_of, promised, sniff
from executor.assets.storage import Storage, Stored, blob_name
from executor.assets.strip import Broken, Facts, strip
from executor.errors import AssetNotFound, NotAnImage, NoThumbnail, TooLarge, UnreadableMedia
from executor.model import Asset, Owner, Parent
from tools.model import MediaKind

_CHILDREN = 2
_THUMBNAIL = 640  # pixels of the longer side
_UNTOUCHED = {
    "fbx": "model/fbx", "usdz": "model/vnd.usdz+zip", "spz": "model/spz", "splat": "model/splat", "ksplat": "model/ksplat",
}  # fmt: skip
"""3D files that an instance may give and that nobody here takes apart: they are kept as they are."""
Assets = list[Asset]  # within the class, `list` is its method


@dataclass(frozen=True)
class Made:
    """An output that was fetched and cleaned: still a temporary file, not yet an asset."""

    stored: Stored
    facts: Facts
    poster: Stored | None
    kind: MediaKind
    port: str
    position: int
    origin: dict[str, Any] = field(repr=False)
    """run_id, step_id, tool, params, sketch, parents: what `Asset` says about where it came from."""


class AssetService:
    """Implements executor.protocols.Assets; `prepare_output` and `adopt` are the worker's side."""

    def __init__(
        self, storage: Storage, db: Database, keys: KeyStore, clock: Clock, limits: Limits, largest: int = 2 << 30
    ) -> None:
        """`largest` is what one video, sound or model may weigh, in bytes."""
        self._storage, self._db, self._keys, self._clock, self._limits = storage, db, keys, clock, limits
        self._largest = largest
        self._cleaner = Cleaner(limits, asyncio.Semaphore(_CHILDREN))

    async def upload(self, chunks: AsyncIterator[bytes], *, owner: Owner, name: str | None, asset_id: str) -> Asset:
        """Store, take apart, clean and describe a file of any kind; what it is, its bytes say.

        Raises TooLarge, NotAnImage, ImageTooComplex, UnreadableMedia, MediaTooComplex.
        """
        with ExitStack() as stack:
            raw, clean, poster = (stack.enter_context(self._storage.temporary()) for _ in range(3))
            family = await self._receive(chunks, raw)
            facts = await self._cleaner.clean(family, raw, clean, poster)
            stored, picture = await asyncio.to_thread(self._sealed, clean, poster)
            asset = Asset(
                id=asset_id, owner=owner, kind=kind_of(facts.media_type), media_type=facts.media_type, bytes=stored.bytes,
                sha256=stored.sha256, width=facts.width, height=facts.height, duration_s=facts.duration_s,
                origin="upload", sketch=False, created_at=self._clock.now(), name=_plain_name(name), facts=facts.more,
            )  # fmt: skip
            async with self._db.write() as tx:
                await self._insert(tx, asset, stored, picture, None, 0)
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

    async def of_step(self, tx: Tx, run_id: str, step_id: str) -> Assets:
        """What a step of a run gave, in the order of the batch."""
        rows = await store.assets_of_step(tx, run_id, step_id)
        return await self._assets(rows, await store.parents_of(tx, [row["id"] for row in rows]))

    def path(self, asset: Asset) -> Path:
        """Where the bytes are."""
        return self._storage.path(blob_name(asset.owner.account_id, asset.sha256))

    async def thumbnail(self, asset: Asset) -> Path:
        """A small picture of it: the asset itself where that is small. Raises NoThumbnail for what has none."""
        path = self._storage.path(poster_of(blob_name(asset.owner.account_id, asset.sha256)))
        if path.exists():
            return path
        if not asset.media_type.startswith("image/") or not asset.width or not asset.height:
            raise NoThumbnail
        if max(asset.width, asset.height) <= _THUMBNAIL:
            return self.path(asset)
        with self._storage.temporary() as small:
            await self._cleaner.shrink(self.path(asset), small, _THUMBNAIL)
            stored = await asyncio.to_thread(self._storage.seal_off, small)
            await asyncio.to_thread(self._storage.keep, stored, path.name)
        return path

    async def delete(self, asset_id: str, account_id: str) -> None:
        """Forget an asset, and its bytes when no other asset of the account shares them. Raises AssetNotFound."""
        async with self._db.write() as tx:
            row = await store.asset(tx, asset_id)
            if row is None or row["account_id"] != account_id:
                raise AssetNotFound
            await store.delete_asset(tx, asset_id)
            if not await store.count_blob(tx, account_id, row["blob"]):
                blob = row["blob"]
                tx.after_commit(lambda: self._drop(blob))

    # --- the worker's side

    @property
    def storage(self) -> Storage:
        return self._storage

    async def prepare_output(
        self, fetched: Path, clean: Path, poster: Path, declared: str, name: str
    ) -> tuple[Stored, Stored | None, Facts]:
        """Take the texts out of a fetched file; what it is, its bytes say, and only where they do not, the server.

        Raises NotAnImage, UnreadableMedia, MediaTooComplex, TooLarge.
        """
        family = await asyncio.to_thread(_sniffed, fetched)
        if family is None or family.way is Way.PICTURE:
            known = await asyncio.to_thread(_stripped, fetched, clean)
            facts = known or Facts(_untouched(declared, name, family))
            clean = clean if known else fetched
        else:
            facts = await self._cleaner.clean(family, fetched, clean, poster)
        stored, picture = await asyncio.to_thread(self._sealed, clean, poster)
        return stored, picture, facts

    async def adopt(self, tx: Tx, made: Made, owner: Owner, asset_id: str) -> Asset:
        """Make an output an asset, in the transaction that completes its job."""
        facts, origin = made.facts, made.origin
        asset = Asset(
            id=asset_id, owner=owner, kind=made.kind, media_type=facts.media_type, bytes=made.stored.bytes,
            sha256=made.stored.sha256, width=facts.width, height=facts.height, duration_s=facts.duration_s,
            origin="output", created_at=self._clock.now(), facts=facts.more, **origin,
        )  # fmt: skip
        await self._insert(tx, asset, made.stored, made.poster, made.port, made.position)
        return asset

    # --- within

    async def _receive(self, chunks: AsyncIterator[bytes], path: Path) -> Family:
        """Count while it streams: never more than the limit of its kind is on disk."""
        total, head, limit = 0, b"", self._largest
        with path.open("wb") as file:
            async for chunk in chunks:
                total += len(chunk)
                if len(head) < HEAD:
                    head = (head + chunk)[:HEAD]
                    limit = self._limit(head)
                if total > limit:
                    raise TooLarge(limit_bytes=limit, limit_pixels=self._limits.upload_pixels)
                file.write(chunk)
        family = sniff(head, total)
        if family is None:
            raise UnreadableMedia
        if is_drawing(head):
            raise NotAnImage
        if total > self._most(family):
            raise TooLarge(limit_bytes=self._most(family), limit_pixels=self._limits.upload_pixels)
        return family

    def _limit(self, head: bytes) -> int:
        """Of what begins so. What is nothing yet may become something by its length alone. Raises UnreadableMedia."""
        family = sniff(head, len(head))
        if family is not None:
            return self._most(family)
        if len(head) >= HEAD and promised(head) > self._largest:
            raise UnreadableMedia
        return self._largest

    def _most(self, family: Family) -> int:
        if family.way is Way.PICTURE:
            return self._limits.upload_bytes
        return self._limits.text_bytes if family.name == "text" else self._largest

    def _drop(self, blob: str) -> None:
        self._storage.drop(blob)
        self._storage.drop(poster_of(blob))

    def _sealed(self, clean: Path, poster: Path) -> tuple[Stored, Stored | None]:
        return self._storage.seal_off(clean), self._storage.seal_off(poster) if poster.exists() else None

    async def _insert(
        self, tx: Tx, asset: Asset, stored: Stored, poster: Stored | None, port: str | None, position: int
    ) -> None:
        key = await self._keys.key(asset.owner.scope)
        owner, blob = asset.owner, blob_name(asset.owner.account_id, asset.sha256)
        details = {"sha256": asset.sha256, "name": asset.name, "params": asset.params, "facts": asset.facts}
        values = {
            "id": asset.id, "account_id": owner.account_id, "tier": owner.tier, "scope": owner.scope,
            "kind": asset.kind.value, "media_type": asset.media_type, "bytes": asset.bytes, "blob": blob,
            "width": asset.width, "height": asset.height, "duration_s": asset.duration_s, "origin": asset.origin,
            "sketch": asset.sketch, "run_id": asset.run_id, "step_id": asset.step_id, "port": port,
            "position": position, "tool": asset.tool, "details": key.seal(details), "created_at": asset.created_at,
            "expires_at": asset.expires_at,
        }  # fmt: skip
        await store.insert_asset(tx, values, [(p.asset_id, p.port) for p in asset.parents])
        if poster is not None:
            self._storage.keep(poster, poster_of(blob))
        self._storage.keep(stored, blob)

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
            parents=tuple(Parent(*pair) for pair in parents.get(row["id"], ())),
        )  # fmt: skip


def poster_of(blob: str) -> str:
    """Where the small picture of a file lies."""
    return f"{blob}-poster"


def _sniffed(path: Path) -> Family | None:
    with path.open("rb") as file:
        return sniff(file.read(HEAD), path.stat().st_size)


def _stripped(fetched: Path, clean: Path) -> Facts | None:
    """Of a picture that is understood; None, with nothing written, for another format."""
    try:
        with fetched.open("rb") as source, clean.open("wb") as target:
            return strip(source, target)
    except Broken:
        raise NotAnImage from None


def _untouched(declared: str, name: str, family: Family | None) -> str:
    """The type of a file that is kept as it came: a picture in a rare format, a model that only its name tells."""
    ending = name.rpartition(".")[2].lower()
    if family is None and ending in _UNTOUCHED:
        return _UNTOUCHED[ending]
    if declared.startswith("image/") and declared != "image/svg+xml":
        return declared
    raise UnreadableMedia


def _plain_name(name: str | None) -> str | None:
    """The last part of a file name, for show only: no path is ever made of it."""
    if name is None:
        return None
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in last if c.isprintable())[:200] or None
