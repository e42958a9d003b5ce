"""Room on the disk that this process works on. Without it nothing can be fetched or kept: that is a fault of the house, and
whoever finds it takes no work until there is room again."""

from __future__ import annotations

import asyncio
import errno
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from base.clock import Clock
from base.log import get_logger
from executor.errors import NoRoom
from executor.rules import lacks_room

log = get_logger(__name__)
_LOOKS = 12
"""So often it is measured in the time for which a miss is believed."""
_FULL = frozenset((errno.ENOSPC, errno.EDQUOT))


@contextmanager
def needed() -> Iterator[None]:
    """Whatever is written within: that the disk takes no more is told as such. Raises NoRoom."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise NoRoom from None
        raise


def free_bytes(folder: Path) -> int:
    """Of the disk that the folder lies on, or will lie on."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


class Room:
    """What is known of it: measured every few seconds, and learned from what found none."""

    def __init__(
        self, folder: Path, bound: int, clock: Clock, miss_s: float, free: Callable[[Path], int] = free_bytes
    ) -> None:
        """`bound`: with fewer free bytes there is none. `miss_s`: for so long it is believed that found none."""
        self._miss_s, self._folder, self._bound, self._clock, self._free = miss_s, folder.resolve(), bound, clock, free
        self._looked_at, self._failed_at = float("-inf"), float("-inf")
        self.full_since: datetime | None = None

    def missed(self) -> None:
        """Something found no room, whatever the disk says of itself: a quota is not in its figures."""
        self._failed_at, self._looked_at = self._clock.monotonic(), float("-inf")

    async def look(self) -> bool:
        """Whether there is room."""
        now = self._clock.monotonic()
        if now - self._looked_at >= self._miss_s / _LOOKS:
            self._looked_at = now
            free = await asyncio.to_thread(self._free, self._folder)
            missed = now - self._failed_at < self._miss_s
            self._note(lacks_room(free, self._bound, lacked=self.full_since is not None, missed=missed))
        return self.full_since is None

    def _note(self, full: bool) -> None:
        if full and self.full_since is None:
            self.full_since = self._clock.now()
            log.error("disk_full", bound_bytes=self._bound)
        elif not full and self.full_since is not None:
            self.full_since = None
            log.info("disk_has_room")
