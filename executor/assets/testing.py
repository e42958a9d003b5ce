"""A disk that is full on request, for tests."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from executor.assets.folder import FolderObjects
from executor.assets.workshop import Stored, Workshop

FULL = Path("/dev/full")
"""Whatever is written there, the kernel says that there is no room."""


class FullWorkshop(Workshop):
    """While it is `full`, every temporary file is one that takes nothing."""

    full = True

    @contextmanager
    def temporary(self) -> Iterator[Path]:
        with super().temporary() as path:
            if self.full:
                path.symlink_to(FULL)
            yield path


class FullObjects(FolderObjects):
    """While it is `full`, nothing more can be put."""

    full = True

    async def put(self, key: str, stored: Stored, media_type: str) -> None:
        if self.full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        await super().put(key, stored, media_type)
