"""Objects as files of a local folder. A file appears under its name only whole and on disk (fsync, rename)."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from executor.assets.objects import Gone, Listed, Rule, Spoiled
from executor.assets.workshop import Stored

_BLOCK = 1 << 18
_PAGE = 1_000
_TMP = "tmp"
MARK = "folder.id"
"""The file by which several processes know that they share this folder; no object."""


class FolderObjects:
    """Implements executor.assets.objects.Objects."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, key: str, stored: Stored, media_type: str) -> None:
        await asyncio.to_thread(self._keep, stored, self._path(key))

    async def fetch(self, key: str, target: Path, sha256: str) -> None:
        await asyncio.to_thread(self._copy, self._path(key), target, sha256)

    async def read(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        try:
            file = await asyncio.to_thread(self._path(key).open, "rb")
        except FileNotFoundError:
            raise Gone from None
        with file:
            file.seek(start)
            while start < end and (block := await asyncio.to_thread(file.read, min(_BLOCK, end - start))):
                start += len(block)
                yield block

    async def size(self, key: str) -> int | None:
        try:
            return (await asyncio.to_thread(self._path(key).stat)).st_size
        except FileNotFoundError:
            return None

    async def delete(self, keys: Sequence[str]) -> None:
        await asyncio.to_thread(self._remove, keys)

    async def listing(self, prefix: str = "") -> AsyncIterator[Listed]:
        found = self._walk(prefix)
        while page := await asyncio.to_thread(_some, found):
            for one in page:
                yield one

    def local(self, key: str) -> Path | None:
        return self._path(key)

    async def link(self, key: str, seconds: int, media_type: str, name: str | None) -> str | None:
        return None

    async def apply(self, rules: Sequence[Rule], now: datetime) -> None:
        """A folder keeps no rules by itself: they are carried out, now; whoever sweeps regularly keeps them."""
        for rule in rules:
            if rule.days is not None:
                old = now - timedelta(days=rule.days)
                await self.delete([one.key async for one in self.listing(rule.prefix) if one.modified < old])

    async def check(self) -> None:
        """A folder is made with the first file."""

    async def kept(self) -> tuple[Rule, ...]:
        return ()

    def _path(self, key: str) -> Path:
        path = (self._root / key).resolve()
        if not path.is_relative_to(self._root.resolve()):
            raise Gone
        return path

    def _keep(self, stored: Stored, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        stored.path.replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _copy(self, source: Path, target: Path, sha256: str) -> None:
        try:
            shutil.copyfile(source, target)
        except FileNotFoundError:
            raise Gone from None
        with target.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                raise Spoiled

    def _remove(self, keys: Sequence[str]) -> None:
        for key in keys:
            self._path(key).unlink(missing_ok=True)

    def _walk(self, prefix: str) -> Iterator[Listed]:
        for folder, folders, files in os.walk(self._root):
            folders[:] = sorted(name for name in folders if name != _TMP or Path(folder) != self._root)
            for name in sorted(files):
                path = Path(folder, name)
                key = path.relative_to(self._root).as_posix()
                if key != MARK and key.startswith(prefix) and (about := _about(path)) is not None:
                    yield Listed(key, about.st_size, datetime.fromtimestamp(about.st_mtime, UTC))


def _about(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:  # deleted while we looked
        return None


def _some(found: Iterator[Listed]) -> list[Listed]:
    return [one for _, one in zip(range(_PAGE), found, strict=False)]
