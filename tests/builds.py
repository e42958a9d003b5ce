"""What a start makes once and keeps: the build of the templates, and vectors of what the tools say of themselves.

Made once for all tests of this machine, in a folder for each state of the code that makes it; each data folder gets a copy.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tools import recorded
from tools.templates import loading
from tools.templates.building import key_of

KEPT_S = 24 * 3600.0
"""What other states of the code made is forgotten after a day without use."""


@cache
def built() -> Path:
    """The cache of a data folder, with a fresh build."""
    shelf = Path(tempfile.gettempdir()) / f"stationthis-tests-{os.getuid()}"
    folder = shelf / key_of(recorded.newest_bytes()[1])[:16] / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(shelf):  # the other process of this session waits for it instead of making another
        loading.load(folder)
        os.utime(folder.parent)
        _forget_old(shelf)
    return folder


def seed(data: Path) -> Path:
    """Give a data folder what is kept, so that what starts there need not make it; its cache folder."""
    found, made = data / "cache", built()
    found.mkdir(parents=True, exist_ok=True)
    for file in (*made.glob("templates-*.json"), *_vectors(made)):
        shutil.copyfile(file, found / file.name)
    return found


def keep(data: Path) -> None:
    """Keep the vectors that were made in a data folder."""
    for file in _vectors(data / "cache"):
        kept = built() / file.name
        if not kept.exists() or file.stat().st_size != kept.stat().st_size:
            temporary = kept.with_suffix(f".{os.getpid()}.new")
            shutil.copyfile(file, temporary)
            temporary.replace(kept)


def _vectors(folder: Path) -> list[Path]:
    return list(folder.glob("passages-*.npz"))


@contextmanager
def _alone(shelf: Path) -> Iterator[None]:
    with (shelf / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _forget_old(shelf: Path) -> None:
    for folder in shelf.iterdir():
        if folder.is_dir() and folder.stat().st_mtime < time.time() - KEPT_S:
            shutil.rmtree(folder, ignore_errors=True)
