"""Fakes of the base: a clock that moves when told, keys kept in a dict, a port that stays ours."""

from __future__ import annotations

import asyncio
import heapq
import socket
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from base.crypto import HOUSE, DataKey, new_secret
from base.db import Tx
from base.errors import KeyLost


class ManualClock:
    """A clock that stands still until `advance` is called; sleepers wake in order."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._now = start
        self._elapsed = 0.0
        self._slept = 0
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.Event()
        self._slept += 1  # whoever began earlier wakes earlier, at the same moment too
        heapq.heappush(self._sleepers, (self._elapsed + seconds, self._slept, woken))
        await woken.wait()

    @property
    def sleeping(self) -> int:
        """How many sleepers wait for `advance`."""
        return len(self._sleepers)

    def advance(self, seconds: float) -> None:
        self._elapsed += seconds
        self._now += timedelta(seconds=seconds)
        while self._sleepers and self._sleepers[0][0] <= self._elapsed:
            heapq.heappop(self._sleepers)[2].set()


class MemoryKeyStore:
    """Data keys in a dict: forgets everything with the process, as the incognito store will."""

    def __init__(self) -> None:
        self._keys: dict[str, DataKey] = {HOUSE: DataKey(HOUSE, new_secret())}

    async def create(self, tx: Tx, scope: str, account_id: str, tier: str) -> DataKey:
        return self._keys.setdefault(scope, DataKey(scope, new_secret()))

    async def key(self, scope: str) -> DataKey:
        if scope not in self._keys:
            raise KeyLost
        return self._keys[scope]

    async def forget(self, tx: Tx, scope: str) -> None:
        self._keys.pop(scope, None)

    async def hold(self, tx: Tx, scope: str) -> None:
        await self.key(scope)

    async def lost(self, tx: Tx, scopes: Collection[str]) -> set[str]:
        return set(scopes) - set(self._keys)


@contextmanager
def held_port() -> Iterator[int]:
    """A free port of this machine, for a server that comes and goes.

    While nobody listens on it, connections are refused and no other process is given it; whoever tries to connect again
    and again could otherwise be given it as its own end, and talk to itself. The server binds it with SO_REUSEADDR.
    """
    with socket.socket() as seat:
        seat.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        seat.bind(("127.0.0.1", 0))
        yield int(seat.getsockname()[1])
