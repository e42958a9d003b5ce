"""A Chromium for the browser tests: what the machine has, else what its packages or playwright can install."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = ("/usr/bin/chromium", "/snap/bin/chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")

Run = Callable[[list[str]], None]


def find_browser(python: Path) -> str | None:
    """The path of a browser that starts, or None."""
    for name in NAMES:
        if (found := shutil.which(name)) is not None:
            return found
    for place in PLACES:
        if Path(place).exists():
            return place
    return _playwrights_own(python)


def install_browser(python: Path, run: Run) -> bool:
    """Try the ways there are, in turn; returns whether a browser is there now."""
    for commands in _ways(python):
        try:
            for command in commands:
                run(command)
        except Exception:  # noqa: BLE001  whatever one way fails with, the next one is tried
            continue
        if find_browser(python) is not None:
            return True
    return False


def _ways(python: Path) -> Iterator[list[list[str]]]:
    if shutil.which("apt-get"):
        prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
        if not prefix or shutil.which("sudo"):
            install = ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]
            yield [[*prefix, "apt-get", "update"], [*prefix, *install]]
    yield [[str(python), "-m", "playwright", "install", "chromium"]]


def _playwrights_own(python: Path) -> str | None:
    script = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as p: print(p.chromium.executable_path)"
    )
    answer = subprocess.run([str(python), "-c", script], capture_output=True, text=True, check=False)
    path = answer.stdout.strip()
    return path if path and Path(path).exists() else None
