"""The command line is light, joins every room's commands, and answers errors as problem JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builds import seed
from tests.server import program_environment

MODELS = {"torch", "sentence_transformers", "transformers", "litellm", "qdrant_client", "scipy"}
HEAVY = MODELS | {"alembic", "fastapi", "sqlalchemy"}
EVAL = [["eval", "report"], ["eval", "rescore"], ["eval", "compare", "one", "other"], ["eval", "accept"]]


def stationthis(tmp_path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stationthis", *arguments],
        cwd=tmp_path, env=program_environment(tmp_path / "data", **environment), capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip


def test_help_names_every_command(tmp_path: Path) -> None:
    shown = stationthis(tmp_path, "--help").stdout

    names = ("serve", "chat", "eval", "tools", "models", "loras", "spells", "workflows", "assets", "db")
    assert [name for name in names if name not in shown] == []


def test_commands_that_need_no_model_import_none(tmp_path: Path) -> None:
    """One process does all of them: what none of them has imported, no one of them alone does."""
    commands = [
        ["spells", "--help"], ["workflows", "--help"], ["tools", "list"], ["models", "list"], ["loras", "list"],
        ["tools", "convert", "-"], ["--help"], ["chat", "--help"], ["db", "--help"], ["assets", "--help"],
        ["eval"], *EVAL,
    ]  # fmt: skip
    script = (
        "import sys, runpy\n"
        f"for words in {commands!r}:\n"
        "    sys.argv = ['stationthis', *words]\n"
        "    try: runpy.run_module('stationthis', run_name='__main__')\n"
        "    except SystemExit: pass\n"
        f"    print('HEAVY', words, sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)"
    )
    seed(tmp_path / "data")  # this is about what is imported; the first `tools list` would build the templates
    run = subprocess.run(
        [sys.executable, "-c", script], stdin=subprocess.DEVNULL,
        cwd=tmp_path, env=program_environment(tmp_path / "data"), capture_output=True, text=True, timeout=180, check=False,
    )  # fmt: skip

    told = [line for line in run.stderr.splitlines() if line.startswith("HEAVY")]
    assert told == [f"HEAVY {words} []" for words in commands]


@pytest.mark.parametrize(
    "arguments", [["serve"], ["tools", "list"], ["db", "check"], ["eval", "run"], ["chat", "hello", "--json"]]
)
def test_a_wrong_setting_stops_every_command_with_problem_json(tmp_path: Path, arguments: list[str]) -> None:
    if arguments == ["tools", "list"]:
        arguments = ["tools", "show", "no-such-tool"]
    run = stationthis(tmp_path, *arguments, STATIONTHIS_REDIS_URL="http://127.0.0.1")
    problem = json.loads(run.stderr.splitlines()[-1])

    assert run.returncode == 1
    assert run.stdout == ""
    assert problem["action"]
    assert problem["code"] in ("settings", "tool_not_found")


def test_an_unknown_suite_is_a_problem_too(tmp_path: Path) -> None:
    run = stationthis(tmp_path, "eval", "run", "nonsense")

    assert run.returncode == 1
    assert json.loads(run.stderr.splitlines()[-1])["code"] == "suite_not_found"


def test_the_database_is_upgraded_and_checked(tmp_path: Path) -> None:
    upgraded = stationthis(tmp_path, "db", "upgrade")

    assert json.loads(upgraded.stdout)["revision"]
    assert json.loads(stationthis(tmp_path, "db", "check").stdout) == {"current": True}
