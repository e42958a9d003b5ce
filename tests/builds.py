"""The build of the templates, made once for all tests of this machine and copied into the data folders of those that serve."""

from __future__ import annotations

import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

from tools.templates import cache as kept
from tools.templates import loading


@cache
def built() -> Path:
    """A folder with a fresh build: outdated ones are replaced, as a server would do it."""
    folder = Path(tempfile.gettempdir()) / f"stationthis-tests-{os.getuid()}" / "cache"
    loading.load(folder)
    return folder


def seed(data: Path) -> None:
    """Give a data folder that build, so that what starts there need not make it."""
    (data / "cache").mkdir(parents=True, exist_ok=True)
    for name in kept.names(built()):
        shutil.copy(built() / f"templates-{name}.json", data / "cache")
