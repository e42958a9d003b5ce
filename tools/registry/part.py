"""A file that is still coming: bytes beside their final place, what they are part of, and their running hash."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import BinaryIO

from tools.registry.errors import DiskFull, DownloadBusy, FileExists

MARGIN = 64 * 1024 * 1024
"""Bytes that stay free, so that whoever else writes to the disk goes on."""
_CHUNK = 1 << 20


class Part:
    """`FILE.part` with `FILE.part.json` beside it. Open it in a `with`; only one process holds it at a time.

    What was there is kept only while the source says, by its validator, that it is still the same file.
    """

    def __init__(self, target: Path, *, hash_known: bool = False) -> None:
        self.target, self.hash_known = target, hash_known
        self._path = target.with_name(target.name + ".part")
        self._note = target.with_name(target.name + ".part.json")
        self._file: BinaryIO | None = None
        self._hash = hashlib.sha256()
        self.size = 0

    def __enter__(self) -> Part:
        self.target.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("a+b")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.close()
            raise DownloadBusy from None
        self._file.seek(0)
        while chunk := self._file.read(_CHUNK):
            self._hash.update(chunk)
            self.size += len(chunk)
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def validator(self) -> str | None:
        """What the source called the version that these bytes are part of; None where it gave no name."""
        try:
            return str(json.loads(self._note.read_text(encoding="utf-8"))["validator"])
        except (OSError, ValueError, KeyError):
            return None

    def note(self, validator: str | None) -> None:
        """Remember the source's name for this version."""
        if validator is None:
            self._note.unlink(missing_ok=True)
        else:
            self._note.write_text(json.dumps({"validator": validator}), encoding="utf-8")

    def append(self, chunk: bytes) -> None:
        self._opened.write(chunk)
        self._hash.update(chunk)
        self.size += len(chunk)

    def restart(self) -> None:
        """Throw away what came so far."""
        self._opened.truncate(0)
        self._hash, self.size = hashlib.sha256(), 0
        self._note.unlink(missing_ok=True)

    def check_room(self, more: int) -> None:
        """Raise DiskFull unless `more` bytes fit and the margin stays."""
        free = shutil.disk_usage(self.target.parent).free
        if free < more + MARGIN:
            raise DiskFull(f"{in_words(more)} are needed and {in_words(free)} are free.", needed=more, free=free)

    def sha256(self) -> str:
        return self._hash.hexdigest()

    def finish(self, *, replace: bool) -> None:
        """Put the whole file in its place at once. Raises FileExists when one came there meanwhile."""
        self._opened.flush()
        os.fsync(self._opened.fileno())
        if replace:
            self._path.replace(self.target)
        else:
            try:
                os.link(self._path, self.target)  # unlike a rename it fails where a file is
            except FileExistsError:
                raise FileExists from None
            self._path.unlink()
        self._note.unlink(missing_ok=True)

    def discard(self) -> None:
        """Leave nothing behind."""
        self._path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    @property
    def _opened(self) -> BinaryIO:
        assert self._file is not None, "a Part is used in a `with`"
        return self._file


def hash_of(path: Path) -> str:
    """sha256 of a file in small hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def in_words(size: int) -> str:
    """`11.5 GB`, in powers of ten as disks are sold."""
    for unit, scale in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= scale:
            return f"{size / scale:.1f} {unit}"
    return f"{size} bytes"
