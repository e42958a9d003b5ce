"""Fresh databases in milliseconds: the schema is built once for a session, each test gets a copy."""

from __future__ import annotations

import asyncio
import os
import shutil
import uuid
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from base import schema
from evals import servers

_CARELESS = (
    "ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off", "ALTER SYSTEM SET synchronous_commit = off",
    "SELECT pg_reload_conf()",
)  # fmt: skip
"""A server of the tests need not outlive a power cut; waiting for the disk is most of what a copied database takes."""


class Template(Protocol):
    def copy(self) -> AbstractContextManager[str]:
        """The URL of a database of one's own with the whole schema, gone afterwards."""
        ...

    def empty(self) -> AbstractContextManager[str]:
        """The URL of a database without any table."""
        ...


class SqliteTemplate:
    """A file that is copied."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "template.db"
        _run(schema.upgrade(f"sqlite+aiosqlite:///{self._file}"))

    @contextmanager
    def copy(self) -> Iterator[str]:
        file = self._folder / f"{uuid.uuid4().hex}.db"
        shutil.copyfile(self._file, file)
        yield f"sqlite+aiosqlite:///{file}"
        for left in self._folder.glob(f"{file.name}*"):
            left.unlink()

    @contextmanager
    def empty(self) -> Iterator[str]:
        yield f"sqlite+aiosqlite:///{self._folder / uuid.uuid4().hex}.db"


class PostgresTemplate:
    """A database that PostgreSQL copies."""

    def __init__(self, server_url: str) -> None:
        self._server = server_url
        self._name = f"template_{uuid.uuid4().hex}"
        _run(_execute(server_url, f"CREATE DATABASE {self._name}"))
        _run(schema.upgrade(_with_database(server_url, self._name)))

    def copy(self) -> AbstractContextManager[str]:
        return self._made_from(self._name)

    def empty(self) -> AbstractContextManager[str]:
        return self._made_from("template0")

    @contextmanager
    def _made_from(self, template: str) -> Iterator[str]:
        name = f"test_{uuid.uuid4().hex}"
        _run(_execute(self._server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"))
        try:
            yield _with_database(self._server, name)
        finally:
            _run(_execute(self._server, f"DROP DATABASE {name} WITH (FORCE)"))


@contextmanager
def postgres_server(folder: Path) -> Iterator[str]:
    """A server's URL with the asynchronous driver: TEST_DATABASE_URL, else one from the pip wheel, in `folder`."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given.replace("postgresql://", "postgresql+asyncpg://", 1)
        return
    with servers.postgres_server(folder) as url:
        for statement in _CARELESS:
            _run(_execute(url, statement))
        yield url


def _run(work: Coroutine[Any, Any, object]) -> None:
    """In a thread, because a test that is asynchronous has a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


async def _execute(url: str, statement: str) -> None:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            await connection.execute(text(statement))
    finally:
        await engine.dispose()


def _with_database(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)
