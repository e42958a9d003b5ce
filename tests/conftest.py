"""Fixtures of every room: a still clock, keys, both databases, and one real server.

The suite cannot reach the world: `tests.guards` closes every socket that does not end on this machine.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from base.bell import LocalBell
from base.db import Database
from base.events import EventLog
from base.testing import ManualClock, MemoryKeyStore
from scripts.browser import find_browser
from tests import examples
from tests.databases import PostgresTemplate, SqliteTemplate, Template, postgres_server
from tests.guards import close_the_world, leave_our_environment
from tests.server import Server, running_server
from tools.embedding import MiniLmEncoder
from tools.testing import HashEncoder

close_the_world()
leave_our_environment()
examples.register()

EXPENSIVE = {"server": "page", "browser_path": "page", "encoder": "models"}
"""Fixtures made once for the session, and the group of those who share them: a group runs in one process. Only that of the
models reads the encoder's weights; the server and the browser are processes of their own, so the two go side by side."""


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        names = getattr(item, "fixturenames", ())
        groups = [group for name, group in EXPENSIVE.items() if name in names]
        if groups:
            item.add_marker(pytest.mark.xdist_group(groups[-1]))


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands still until `advance`."""
    return ManualClock()


@pytest.fixture
def keys() -> MemoryKeyStore:
    return MemoryKeyStore()


@pytest.fixture
def bell() -> LocalBell:
    return LocalBell()


@pytest.fixture
def events(database: Database, keys: MemoryKeyStore, bell: LocalBell, clock: ManualClock) -> EventLog:
    return EventLog(database, keys, bell, clock)


@pytest.fixture
def hash_encoder() -> HashEncoder:
    """An encoder without weights, for whatever does not test understanding."""
    return HashEncoder()


@pytest.fixture(scope="session")
def encoder() -> Iterator[MiniLmEncoder]:
    """The real encoder, its weights read once for all tests of understanding."""
    opened = MiniLmEncoder()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL of this process, or TEST_DATABASE_URL: a server on which databases may be made."""
    with postgres_server(tmp_path_factory.mktemp("pg")) as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplate:
    return SqliteTemplate(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> PostgresTemplate:
    return PostgresTemplate(postgres_url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a fresh, empty database with the whole schema, once on each kind."""
    fixture = {"sqlite": "sqlite_template", "postgresql": "postgres_template"}[request.param]
    template: Template = request.getfixturevalue(fixture)
    with template.copy() as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A fresh database, once on SQLite and once on PostgreSQL."""
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite(sqlite_template: SqliteTemplate) -> AsyncIterator[Database]:
    """A fresh SQLite database, for what does not depend on the kind."""
    with sqlite_template.copy() as url:
        opened = Database(url)
        yield opened
        await opened.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One long-lived `stationthis serve` with everything embedded, ready."""
    with running_server(tmp_path_factory.mktemp("serve") / "data") as running:
        running.wait_until_ready()
        yield running


@pytest.fixture(scope="session")
def browser_path() -> str:
    """The browser of the machine; without one the test is skipped aloud, and in CI it fails."""
    found = find_browser(Path(sys.executable))
    if found is None:
        from tests.guards import in_ci

        (pytest.fail if in_ci() else pytest.skip)("NO BROWSER: install chromium, or run `make test`, which tries to.")
    return found
