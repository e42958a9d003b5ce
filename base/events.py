"""Numbered, replayable event streams in the database.

Numbers run 1, 2, 3 without gaps, because each is taken by `UPDATE streams SET last = last + 1 ... RETURNING` in the
transaction that writes the event: a sequence would leave holes, and max() would double under concurrency.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import delete, insert, select, update

from base.bell import Bell
from base.clock import Clock, rfc3339
from base.crypto import KeyStore
from base.db import Database, Tx, insert_unless_there
from base.errors import NotFound
from base.lookout import Follower, Lookout
from base.tables import events, streams

PAGE = 200


@dataclass(frozen=True)
class Event:
    """One event. `number` is None for a transient one, which is never stored or replayed."""

    stream: str
    number: int | None
    type: str
    at: datetime
    data: dict[str, Any] = field(repr=False)  # content: kept out of logs and tracebacks


class EventLog:
    """Append to streams, read them by number, follow them as they grow."""

    def __init__(self, db: Database, keys: KeyStore, bell: Bell, clock: Clock) -> None:
        self._db, self._keys, self._bell, self._clock = db, keys, bell, clock
        self._lookout = Lookout(self.heads)

    async def open(self, tx: Tx, stream: str, scope: str) -> None:
        """Make a new, empty stream whose payloads are sealed with the key of `scope`."""
        await tx.execute(insert(streams).values(id=stream, scope=scope, last=0))

    async def ensure(self, tx: Tx, stream: str, scope: str) -> None:
        """The same, unless it is there already."""
        await tx.execute(insert_unless_there(tx, streams, {"id": stream, "scope": scope, "last": 0}))

    async def append(self, tx: Tx, stream: str, type: str, data: dict[str, Any]) -> int:
        """Write one event in the caller's transaction and ring after its commit. Returns its number."""
        bump = update(streams).where(streams.c.id == stream).values(last=streams.c.last + 1)
        row = (await tx.execute(bump.returning(streams.c.last, streams.c.scope))).first()
        if row is None:
            raise NotFound("There is no such event stream.")
        key = await self._keys.key(row.scope)
        at = self._clock.now()
        await tx.execute(
            insert(events).values(stream=stream, number=row.last, type=type, at=at, payload=key.seal(data))
        )
        tx.after_commit(lambda: self._bell.ring(stream))
        return int(row.last)

    async def read(self, stream: str, after: int = 0, limit: int = PAGE) -> list[Event]:
        """Up to `limit` events with numbers above `after`, in order."""
        async with self._db.read() as tx:
            rows = await tx.all(_page(stream, after, limit))
        return [await self._opened(row) for row in rows]

    async def last(self, stream: str) -> int:
        """The number of the newest event, 0 for an empty or unknown stream."""
        async with self._db.read() as tx:
            return int(await tx.scalar(select(streams.c.last).where(streams.c.id == stream)) or 0)

    async def heads(self, names: Collection[str]) -> dict[str, int]:
        """The number of the newest event of each of these that there is."""
        found: dict[str, int] = {}
        async with self._db.read() as tx:
            for some in _portions(sorted(names)):
                asked = select(streams.c.id, streams.c.last).where(streams.c.id.in_(some))
                found |= {row["id"]: row["last"] for row in await tx.all(asked)}
        return found

    async def delete(self, tx: Tx, *names: str) -> None:
        """Forget streams and all their events."""
        for some in _portions(sorted(names)):
            await tx.execute(delete(events).where(events.c.stream.in_(some)))
            await tx.execute(delete(streams).where(streams.c.id.in_(some)))
        for name in names:
            tx.after_commit(partial(self._bell.ring, name))

    async def trim(self, tx: Tx, stream: str, before: datetime) -> None:
        """Forget the stream's events of before that moment; those that follow keep their numbers."""
        await tx.execute(delete(events).where(events.c.stream == stream, events.c.at < before))

    async def names(self, tx: Tx, start: str, after: str = "", limit: int = PAGE) -> list[str]:
        """Streams whose names begin so, those that come after this name, in order."""
        found = select(streams.c.id).where(streams.c.id > max(start, after), streams.c.id.startswith(start, autoescape=True))
        return [row["id"] for row in await tx.all(found.order_by(streams.c.id).limit(limit))]

    async def scopes(self, tx: Tx, after: str, limit: int) -> list[str]:
        """Scopes that have streams, those that come after this one, in order."""
        found = select(streams.c.scope).where(streams.c.scope > after).distinct()
        return [row["scope"] for row in await tx.all(found.order_by(streams.c.scope).limit(limit))]

    async def of_scope(self, tx: Tx, scope: str, limit: int) -> list[str]:
        """Names of streams of that scope."""
        found = select(streams.c.id).where(streams.c.scope == scope)
        return [row["id"] for row in await tx.all(found.order_by(streams.c.id).limit(limit))]

    def publish(self, stream: str, type: str, data: dict[str, Any]) -> None:
        """Send a transient event to whoever listens just now."""
        self._bell.publish(stream, {"type": type, "data": data})

    async def follow(self, stream: str, after: int = 0) -> AsyncIterator[Event]:
        """Every event above `after`, for ever, with transient ones in between as they come."""
        with self._bell.listen(stream) as listener:
            follower = Follower(stream, after, listener.wake)
            with self._lookout.mind(follower):
                while True:
                    page = await self.read(stream, follower.after)
                    for event in page:
                        follower.after = event.number or follower.after
                        yield event
                    if len(page) == PAGE:
                        continue
                    for message in await listener.wait(None):
                        yield Event(stream, None, message["type"], self._clock.now(), message["data"])

    async def _opened(self, row: Any) -> Event:
        key = await self._keys.key(row["scope"])
        return Event(row["stream"], row["number"], row["type"], row["at"], key.open(row["payload"]))


def _portions(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """Databases bound how many values a statement may have."""
    return (names[start : start + PAGE] for start in range(0, len(names), PAGE))


def _page(stream: str, after: int, limit: int) -> Any:
    return (
        select(events, streams.c.scope)
        .join(streams, streams.c.id == events.c.stream)
        .where(events.c.stream == stream, events.c.number > after)
        .order_by(events.c.number)
        .limit(limit)
    )


def envelope(event: Event) -> dict[str, Any]:
    """The JSON of a frame's `data:`: the event's own data with `id`, `type` and `at` in front."""
    head: dict[str, Any] = {} if event.number is None else {"id": event.number}
    return {**head, "type": event.type, "at": rfc3339(event.at), **event.data}
