"""The local folder of media: `assets/ab/cd/<blob>`, content-addressed per account, and `assets/tmp` for what is not whole yet.

A blob's name is a hash of account and content, so that equal bytes of one owner share storage while nobody can tell
from the folder that two people own the same picture. A file appears under its name only whole and on disk (fsync, rename).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from base.ids import new_id


@dataclass(frozen=True)
class Stored:
    """A whole file in `tmp`, synced, with what is known about its bytes."""

    path: Path
    bytes: int
    sha256: str


class Storage:
    """All methods but `temporary` touch the disk: call them in a thread when the file may be large."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._tmp = root / "tmp"

    def prepare(self) -> None:
        """Make the folders; what a former process left unfinished is dropped."""
        self._tmp.mkdir(parents=True, exist_ok=True)
        for left in self._tmp.iterdir():
            left.unlink(missing_ok=True)

    @contextmanager
    def temporary(self) -> Iterator[Path]:
        """A new path in `tmp`, gone at the end unless it was kept."""
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

    def path(self, blob: str) -> Path:
        return self.root / blob[:2] / blob[2:4] / blob

    def keep(self, stored: Stored, blob: str) -> None:
        """Move a file to its place, where the same bytes may be already."""
        target = self.path(blob)
        target.parent.mkdir(parents=True, exist_ok=True)
        stored.path.replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def drop(self, blob: str) -> None:
        self.path(blob).unlink(missing_ok=True)


def blob_name(account_id: str, sha256: str) -> str:
    """Where the bytes of an account are, by their hash."""
    return hashlib.sha256(f"{account_id}:{sha256}".encode()).hexdigest()
