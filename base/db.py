"""The database: SQLite with WAL by default, PostgreSQL by URL, behind two verbs, `read` and `write`.

On SQLite a write transaction is `BEGIN IMMEDIATE` behind one lock of this process: reading first and then inserting
from two transactions would otherwise fail with "database is locked" about every other time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import CursorResult, DateTime, Dialect, Executable, MetaData, event, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.types import TypeDecorator

from base.clock import Clock
from base.errors import DatabaseBusy, DatabaseUnreachable

ANSWER_S = 60.0
"""How long PostgreSQL may take for a statement: a connection that a router forgot is never answered."""
TRIES = 3
Answer = TypeVar("Answer")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """A point in time, always UTC and aware; SQLite keeps none of that by itself."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Tx:
    """One open transaction: run statements, and note what to do once it is committed."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.callbacks: list[Callable[[], None]] = []

    async def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Every statement comes through here. Raises DatabaseUnreachable when the connection breaks."""
        with reaching():
            return await self.connection.execute(statement, parameters)

    async def one(self, statement: Executable) -> Any | None:
        """The first row as a mapping, or None."""
        return (await self.execute(statement)).mappings().first()

    async def all(self, statement: Executable) -> list[Any]:
        """All rows as mappings."""
        return list((await self.execute(statement)).mappings().all())

    async def scalar(self, statement: Executable) -> Any:
        return (await self.execute(statement)).scalar()

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Ring bells only for what others can already read."""
        self.callbacks.append(callback)


Also = Callable[[Tx, str], Awaitable[None]]
"""What a caller adds to the transaction that makes something, told the id of what is made."""


async def nothing_more(tx: Tx, made: str) -> None:
    """For callers that add nothing."""


class Database:
    """An engine with the house rules applied. Make it in an assembly, close it at the end."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self._engine, self._aside = self._opened(10), self._opened(2)
        self._writing = self._engine.execution_options(immediate=True)
        self._write_lock = asyncio.Lock()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """A transaction that only looks. Raises DatabaseUnreachable when the connection breaks."""
        async with self._transaction(self._engine) as tx:
            yield tx

    @asynccontextmanager
    async def glance(self) -> AsyncIterator[Tx]:
        """`read` for one short question from within another transaction, over connections kept for that: those who hold one
        would else wait for each other's second. What the other transaction has not committed is not seen."""
        async with self._transaction(self._aside) as tx:
            yield tx

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """A transaction that changes something: committed at the end, rolled back on any exception.

        Raises DatabaseUnreachable when the connection breaks: at the very end nobody knows whether it was committed, so
        whoever hears of it looks again instead of concluding anything.
        """
        async with self._write_lock if self.is_sqlite else nullcontext(), self._transaction(self._writing) as tx:
            yield tx
        for callback in tx.callbacks:
            callback()

    @asynccontextmanager
    async def _transaction(self, engine: AsyncEngine) -> AsyncIterator[Tx]:
        """What goes wrong with the connection has a name; what goes wrong between two statements is the caller's own."""
        async with AsyncExitStack() as stack:
            with reaching():
                connection = await stack.enter_async_context(engine.connect())
                transaction = await connection.begin()
            try:
                yield Tx(connection)
            except BaseException:
                with suppress(Exception):  # a broken connection has nothing to undo
                    await transaction.rollback()
                raise
            with reaching():
                await transaction.commit()

    async def answers(self, within_s: float) -> bool:
        """Whether it is there just now."""
        try:
            async with asyncio.timeout(within_s), self.glance() as tx:
                await tx.scalar(select(1))
        except (DatabaseUnreachable, TimeoutError):
            return False
        return True

    async def close(self) -> None:
        await self._engine.dispose()
        await self._aside.dispose()

    def _opened(self, connections: int) -> AsyncEngine:
        on_postgres = {"pool_size": connections, "pool_pre_ping": True, "connect_args": _PATIENCE}
        engine = create_async_engine(self.url, **({} if self.is_sqlite else on_postgres))
        if self.is_sqlite:
            event.listen(engine.sync_engine, "connect", _prepare_sqlite)
            event.listen(engine.sync_engine, "begin", _begin_sqlite)
            event.listen(engine.sync_engine, "invalidate", _undo_sqlite)
        return engine


_PATIENCE = {"timeout": 30.0, "command_timeout": ANSWER_S}


@contextmanager
def reaching() -> Iterator[None]:
    """A broken connection has a name, so that nobody takes it for a fault of what was being done."""
    try:
        yield
    except (OSError, TimeoutError, PoolExhausted, InterfaceError):
        raise DatabaseUnreachable(retry_after=1) from None
    except DBAPIError as error:
        if _gave_way(error.orig):
            raise DatabaseBusy(retry_after=1) from None
        if error.connection_invalidated or _is_away(error.orig):
            raise DatabaseUnreachable(retry_after=1) from None
        raise


def _gave_way(error: object) -> bool:
    """Deadlocks, and waits that were too long: rolled back, and as good as never begun."""
    locked = getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY")
    return locked or getattr(error, "sqlstate", None) in ("40001", "40P01", "55P03")


def _is_away(error: object) -> bool:
    """Whether it tells of the connection, or of a server that goes, comes, is full or only follows another: while a connection
    is being made, nobody has marked it as broken yet."""
    state = getattr(error, "sqlstate", None) or ""
    return isinstance(error, OSError | TimeoutError) or state.startswith(("08", "53", "57", "25006"))


async def persistently(ask: Callable[[], Awaitable[Answer]], clock: Clock) -> Answer:
    """The answer, asked for up to three times: a start shall not fail with one connection that broke."""
    for _ in range(TRIES - 1):
        with suppress(DatabaseUnreachable):
            return await ask()
        await clock.sleep(1.0)
    return await ask()


def insert_into(tx: Tx, table: Any) -> Any:
    """An `INSERT` that may have an `ON CONFLICT`: each of the two databases has its own construct for it."""
    dialect = sqlite if tx.connection.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)


def insert_unless_there(tx: Tx, table: Any, values: dict[str, Any]) -> Any:
    """`INSERT ... ON CONFLICT DO NOTHING`."""
    return insert_into(tx, table).values(**values).on_conflict_do_nothing()


def _prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
    connection.isolation_level = None  # we begin transactions ourselves, below
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=10000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _undo_sqlite(connection: DBAPIConnection, _record: object, _exception: object) -> None:
    """Whoever is cancelled within a statement loses the connection, and SQLite keeps what it wrote, and its lock, for as
    long as that statement is remembered anywhere: closing alone does not end the transaction."""
    with suppress(Exception):
        connection.rollback()


def _begin_sqlite(connection: Any) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
