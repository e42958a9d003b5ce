"""Which servers are there and what they have, as the workers say it: so that whoever asks the database hears the same, in
every process."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import delete, func, select, update

from base.clock import Clock
from base.crypto import HOUSE, Envelope, KeyStore
from base.db import Database, Tx
from executor import store
from executor.comfy.instance import Instance
from executor.comfy.memory import closed
from executor.deciding.health import Health
from executor.model import AT_WORK
from executor.providers.local import is_local
from executor.saying import failing_words
from executor.striking import HEALTH, health_of
from executor.tables import instances, jobs, warm_files, workers
from tools.model import Capabilities

FORGOTTEN_AFTER = timedelta(days=1)
"""For so long the renderer of a process that is gone tells what such a process can do."""


class Known(Protocol):
    """An instance, as far as it matters here."""

    @property
    def id(self) -> str: ...
    @property
    def up(self) -> bool: ...
    @property
    def since(self) -> datetime: ...


@dataclass(frozen=True)
class Seen:
    """What workers said of one, `since` when that is so."""

    id: str
    up: bool
    since: datetime
    health: Health = field(default_factory=Health)

    @property
    def failing(self) -> str | None:
        """That it fails whatever it is given, and why, for an operator."""
        return failing_words(self.health.code or "") if self.health.failing else None


@dataclass(frozen=True)
class Noted:
    """A row: what was said of an instance, when, and when what it has was written down."""

    id: str
    up: bool | None
    since: datetime | None
    seen_at: datetime | None
    told_at: datetime


class Presence:
    """What one worker says of the servers that it meets: each change at once, and everything with each beat of its heart."""

    def __init__(self, db: Database, keys: KeyStore, clock: Clock) -> None:
        self._db, self._keys, self._clock = db, keys, clock
        self._states: dict[str, bool] = {}
        self._has: dict[str, Capabilities] = {}

    async def say(self, known: Sequence[Instance], *, again: bool = False) -> None:
        """In a transaction of its own: who dispatches locks them before jobs."""
        states = {each.id: each.up for each in known}
        news = [each for each in known if each.capabilities is not None and self._has.get(each.id) is not each.capabilities]
        if not again and not news and states == self._states:
            return
        key, now = await self._keys.key(HOUSE), self._clock.now()
        async with self._db.write() as tx:
            await note(tx, known, now)
            said = {each.id: each.capabilities for each in news if each.capabilities is not None}
            for each in news:
                record = {**closed(said[each.id]), "where": each.where, "slots": each.slots}
                await tell(tx, each.id, key.seal(record), now)
        self._states, self._has = states, self._has | said

    async def leave(self, tx: Tx) -> None:
        """Our own renderer ends with us; of the others somebody else may know."""
        mine = [name for name in self._states if is_local(name)]
        await tx.execute(update(instances).where(instances.c.id.in_(mine)).values(up=None, since=None, seen_at=None))


async def note(tx: Tx, known: Iterable[Known], now: datetime) -> None:
    """Say how these are. Two workers that see the same name one beginning: whoever saw it first."""
    states = {each.id: each for each in known}
    said = {row["id"]: row for row in await tx.all(select(*_PLAIN).where(instances.c.id.in_(sorted(states))))}
    await store.note_instances(tx, states)
    for name, each in sorted(states.items()):
        before = said.get(name)
        same = before is not None and before["up"] is each.up and before["since"] is not None
        since = before["since"] if before is not None and same else each.since
        await tx.execute(update(instances).where(instances.c.id == name).values(up=each.up, since=since, seen_at=now))


async def tell(tx: Tx, instance_id: str, has: Envelope, now: datetime) -> None:
    """Write down what it has."""
    await tx.execute(update(instances).where(instances.c.id == instance_id).values(has=has, told_at=now))


async def seen(tx: Tx, now: datetime, lease_s: float) -> dict[str, Seen]:
    """What was said within a lease, by id: nobody knows how the others are."""
    fresh = instances.c.seen_at >= now - timedelta(seconds=lease_s)
    rows = await tx.all(select(*_PLAIN, *HEALTH).where(fresh).order_by(instances.c.id))
    return {row["id"]: Seen(row["id"], row["up"], row["since"], health_of(row)) for row in rows}


async def noted(tx: Tx) -> list[Noted]:
    """Every instance of which it was ever written what it has, by id."""
    rows = await tx.all(select(*_PLAIN).where(instances.c.told_at.is_not(None)).order_by(instances.c.id))
    return [Noted(**row) for row in rows]


async def has(tx: Tx, ids: Collection[str]) -> dict[str, Envelope]:
    """What these have, sealed for the house."""
    rows = await tx.all(select(instances.c.id, instances.c.has).where(instances.c.id.in_(sorted(ids))))
    return {row["id"]: row["has"] for row in rows if row["has"] is not None}


async def heard(tx: Tx) -> datetime | None:
    """When any worker was last heard."""
    found: datetime | None = await tx.scalar(select(func.max(workers.c.seen_at)))
    return found


async def forget(tx: Tx, now: datetime) -> None:
    """Drop renderers of processes that are gone for long and hold nothing, but for the one that was told of last."""
    at_work = select(jobs.c.instance).where(jobs.c.status.in_(AT_WORK), jobs.c.instance.is_not(None))
    never = instances.c.told_at.is_(None)  # it never came up, so that nobody will miss it
    told = instances.c.told_at < now - FORGOTTEN_AFTER
    old = (never | told, instances.c.id.startswith("local-"), instances.c.id.not_in(at_work))
    silent = instances.c.seen_at.is_(None) | (instances.c.seen_at < now - FORGOTTEN_AFTER)
    rows = await tx.all(select(*_PLAIN).where(*old, silent).order_by(instances.c.told_at.desc()))
    last = await tx.scalar(select(func.max(instances.c.told_at)).where(instances.c.id.startswith("local-")))
    gone = [row["id"] for row in rows if row["told_at"] is None or row["told_at"] != last]
    await tx.execute(delete(warm_files).where(warm_files.c.instance.in_(gone)))
    await tx.execute(delete(instances).where(instances.c.id.in_(gone)))


def listed(configured: Collection[str], said: Collection[str], busy: Collection[str]) -> list[str]:
    """What an operator sees, in order: servers that are configured or have jobs, then the renderers of living processes."""
    others = sorted({*said, *busy} - set(configured))
    return [*configured, *(name for name in others if name in busy or is_local(name))]


def there(rows: Sequence[Noted], now: datetime, lease_s: float) -> list[Noted]:
    """Of which somebody says how they are; where nobody says anything, those of the last who did, and one renderer."""
    lease = timedelta(seconds=lease_s)
    if fresh := [row for row in rows if row.seen_at is not None and row.seen_at >= now - lease]:
        return fresh
    last = max((row.seen_at for row in rows if row.seen_at is not None), default=now)
    servers = [row for row in rows if not is_local(row.id) and row.seen_at is not None and row.seen_at >= last - lease]
    local = sorted((row for row in rows if is_local(row.id)), key=lambda row: row.told_at)
    return [*servers, *local[-1:]]


_PLAIN: tuple[Any, ...] = (
    instances.c.id, instances.c.up, instances.c.since, instances.c.seen_at, instances.c.told_at,
)  # fmt: skip
