"""What may still be on a server though nobody wants it any more: found out, cancelled, taken out of its history, forgotten.

A prompt is left behind (`left.leave`) in the transaction that turns away from it: its job is cancelled, goes to
another server, or ends while nobody could say that the server does not have it. Until the server was asked it counts as
load there. Whoever works asks, and two that ask at once do no harm.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from base.clock import Clock
from base.db import Database, Tx
from base.log import get_logger
from executor import left, store
from executor.comfy.faults import Faulted
from executor.comfy.http import Found
from executor.comfy.instance import Instance
from executor.pace import Pace

log = get_logger(__name__)


class Instances(Protocol):
    """The pool, as far as it matters here."""

    def get(self, instance_id: str | None) -> Instance | None: ...


class LeftBehind:
    """Frees the servers of this process's pool from what nobody wants."""

    def __init__(self, db: Database, pool: Instances, clock: Clock, pace: Pace) -> None:
        self._db, self._pool, self._clock, self._pace = db, pool, clock, pace
        self._asking: dict[str, asyncio.Task[None]] = {}

    async def keep_clear(self) -> None:
        """For ever. One server that takes its time holds up no other."""
        try:
            while True:
                try:
                    await self._look()
                except Exception as error:  # noqa: BLE001  the rim: the next look may succeed
                    log.error("left_prompts_not_looked_at", error=type(error).__name__)
                await self._clock.sleep(self._pace.poll_s)
        finally:
            for task in self._asking.values():
                task.cancel()
            await asyncio.gather(*self._asking.values(), return_exceptions=True)

    async def _look(self) -> None:
        async with self._db.read() as tx:
            rows = await left.due(tx, self._late())
        by_instance: dict[str, list[Any]] = defaultdict(list)
        for row in rows:
            by_instance[row["instance"]].append(row)
        for name, its in by_instance.items():
            instance = self._pool.get(name)
            if instance is not None and instance.up and name not in self._asking:
                self._asking[name] = task = asyncio.create_task(self._clear(instance, its))
                task.add_done_callback(partial(self._answered, name))

    def _answered(self, name: str, _: asyncio.Task[None]) -> None:
        del self._asking[name]

    async def _clear(self, instance: Instance, rows: Sequence[Any]) -> None:
        try:
            for row in rows:
                found = await _asked(instance, row["prompt_id"])
                async with self._db.write() as tx:
                    await self._note(tx, row, found)
                if found is not Found.NOTHING:
                    log.info("left_prompt_met", instance=instance.id, found=found.value)
        except Faulted:
            instance.suspect()
        except Exception as error:  # noqa: BLE001  the rim: the next look may succeed
            log.error("left_prompt_not_noted", instance=instance.id, error=type(error).__name__)

    async def _note(self, tx: Tx, row: Any, found: Found) -> None:
        """What is held is asked about until it is gone. What is not there may still be on its way: whoever lost the lease of
        its job a moment ago may be sending it. So it is asked about once more, later."""
        if found is not Found.NOTHING:
            await store.end_doubts(tx, row["prompt_id"])  # the server did not die of it
        if found is Found.NOTHING and row["since"] < self._late():
            await left.drop(tx, row)
        elif row["there"] is not (found is Found.HELD):
            await left.mark(tx, row, there=found is Found.HELD)

    def _late(self) -> datetime:
        return self._clock.now() - timedelta(seconds=self._pace.late_s)


async def _asked(instance: Instance, prompt_id: str) -> Found:
    """What it had: what waits or runs there is stopped, what ended is taken out of its history."""
    if await instance.http.is_queued(prompt_id):
        await instance.http.cancel(prompt_id)
        return Found.HELD
    if await instance.http.history(prompt_id) is None:
        return Found.NOTHING
    await instance.http.forget(prompt_id)
    return Found.ENDED
