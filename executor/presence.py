"""Which servers are there, as the workers say it: so that whoever asks the database hears the same, in every process."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import select, update

from base.db import Tx
from executor import store
from executor.providers.local import is_local
from executor.tables import instances


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


async def note(tx: Tx, known: Iterable[Known], now: datetime) -> None:
    """Say how these are. Two workers that see the same name one beginning: whoever saw it first."""
    states = {each.id: each for each in known}
    said = {row["id"]: row for row in await tx.all(select(instances).where(instances.c.id.in_(sorted(states))))}
    await store.note_instances(tx, states)
    for name, each in sorted(states.items()):
        before = said.get(name)
        same = before is not None and before["up"] is each.up and before["since"] is not None
        since = before["since"] if before is not None and same else each.since
        await tx.execute(update(instances).where(instances.c.id == name).values(up=each.up, since=since, seen_at=now))


async def seen(tx: Tx, now: datetime, lease_s: float) -> dict[str, Seen]:
    """What was said within a lease, by id: nobody knows how the others are."""
    fresh = instances.c.seen_at >= now - timedelta(seconds=lease_s)
    rows = await tx.all(select(instances).where(fresh).order_by(instances.c.id))
    return {row["id"]: Seen(row["id"], row["up"], row["since"]) for row in rows}


def listed(configured: Collection[str], said: Collection[str], busy: Collection[str]) -> list[str]:
    """What an operator sees, in order: servers that are configured or have jobs, then the renderers of living processes."""
    others = sorted({*said, *busy} - set(configured))
    return [*configured, *(name for name in others if name in busy or is_local(name))]
