"""Files that are being worked on, on this machine's disk: `assets/tmp`, whatever becomes of them afterwards."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from base.ids import new_id

_FORGOTTEN = timedelta(days=1)


@dataclass(frozen=True)
class Stored:
    """A whole file, synced to disk, with what is known about its bytes."""

    path: Path
    bytes: int
    sha256: str


class Workshop:
    """All methods but `temporary` touch the disk: call them in a thread when the file may be large."""

    def __init__(self, root: Path) -> None:
        self._tmp = root / "tmp"

    def prepare(self, now: datetime, *, alone: bool) -> None:
        """Make the folder; what former processes left unfinished is dropped, where others may be at work only what is old."""
        self._tmp.mkdir(parents=True, exist_ok=True)
        before = (now if alone else now - _FORGOTTEN).timestamp()
        for left in self._tmp.iterdir():
            if alone or left.stat().st_mtime < before:
                left.unlink(missing_ok=True)

    @contextmanager
    def temporary(self) -> Iterator[Path]:
        """A new path, gone at the end unless it was moved away."""
        path = self._tmp / new_id()
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def seal_off(self, path: Path) -> Stored:
        """Hash a whole file and see it safely onto the disk."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
            return Stored(path, os.fstat(file.fileno()).st_size, digest)
