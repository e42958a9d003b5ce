"""Servers as workers note them, for a process that does not work: it meets none and starts nothing, it reads what is written
down."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from base.clock import Clock
from base.crypto import HOUSE, Envelope, KeyStore
from base.db import Database
from base.errors import KeyLost
from base.log import get_logger
from executor import presence
from executor.comfy.instance import Instance
from executor.comfy.memory import opened
from executor.pace import Pace
from executor.presence import Noted
from executor.providers.local import is_local
from executor.providers.static import instance_id

log = get_logger(__name__)
_UNREACHED = "http://127.0.0.1:0"


class NotedInstance(Instance):
    """One that somebody else talks with. Without a URL of ours it is known by what is said of it alone."""

    told_at: datetime | None = None
    told_where: str | None = None

    @property
    def where(self) -> str:
        return self.told_where or super().where

    def learn(self, record: dict[str, Any]) -> None:
        """What it has, as it was written down."""
        self.capabilities, self.slots, self.told_where = opened(record), record["slots"], record["where"]


class NotedServers:
    """Keeps `instances` as they are noted. `urls` are the servers that are configured here."""

    def __init__(self, db: Database, keys: KeyStore, urls: Sequence[str], *, clock: Clock, pace: Pace) -> None:
        self._db, self._keys, self._clock, self._pace = db, keys, clock, pace
        self.instances: dict[str, NotedInstance] = {}
        self._urls = {instance_id(url): url for url in urls}
        self._heard: datetime | None = None
        for name in self._urls:
            self.instances[name] = self._met(name)

    def attended(self) -> bool:
        """Whether a worker lives."""
        return self._heard is not None and self._clock.now() - self._heard <= timedelta(seconds=self._pace.lease_s)

    async def attend(self) -> None:
        """Read again and again, for ever."""
        try:
            while True:
                await self._clock.sleep(self._pace.poll_s)
                try:
                    await self.look()
                except Exception as error:  # noqa: BLE001  the rim: the next look may succeed
                    log.warning("servers_not_read", error=type(error).__name__)
        finally:
            for instance in self.instances.values():
                await instance.close()

    async def look(self) -> None:
        """Read once. Raises DatabaseUnreachable."""
        now = self._clock.now()
        async with self._db.read() as tx:
            heard = await presence.heard(tx)
            rows = {row.id: row for row in presence.there(await presence.noted(tx), now, self._pace.lease_s)}
            known = {name: each.told_at for name, each in self.instances.items()}
            news = [name for name, row in rows.items() if known.get(name) != row.told_at]
            sealed = await presence.has(tx, news) if news else {}
        records = await self._opened(sealed)
        rows = {name: row for name, row in rows.items() if name not in sealed or name in records}
        self._heard = heard
        for name in [name for name in self.instances if name not in rows and name not in self._urls]:
            await self.instances.pop(name).close()
        for name, row in rows.items():
            self._note(row, records.get(name), now)
        for name in self._urls.keys() - rows.keys():
            self.instances[name].up = False

    async def _opened(self, sealed: dict[str, Envelope]) -> dict[str, Any]:
        """What was sealed under a master key of another time says nothing."""
        key, records = await self._keys.key(HOUSE), dict[str, Any]()
        for name, envelope in sealed.items():
            with suppress(KeyLost):
                records[name] = key.open(envelope)
        return records

    def _note(self, row: Noted, record: dict[str, Any] | None, now: datetime) -> None:
        if row.id not in self.instances:
            self.instances[row.id] = self._met(row.id)
        known = self.instances[row.id]
        if record is not None:
            known.learn(record)
            known.told_at = row.told_at
        fresh = row.seen_at is not None and (now - row.seen_at).total_seconds() <= self._pace.lease_s
        known.up, known.since = bool(row.up) and fresh and self.attended(), row.since or row.seen_at or row.told_at
        known.seen_at = (row.since if row.up is False else row.seen_at) or row.told_at

    def _met(self, name: str) -> NotedInstance:
        return NotedInstance(
            name, self._urls.get(name, _UNREACHED), clock=self._clock, pace=self._pace, changed=lambda: None,
            sketch=is_local(name),
        )  # fmt: skip
