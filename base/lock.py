"""One server process per data folder, as long as SQLite is its database."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from base.errors import DataFolderLocked


@contextmanager
def data_folder_lock(folder: Path, program: str = "stationthis serve") -> Iterator[None]:
    """Hold `folder/serve.lock` until the end. The kernel frees it when the process dies, however it dies.

    `program` is what the person started. Raises DataFolderLocked, with the holder's process id and program, when somebody
    else has it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "serve.lock").open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            pid, _, holder = (file.read().strip() or "unknown").partition(" ")
            raise DataFolderLocked(
                f"Process {pid} ({holder or 'stationthis serve'}) already serves from this data folder.", pid=pid, program=holder
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()} {program}")
        file.flush()
        yield
