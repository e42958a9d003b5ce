"""SQLite on a thread of its own, with one trip to it for each statement.

A statement of SQLite takes some hundredths of a millisecond, a trip to its thread and back several times that. The driver as it
comes makes four for each statement (cursor, execute, fetch, close) and three for each beginning; here the rows come back with
the statement, the beginning goes with the first one, and where nothing was begun nothing is ended.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Any, TypeVar

import aiosqlite
from aiosqlite.core import _STOP_RUNNING_SENTINEL
from sqlalchemy import make_url

Result = TypeVar("Result")
CHUNK = 64  # rows at a time, for whoever reads a cursor bit by bit; nobody here does


class OneTrip(aiosqlite.Connection):
    """What SQLAlchemy's dialect asks of a driver, in few trips."""

    beginning: str | None = None
    """How a transaction shall begin, as long as it has no statement."""
    _settled = True

    def __init__(self, path: str) -> None:
        super().__init__(partial(sqlite3.connect, path, check_same_thread=False), CHUNK)
        self._thread = Thread(target=_serve, args=(self._tx,), daemon=True)  # who ends waits for nobody's statement

    def cursor(self) -> Any:
        return Whole(self)

    async def trip(self, what: Callable[[sqlite3.Connection], Result]) -> Result:
        """Done on the thread, in a transaction."""
        beginning, self.beginning, self._settled = self.beginning, None, False
        done = self._execute(partial(_do, self._conn, beginning, what))  # type: ignore[no-untyped-call]
        result: Result = await done
        self._settled = True
        return result

    async def commit(self) -> None:
        if self._is_open():
            await self.trip(sqlite3.Connection.commit)

    async def rollback(self) -> None:
        if self._is_open():
            await self.trip(sqlite3.Connection.rollback)

    def _is_open(self) -> bool:
        """Whether there is something to end, or may be: of a trip that was broken off nobody knows how far it came."""
        self.beginning = None
        return not self._settled or self.in_transaction


class Whole:
    """A cursor that has all rows as soon as its statement is done, and is closed by then: SQLite keeps locks for open ones."""

    arraysize = 1

    def __init__(self, connection: OneTrip) -> None:
        self._connection = connection
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self._rows: list[Any] = []

    async def __aenter__(self) -> Whole:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Whole:
        self._keep(await self._connection.trip(partial(_one, sql=sql, parameters=parameters)))
        return self

    async def executemany(self, sql: str, parameters: Iterable[Sequence[Any]]) -> Whole:
        self._keep(await self._connection.trip(partial(_many, sql=sql, parameters=parameters)))
        return self

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        self._rows = []

    def _keep(self, done: tuple[Any, int, int | None, list[Any]]) -> None:
        self.description, self.rowcount, self.lastrowid, self._rows = done


def opener(url: str) -> Callable[[], Awaitable[OneTrip]]:
    """What opens connections to the file that this URL names, for SQLAlchemy's `async_creator`."""
    path = make_url(url).database or ":memory:"

    async def connect() -> OneTrip:
        connection = OneTrip(path)
        await connection
        return connection

    return connect


def _serve(tasks: SimpleQueue[tuple[asyncio.Future[Any] | None, Callable[[], Any]]]) -> None:
    """The thread of a connection: one thing after the other until it is told to stop."""
    result: Any = None
    while result is not _STOP_RUNNING_SENTINEL:
        future, task = tasks.get()
        error: BaseException | None = None
        try:
            result = task()
        except BaseException as raised:  # noqa: BLE001  whoever asked hears of it
            result, error = None, raised
        if future is not None:
            with suppress(RuntimeError):  # its loop is closed: nobody waits for this any more
                future.get_loop().call_soon_threadsafe(_answer, future, result, error)


def _answer(future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)


def _do(connection: sqlite3.Connection, beginning: str | None, what: Callable[[sqlite3.Connection], Result]) -> Result:
    if beginning is not None:
        connection.execute(beginning)
    return what(connection)


def _one(connection: sqlite3.Connection, sql: str, parameters: Sequence[Any]) -> tuple[Any, int, int | None, list[Any]]:
    cursor = connection.cursor()
    try:
        return _taken(cursor.execute(sql, parameters))
    finally:
        cursor.close()


def _many(
    connection: sqlite3.Connection, sql: str, parameters: Iterable[Sequence[Any]]
) -> tuple[Any, int, int | None, list[Any]]:
    cursor = connection.cursor()
    try:
        return _taken(cursor.executemany(sql, parameters))
    finally:
        cursor.close()


def _taken(cursor: sqlite3.Cursor) -> tuple[Any, int, int | None, list[Any]]:
    rows = cursor.fetchall() if cursor.description else []
    return cursor.description, cursor.rowcount, cursor.lastrowid, rows
