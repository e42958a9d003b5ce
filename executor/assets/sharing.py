"""Where several processes keep media in a folder, all must see the same one: a file in it says which one it is."""

from __future__ import annotations

import asyncio
from pathlib import Path

from base import marks
from base.db import Database
from base.files import write_once
from base.ids import new_id
from executor.assets import store
from executor.assets.folder import MARK
from executor.errors import FolderNotShared

_NAME = "media_folder"
_SAMPLE = 20


async def recognise(db: Database, folder: Path) -> None:
    """See that this is the folder that the others keep media in; in a new database, from now on it is. What this process
    would keep elsewhere, nobody else would find. Raises FolderNotShared, SchemaBehind."""
    async with db.read() as tx:
        known = await marks.known(tx, _NAME)
        sample = () if known else await store.newest_blobs(tx, _SAMPLE)
    if known is None:
        if sample and not await asyncio.to_thread(_holds, folder, sample):  # of a database that is older than its mark
            raise FolderNotShared
        ours = await _marked(folder)
        async with db.write() as tx:
            known = await marks.first(tx, _NAME, ours)
    if await asyncio.to_thread(_read, folder) != known:
        raise FolderNotShared


async def adopt(db: Database, folder: Path) -> None:
    """From now on it is this folder, whatever it was: an operator says so who moved or restored it. Raises SchemaBehind."""
    async with db.read() as tx:
        await marks.known(tx, _NAME)
    ours = await _marked(folder)
    async with db.write() as tx:
        await marks.replace(tx, _NAME, ours)


async def _marked(folder: Path) -> str:
    return (await asyncio.to_thread(write_once, folder / MARK, new_id().encode())).decode("ascii").strip()


def _holds(folder: Path, keys: tuple[str, ...]) -> bool:
    return any((folder / key).exists() for key in keys)


def _read(folder: Path) -> str | None:
    try:
        return (folder / MARK).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
