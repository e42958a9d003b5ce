"""What the verbs of the Makefile do once everything is set up. Each replaces this process or exits with a code."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NoReturn

from scripts.node import some_node

COVERAGE = ".coverage.json"
PROCESSES = 3
"""Of pytest: one more than the cores of a small machine, because tests wait for servers, renderers and leases."""


def run(python: Path) -> NoReturn:
    """Serve. HOST and PORT are read by the settings."""
    program = str(python.parent / "stationthis")
    os.execv(program, [program, "serve"])


def test(python: Path) -> NoReturn:
    """Every test. Further arguments come from PYTEST_ADDOPTS."""
    page = _page_tests(python)  # seconds beside minutes: they are over long before anybody waits for them
    code = _every_test(python)
    print(page.communicate()[0], flush=True)
    sys.exit(max(abs(code), abs(page.returncode)))


def coverage(python: Path) -> NoReturn:
    """Every test of Python once more, traced, which takes two to three times as long; then the floors."""
    code = _every_test(python, "--cov", f"--cov-report=json:{COVERAGE}")
    floor = subprocess.run([str(python), "scripts/coverage_floor.py", COVERAGE], check=False).returncode
    sys.exit(max(abs(code), abs(floor)))


def lint(python: Path) -> NoReturn:
    """Style, import contracts and types."""
    tools = python.parent
    checks = (
        [str(tools / "ruff"), "check", "."],
        [str(tools / "lint-imports")],
        [str(tools / "mypy")],
    )
    sys.exit(max(subprocess.run(check, check=False).returncode for check in checks))


def types(python: Path) -> NoReturn:
    """Types only."""
    sys.exit(subprocess.run([str(python.parent / "mypy")], check=False).returncode)


def bench(python: Path) -> NoReturn:
    """Print the figures of this machine."""
    os.execv(str(python), [str(python), "-m", "evals.bench"])


def chaos(python: Path) -> NoReturn:
    """Shake a whole house and count what was lost, doubled and orphaned. CHAOS holds further arguments."""
    more = os.environ.get("CHAOS", "").split()
    os.execv(str(python), [str(python), "-m", "evals.chaos", *more])


def _every_test(python: Path, *more: str) -> int:
    """pytest's exit code. The folder is its own: another run on this machine would tidy up pytest's shared
    one, databases at work included."""
    pytest = [str(python), "-m", "pytest", "-n", str(PROCESSES), "--dist", "loadgroup", *more]
    with tempfile.TemporaryDirectory(prefix="st-", ignore_cleanup_errors=True) as folder:
        return subprocess.run([*pytest, f"--basetemp={folder}/t"], check=False).returncode


def _page_tests(python: Path) -> subprocess.Popen[str]:
    """The page's own tests, begun; what they say is kept until it is asked for."""

    def install(arguments: list[str]) -> None:
        subprocess.run(arguments, check=True)

    node = some_node(python, install)
    test = [*node.npm, "--prefix", "web/client", "test"]
    return subprocess.Popen(
        test, env=node.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
