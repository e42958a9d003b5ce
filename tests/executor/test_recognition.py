"""A process that does not belong here refuses to start: another master key, another media folder."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from accounts.errors import WrongMasterKey
from accounts.keys import StandardKeyStore
from accounts.service import Accounts
from base import marks, schema
from base.clock import SystemClock
from base.db import Database
from base.errors import SchemaBehind
from base.settings import Settings
from base.tables import marks as mark_rows
from base.testing import ManualClock
from executor.assembly import Ground, open_ground
from executor.assets import sharing
from executor.assets.folder import MARK
from executor.assets.objects import RULES
from executor.commands import app
from executor.errors import FolderNotShared
from executor.model import JobStatus
from executor.recognition import Recognition
from executor.tables import jobs
from executor.testing import FaultyComfy, picture
from tests.builds import seed
from tests.databases import PostgresTemplate
from tests.executor.conftest import Floor, create
from tests.executor.test_media import upload
from tests.patience import PATIENCE_S
from tests.server import program_environment

KEY, OTHER = b"k" * 32, b"o" * 32


@pytest.fixture
def empty_postgres(postgres_template: PostgresTemplate) -> Iterator[str]:
    with postgres_template.empty() as url:
        yield url


@pytest.fixture
async def postgres(postgres_template: PostgresTemplate) -> AsyncIterator[Database]:
    with postgres_template.copy() as url:
        database = Database(url)
        yield database
        await database.close()


async def test_whoever_comes_second_must_have_the_key_of_the_first(database: Database, clock: ManualClock) -> None:
    await StandardKeyStore(database, KEY, clock).recognise()
    await StandardKeyStore(database, KEY, clock).recognise()
    with pytest.raises(WrongMasterKey) as refused:
        await StandardKeyStore(database, OTHER, clock).recognise()
    assert "STATIONTHIS_MASTER_KEY" in refused.value.next_step
    async with database.read() as tx:
        [noted] = await tx.all(select(mark_rows.c.value))
    assert KEY.hex() not in noted["value"]


async def test_of_many_who_come_first_at_once_with_two_keys_one_key_wins(database: Database, clock: ManualClock) -> None:
    stores = [StandardKeyStore(database, KEY if number % 2 else OTHER, clock) for number in range(20)]
    answers = await asyncio.gather(*(each.recognise() for each in stores), return_exceptions=True)
    assert sorted({(number % 2, type(answer).__name__) for number, answer in enumerate(answers)}, key=lambda pair: pair[1]) in (
        [(0, "NoneType"), (1, "WrongMasterKey")], [(1, "NoneType"), (0, "WrongMasterKey")],
    )  # fmt: skip


async def test_a_database_older_than_its_mark_is_marked_by_who_can_open_it(database: Database, clock: ManualClock) -> None:
    await Accounts(database, StandardKeyStore(database, KEY, clock), clock, b"c" * 32).create_anonymous()
    with pytest.raises(WrongMasterKey):
        await StandardKeyStore(database, OTHER, clock).recognise()
    await StandardKeyStore(database, KEY, clock).recognise()
    with pytest.raises(WrongMasterKey):
        await StandardKeyStore(database, OTHER, clock).recognise()


async def test_a_worker_with_another_key_refuses_to_start_and_ends_nobodys_job(
    shared: Floor, comfy: FaultyComfy, tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path / "here", database_url=shared.db.url, comfy_urls=(comfy.url,), _env_file=None)
    async with AsyncExitStack() as stack:
        ground = await open_ground(settings, SystemClock(), stack)
        async with shared.open(comfy.url, work=False) as executor:
            await shared.start(executor, create())
        ended, told = await _started(ground, tmp_path / "elsewhere", comfy.url)
    assert (ended, told["code"]) == (1, "wrong_master_key")
    assert "master.key" in told["action"]
    async with shared.db.read() as tx:
        [row] = await tx.all(select(jobs.c.status))
    assert row["status"] == JobStatus.QUEUED


async def test_the_dead_letters_command_refuses_another_key_too(postgres: Database, tmp_path: Path) -> None:
    await StandardKeyStore(postgres, KEY, SystemClock()).recognise()
    settings = Settings(data=tmp_path, database_url=postgres.url, _env_file=None)
    async with AsyncExitStack() as stack:
        with pytest.raises(WrongMasterKey):
            await open_ground(settings, SystemClock(), stack, media=False)


async def test_a_process_that_sees_another_folder_refuses_to_start(postgres: Database, tmp_path: Path) -> None:
    await sharing.recognise(postgres, tmp_path / "one")
    await sharing.recognise(postgres, tmp_path / "one")
    with pytest.raises(FolderNotShared) as refused:
        await sharing.recognise(postgres, tmp_path / "two")
    assert "STATIONTHIS_S3_" in refused.value.next_step
    assert not (tmp_path / "two" / MARK).exists()


async def test_of_two_folders_that_come_first_at_once_one_wins(database: Database, tmp_path: Path) -> None:
    answers = await asyncio.gather(
        *(sharing.recognise(database, tmp_path / name) for name in "ab" * 5), return_exceptions=True
    )
    assert {type(answer) for answer in answers} == {type(None), FolderNotShared}
    assert len({number % 2 for number, answer in enumerate(answers) if answer is None}) == 1


async def test_in_a_database_older_than_its_mark_the_folder_with_the_files_is_the_one(shared: Floor, tmp_path: Path) -> None:
    async with shared.open(work=False) as executor:
        await upload(executor.assets, picture())
        vault = executor.assets.vault
    with pytest.raises(FolderNotShared):
        await sharing.recognise(shared.db, tmp_path / "elsewhere")
    await sharing.recognise(shared.db, tmp_path / "assets")
    await vault.objects.apply(RULES, shared.clock.now() + timedelta(days=9))
    await vault.sweep(timedelta(0))
    assert (tmp_path / "assets" / MARK).exists()


async def test_an_operator_says_that_a_restored_folder_is_the_one(
    postgres: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sharing.recognise(postgres, tmp_path / "lost")
    monkeypatch.setenv("STATIONTHIS_DATA", str(tmp_path))
    monkeypatch.setenv("STATIONTHIS_DATABASE_URL", postgres.url)
    told = await asyncio.to_thread(CliRunner().invoke, app, ["adopt-folder"])
    assert told.exit_code == 0
    await sharing.recognise(postgres, tmp_path / "assets")
    with pytest.raises(FolderNotShared):
        await sharing.recognise(postgres, tmp_path / "lost")


async def test_with_a_bucket_or_on_sqlite_no_folder_is_asked_about(sqlite: Database, postgres: Database, tmp_path: Path) -> None:
    clock = ManualClock()
    await sharing.recognise(postgres, tmp_path / "one")
    await Recognition(postgres, StandardKeyStore(postgres, KEY, clock), clock, None).begin()
    await Recognition(sqlite, StandardKeyStore(sqlite, KEY, clock), clock, tmp_path / "one").begin()
    await Recognition(sqlite, StandardKeyStore(sqlite, KEY, clock), clock, tmp_path / "two").begin()


async def test_while_the_schema_is_behind_nobody_works_and_then_it_is_asked(empty_postgres: str, clock: ManualClock) -> None:
    database = Database(empty_postgres)
    try:
        async with database.read() as tx:
            with pytest.raises(SchemaBehind):
                await marks.known(tx, "anything")
        early = Recognition(database, StandardKeyStore(database, KEY, SystemClock()), SystemClock(), None)
        await early.begin()
        waiting = asyncio.create_task(early.done())
        await schema.upgrade(empty_postgres)
        await asyncio.wait_for(waiting, PATIENCE_S)
        with pytest.raises(WrongMasterKey):
            await Recognition(database, StandardKeyStore(database, OTHER, clock), clock, None).begin()
    finally:
        await database.close()


async def _started(ground: Ground, data: Path, comfy_url: str) -> tuple[int, dict[str, str]]:
    """How `stationthis worker` with a data folder of its own ends, and what it says."""
    seed(data)
    environment = {
        **program_environment(data), "STATIONTHIS_DATABASE_URL": ground.db.url, "STATIONTHIS_COMFY_URLS": comfy_url,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "stationthis", "worker", env=environment, stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, told = await process.communicate()
    answer: dict[str, str] = json.loads(told.decode().splitlines()[-1])
    return int(process.returncode or 0), answer
