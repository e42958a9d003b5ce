"""The schema can be brought up to date from nothing, twice, and says when it is behind."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from typer.testing import CliRunner

from base import schema
from base.commands import app
from tests.databases import PostgresTemplate
from tests.server import ROOT


async def test_upgrading_twice_changes_nothing(database_url: str) -> None:
    first = await schema.upgrade(database_url)

    assert await schema.upgrade(database_url) == first == schema.head()
    assert await schema.is_current(database_url)


async def test_two_operators_upgrading_at_once_do_not_meet(postgres_template: PostgresTemplate) -> None:
    script = "import asyncio, sys; from base import schema; print(asyncio.run(schema.upgrade(sys.argv[1])))"
    with postgres_template.empty() as url:
        command = [sys.executable, "-c", script, url]
        operators = [
            await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE) for _ in range(2)
        ]
        answers = [(await operator.communicate())[0].decode().strip() for operator in operators]

    assert answers == [schema.head()] * 2


@pytest.mark.parametrize("kind", ["sqlite_template", "postgres_template"])
async def test_an_empty_database_is_behind_until_upgraded(kind: str, request: pytest.FixtureRequest) -> None:
    with request.getfixturevalue(kind).empty() as url:
        assert not await schema.is_current(url)
        await schema.upgrade(url)
        assert await schema.is_current(url)


def test_the_command_upgrades_and_checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATIONTHIS_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    cli = CliRunner()

    assert cli.invoke(app, ["check"]).exit_code == 1
    assert json.loads(cli.invoke(app, ["upgrade"]).stdout) == {"revision": schema.head()}
    assert cli.invoke(app, ["check"]).exit_code == 0


def test_the_history_is_one_line() -> None:
    """Two changes made side by side that both follow the same one leave every database unable to upgrade."""
    history = ScriptDirectory(str(schema.MIGRATIONS))
    follows = {script.revision: script.down_revision for script in history.walk_revisions()}
    numbers = sorted(path.name.partition("_")[0] for path in Path(history.versions).glob("[0-9]*.py"))
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
    assert follows == dict(zip(numbers, [None, *numbers], strict=False))
    assert history.get_heads() == numbers[-1:]
