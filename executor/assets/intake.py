"""From bytes as they come to a clean file that may be kept: counted, known by what they hold, taken apart elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from base.settings import Limits
from executor.assets.cleaning import Cleaner
from executor.assets.sniff import HEAD, Family, Way, is_drawing, promised, sniff
from executor.assets.strip import Broken, Facts, strip
from executor.assets.workshop import Stored, Workshop
from executor.errors import NotAnImage, TooLarge, UnreadableMedia

_CHILDREN = 2
_UNTOUCHED = {
    "fbx": "model/fbx", "usdz": "model/vnd.usdz+zip", "spz": "model/spz", "splat": "model/splat", "ksplat": "model/ksplat",
}  # fmt: skip
"""3D files that an instance may give and that nobody here takes apart: they are kept as they are."""


@dataclass(frozen=True)
class Prepared:
    """A clean file and the picture of it, both temporary, and what is known of it."""

    stored: Stored
    poster: Stored | None
    facts: Facts


class Intake:
    """Temporary files live as long as the `stack` that is given."""

    def __init__(self, workshop: Workshop, limits: Limits, largest: int) -> None:
        """`largest` is what one video, sound or model may weigh, in bytes."""
        self._workshop, self._limits, self._largest = workshop, limits, largest
        self._cleaner = Cleaner(limits, asyncio.Semaphore(_CHILDREN))

    def temporary(self, stack: AsyncExitStack) -> Path:
        """A path for a file that goes with the stack."""
        return stack.enter_context(self._workshop.temporary())

    async def brought(self, chunks: AsyncIterator[bytes], stack: AsyncExitStack) -> Prepared:
        """What a person brings. Raises TooLarge, NotAnImage, ImageTooComplex, UnreadableMedia, MediaTooComplex."""
        raw, clean, poster = (self.temporary(stack) for _ in range(3))
        family = await self._receive(chunks, raw)
        facts = await self._cleaner.clean(family, raw, clean, poster)
        await asyncio.to_thread(raw.unlink)  # of a long video one copy is enough
        return await asyncio.to_thread(self._sealed, clean, poster, facts)

    async def fetched(self, raw: Path, stack: AsyncExitStack, declared: str, name: str) -> Prepared:
        """What an instance made; what it is, its bytes say, and only where they do not, the server.

        Raises NotAnImage, UnreadableMedia, MediaTooComplex, TooLarge.
        """
        clean, poster = (self.temporary(stack) for _ in range(2))
        family = await asyncio.to_thread(_sniffed, raw)
        if family is None or family.way is Way.PICTURE:
            known = await asyncio.to_thread(_stripped, raw, clean)
            facts = known or Facts(_untouched(declared, name, family))
            clean = clean if known else raw
        else:
            facts = await self._cleaner.clean(family, raw, clean, poster)
        return await asyncio.to_thread(self._sealed, clean, poster, facts)

    async def small(self, picture: Path, stack: AsyncExitStack, edge: int) -> Stored:
        """A copy of a picture of ours with `edge` pixels at most. Raises ImageTooComplex."""
        target = self.temporary(stack)
        await self._cleaner.shrink(picture, target, edge)
        return await asyncio.to_thread(self._workshop.seal_off, target)

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
                    raise self._too_large(limit)
                file.write(chunk)
        family = sniff(head, total)
        if not total:
            raise UnreadableMedia("This file is empty: it has no bytes.", action="Send a file that has something in it.")
        if family is None:
            raise UnreadableMedia
        if is_drawing(head):
            raise NotAnImage
        if total > self._most(family):
            raise self._too_large(self._most(family))
        return family

    def _too_large(self, limit: int) -> TooLarge:
        return TooLarge(limit_bytes=limit, limit_pixels=self._limits.upload_pixels)

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

    def _sealed(self, clean: Path, poster: Path, facts: Facts) -> Prepared:
        picture = self._workshop.seal_off(poster) if poster.exists() else None
        return Prepared(self._workshop.seal_off(clean), picture, facts)


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
