"""One server process per data folder, as long as SQLite is its database."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from base.errors import DataFolderLocked


@contextmanager
def data_folder_lock(folder: Path) -> Iterator[None]:
    """Hold `folder/serve.lock` until the end. The kernel frees it when the process dies, however it dies.

    Raises DataFolderLocked, with the holder's process id, when somebody else has it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "serve.lock").open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise DataFolderLocked(
                f"Process {holder} already serves from this data folder.", pid=holder
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
