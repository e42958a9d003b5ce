"""What an operator may see and say, for the admin API and the metrics. Plain JSON; no content, no names, no person's ids."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Any, Protocol

from base import periodic
from base.clock import Clock, rfc3339
from base.db import Database
from base.events import EventLog, envelope
from executor import presence, roster
from executor.model import WorkerState
from executor.providers.local import is_local
from executor.room import Room
from executor.watch import store
from executor.watch.alerts import STREAM, shape
from executor.watch.figures import Figures, Heartbeat, InstanceState, Queue
from executor.watch.rules import REDIS_AWAY_S


class States(Protocol):
    """The pool, as far as it matters here."""

    def states(self) -> Sequence[InstanceState]: ...

    def attended(self) -> bool:
        """Whether a worker is there for them."""
        ...


class Operations:
    """Implements executor.protocols.Operations."""

    def __init__(
        self, db: Database, events: EventLog, clock: Clock, pool: States, lease_s: float,
        redis_silent_s: Callable[[], float | None] = lambda: None, room: Room | None = None,
    ) -> None:  # fmt: skip
        self._db, self._events, self._clock, self._pool, self._lease_s = db, events, clock, pool, lease_s
        self._redis_silent_s, self._room = redis_silent_s, room

    async def look(self) -> None:
        """Measure what nobody measures unasked, before `degraded`."""
        if self._room is not None:
            await self._room.look()

    def degraded(self) -> list[str]:
        """What is away without which everything goes on, only later."""
        redis_away = (self._redis_silent_s() or 0.0) > REDIS_AWAY_S
        full = self._room is not None and self._room.full_since is not None
        workers_away = not self._pool.attended()
        return [name for name, bad in (("redis", redis_away), ("workers", workers_away), ("disk", full)) if bad]

    async def workers(self) -> list[dict[str, Any]]:
        """The oldest first."""
        async with self._db.read() as tx:
            return [roster.shape(row, self._clock.now(), self._lease_s) for row in await roster.everybody(tx)]

    async def tell(self, which: str | None, state: WorkerState) -> int:
        """Tell a worker (an id or its first characters), or all of them; returns how many live. Raises WorkerNotFound."""
        async with self._db.write() as tx:
            return await roster.tell(tx, which, state, self._clock.now(), self._lease_s)

    async def queue(self) -> dict[str, Any]:
        """`{waiting, at_work, oldest_s, groups: [{lane, tag, status, jobs}]}`."""
        async with self._db.read() as tx:
            found = await store.queue(tx, self._clock.now())
        return queue_shape(found)

    async def instances(self) -> list[dict[str, Any]]:
        """Up or away as workers say it, else as this process knows it; `jobs` are those of all processes."""
        async with self._db.read() as tx:
            loads = await store.loads(tx)
            said = await presence.seen(tx, self._clock.now(), self._lease_s)
        ours = {state.id: state for state in self._pool.states()}
        return [
            _instance(name, ours.get(name), said.get(name), loads.get(name, 0)) for name in presence.listed(ours, said, loads)
        ]

    async def periodic(self) -> list[dict[str, Any]]:
        """What comes round again, by name."""
        now = self._clock.now()
        async with self._db.read() as tx:
            return [periodic.shape(row) for row in await periodic.everything(tx, now)]

    async def hasten(self, name: str) -> None:
        """Have a periodic task run now. Raises NotFound."""
        async with self._db.write() as tx:
            await periodic.hasten(tx, name, self._clock.now())

    async def alerts(self, after: str | None, limit: int) -> tuple[list[dict[str, Any]], str | None]:
        """Newest first; the second value is the cursor of the next page."""
        async with self._db.read() as tx:
            rows = await store.page_of_alerts(tx, after, limit + 1)
        return [shape(row) for row in rows[:limit]], rows[limit - 1]["id"] if len(rows) > limit else None

    async def last_event(self) -> int:
        """The number of the operator's newest event."""
        return await self._events.last(STREAM)

    async def events(self, after: int) -> AsyncIterator[dict[str, Any]]:
        """The operator's own stream, for ever: `alert.raised`, `alert.resolved`."""
        async for event in self._events.follow(STREAM, after):
            yield envelope(event)

    async def figures(self) -> Figures:
        """What the alerts are decided from."""
        now = self._clock.now()
        async with self._db.read() as tx:
            queue, dead, adrift = await store.queue(tx, now), await store.dead(tx), await store.adrift(tx, now)
            said = await presence.seen(tx, now, self._lease_s)
            workers, tasks = await roster.everybody(tx), await periodic.everything(tx, now)
        servers = [(state.id, state.up, state.since) for state in self._pool.states() if not state.sketch]
        return Figures(
            queue, dead, adrift,
            heartbeats=[_heartbeat(row, now) for row in workers],
            away=[(name, up, (now - since).total_seconds()) for name, up, since in servers if up is not None],
            untrusted=[(each.id, each.health.code or "", each.health.strikes) for each in said.values() if each.health.failing],
            failing=[(row.name, row.failures) for row in tasks], redis_silent_s=self._redis_silent_s(),
        )  # fmt: skip

    async def measures(self) -> dict[str, Any]:
        """For `/metrics`: `{queue, workers: [{state, heard_s}], dead, alerts, instances: {up: n, away: n}, tallies: [...],
        redis_silent_s}`."""
        async with self._db.read() as tx:
            queue, dead = await store.queue(tx, self._clock.now()), await store.dead(tx)
            workers, alerts = await roster.everybody(tx), await store.open_alerts(tx, self._clock.now())
            tallies = await store.all_tallies(tx)
        now, states = self._clock.now(), self._pool.states()
        return {
            "queue": queue_shape(queue), "dead": dead, "alerts": len(alerts), "tallies": tallies,
            "workers": [
                {"state": roster.shape(row, now, self._lease_s)["state"], "heard_s": (now - row.seen_at).total_seconds()}
                for row in workers
            ],
            "instances": {"up": sum(s.up is True for s in states), "away": sum(s.up is False for s in states)},
            "redis_silent_s": self._redis_silent_s(),
        }  # fmt: skip


def _heartbeat(row: roster.WorkerRow, now: datetime) -> Heartbeat:
    return Heartbeat((now - row.seen_at).total_seconds(), row.wanted, row.jobs, row.tags, row.full_since is not None)


def _instance(name: str, known: InstanceState | None, said: presence.Seen | None, jobs: int) -> dict[str, Any]:
    """Somebody else's own renderer, or a server of another time, is known by its name alone."""
    told = said or (None if known is None or known.up is None else known)
    return {
        "id": name, "where": known and known.where, "up": told and told.up, "since": told and rfc3339(told.since),
        "sketch": known.sketch if known else is_local(name), "slots": known and known.slots,
        "comfyui": known and known.comfyui, "vram_gb": known and known.vram_gb, "jobs": jobs,
        "failing": None if said is None else said.failing,
    }  # fmt: skip


def queue_shape(queue: Queue) -> dict[str, Any]:
    """As JSON."""
    groups = [{"lane": g.lane.name.lower(), "tag": g.tag.value, "status": g.status, "jobs": g.jobs} for g in queue.groups]
    at_work = sum(g.jobs for g in queue.groups) - queue.waiting
    return {"waiting": queue.waiting, "at_work": at_work, "oldest_s": queue.oldest_s, "groups": groups}
