"""Files that several processes of one data folder write: each is there as a whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Put it in the place of what is there; who writes last wins. Its folder is made where it is missing."""
    with beside(path) as temporary:
        temporary.write_bytes(content)
        temporary.replace(path)


def write_once(path: Path, content: bytes) -> bytes:
    """What the file holds from now on: `content`, or what somebody wrote there before. Only its owner may read it."""
    with beside(path) as temporary:
        temporary.write_bytes(content)
        try:
            os.link(temporary, path)  # which fails where something is, as no replacing does
        except FileExistsError:
            return path.read_bytes()
    return content


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """An empty file of this caller alone in the same folder, with the same ending; it goes unless it was moved."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=".new-", suffix=path.suffix, dir=path.parent)
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
