"""Set up what a verb of the Makefile needs, then do it: `python scripts/setup.py run|test|coverage|lint|types|bench|chaos`.

Each step leaves a stamp with the hash of what it was made from and is skipped while that is unchanged, so that the
second `make run` starts at once. Only the standard library is used, because nothing is installed yet.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts import verbs  # noqa: E402  the path must be right first
from scripts.browser import find_browser, install_browser  # noqa: E402
from scripts.node import some_node  # noqa: E402

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = ROOT / ".stamps"
CLIENT = ROOT / "web" / "client"
PAGE = ROOT / "web" / "static" / "index.html"


class SetupFailed(Exception):
    """A step did not work; the message says what to do."""


def main(verb: str) -> None:
    """Prepare for `verb` and become it."""
    os.chdir(ROOT)
    steps = STEPS[verb]
    for number, (title, step) in enumerate(steps, start=1):
        Progress(f"{number}/{len(steps) + 1} {title}").watch(step)
    print(f"{len(steps) + 1}/{len(steps) + 1} {verb}", flush=True)
    getattr(verbs, verb)(PYTHON)


class Progress:
    """One line for the person: what is done, then how long it took or that it was there already."""

    def __init__(self, title: str) -> None:
        self.title = title

    def watch(self, step: Callable[[Progress], bool]) -> None:
        """Run a step that returns whether it had anything to do."""
        print(f"{self.title} ...", end="", flush=True)
        begun = time.monotonic()
        worked = step(self)
        self._rewrite(f"{time.monotonic() - begun:.0f} s" if worked else "ready")
        print(flush=True)

    def say(self, what: str) -> None:
        """Show where a long step is, on a terminal only."""
        if sys.stdout.isatty():
            self._rewrite(what)

    def _rewrite(self, what: str) -> None:
        print(f"\r\033[K{self.title}: {what}" if sys.stdout.isatty() else f" {what}", end="", flush=True)


def environment(progress: Progress) -> bool:
    """The virtual environment."""
    if sys.version_info < (3, 11):  # noqa: UP036  nothing but this line has checked it yet
        raise SetupFailed("StationThis needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 ...")
    if PYTHON.exists():
        return False
    run([sys.executable, "-m", "venv", str(VENV)], "venv", progress)
    return True


def packages(progress: Progress) -> bool:
    """What the program needs to run. Editable, so that changed code needs no second installation."""
    return _installed("packages", ".", progress)


def test_packages(progress: Progress) -> bool:
    """What the tests need besides."""
    done = _installed("test-packages", ".[test]", progress)
    if done:
        _stamp("packages", _packages_hash())  # the extra holds everything that the plain installation does
    return done


def client(progress: Progress) -> bool:
    """The web page, built into web/static."""
    made_from = _hash(_client_sources())
    if PAGE.exists() and _is_stamped("client", made_from):
        return False
    if not (CLIENT / "package.json").exists():
        raise SetupFailed("web/client is missing: this is not a whole checkout.")
    node = some_node(PYTHON, lambda arguments: run(arguments, "node", progress))
    for step in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
        run([*node.npm, *step], "client", progress, cwd=CLIENT, env=node.environment())
    _stamp("client", made_from)
    return True


def browser(progress: Progress) -> bool:
    """A Chromium for the browser tests: found, or installed by the system's packages, or by playwright."""
    if find_browser(PYTHON) is not None:
        return False
    if not install_browser(PYTHON, lambda arguments: run(arguments, "browser", progress)):
        print("\n*** No browser could be found or installed: THE BROWSER TESTS WILL NOT RUN. ***", flush=True)
    return True


ENVIRONMENT = ("environment", environment)
PACKAGES = ("packages", packages)
TEST_PACKAGES = ("packages, with those of the tests", test_packages)
WEB_PAGE = ("web page", client)
BROWSER = ("browser", browser)

STEPS: dict[str, list[tuple[str, Callable[[Progress], bool]]]] = {
    "run": [ENVIRONMENT, PACKAGES, WEB_PAGE],
    "test": [ENVIRONMENT, TEST_PACKAGES, WEB_PAGE, BROWSER],
    "coverage": [ENVIRONMENT, TEST_PACKAGES, WEB_PAGE, BROWSER],
    "lint": [ENVIRONMENT, TEST_PACKAGES],
    "types": [ENVIRONMENT, TEST_PACKAGES],
    "bench": [ENVIRONMENT, TEST_PACKAGES, WEB_PAGE],
    "chaos": [ENVIRONMENT, TEST_PACKAGES],
}


def run(arguments: list[str], name: str, progress: Progress, **options: object) -> None:
    """Run a program, its output in .stamps/NAME.log. Raises SetupFailed with the log's end."""
    STAMPS.mkdir(exist_ok=True)
    log = STAMPS / f"{name}.log"
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, **options}
    with log.open("a", encoding="utf-8") as file, subprocess.Popen(arguments, **pipes) as process:  # type: ignore[call-overload]
        for line in process.stdout:
            file.write(line)
            progress.say(line.strip()[:72])
    if process.returncode != 0:
        tail = "\n".join(log.read_text(encoding="utf-8").splitlines()[-25:])
        raise SetupFailed(f"`{' '.join(arguments)}` failed:\n{tail}\n(all of it is in {log.relative_to(ROOT)})")


def _installed(name: str, what: str, progress: Progress) -> bool:
    made_from = _packages_hash()
    if (VENV / "bin" / "stationthis").exists() and _is_stamped(name, made_from):
        return False
    install = [str(PYTHON), "-m", "pip", "install", "--progress-bar", "off", "--disable-pip-version-check"]
    run([*install, "--editable", what], name, progress)
    _stamp(name, made_from)
    return True


def _packages_hash() -> str:
    return _hash([ROOT / "pyproject.toml"], f"{ROOT} {VENV.stat().st_ino} {PYTHON.resolve()}")


def _client_sources() -> list[Path]:
    outside = {"node_modules", "dev", "dist"}
    return [
        path
        for path in sorted(CLIENT.rglob("*"))
        if path.is_file() and not outside & set(path.relative_to(CLIENT).parts)
    ]


def _hash(files: Iterable[Path], also: str = "") -> str:
    digest = hashlib.sha256(also.encode())
    for path in files:
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _is_stamped(name: str, made_from: str) -> bool:
    stamp = STAMPS / name
    return stamp.exists() and stamp.read_text(encoding="ascii") == made_from


def _stamp(name: str, made_from: str) -> None:
    STAMPS.mkdir(exist_ok=True)
    (STAMPS / name).write_text(made_from, encoding="ascii")


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except SetupFailed as failure:
        sys.exit(f"\n{failure}")
    except KeyboardInterrupt:
        sys.exit(130)
