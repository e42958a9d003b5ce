"""Streaming reply text into the conversation: at most five events a second, whatever the model's pace."""

from __future__ import annotations

from typing import Any

from agent import shapes, store
from base.clock import Clock
from base.db import Database
from base.events import EventLog

EVERY_S = 0.2


class Speech:
    """Collects pieces of a reply and writes them together."""

    def __init__(self, db: Database, events: EventLog, clock: Clock, turn: Any) -> None:
        self._db, self._events, self._clock, self._turn = db, events, clock, turn
        self._waiting = ""
        self._last = float("-inf")

    async def say(self, text: str) -> None:
        self._waiting += text
        if self._clock.monotonic() - self._last >= EVERY_S:
            await self._flush()

    async def finish(self) -> None:
        """Write what still waits."""
        await self._flush()

    async def _flush(self) -> None:
        if not self._waiting:
            return
        text, self._waiting = self._waiting, ""
        self._last = self._clock.monotonic()
        data = {**shapes.about(self._turn), "text": text}
        async with self._db.write() as tx:
            await self._events.append(tx, shapes.stream(self._turn["conversation_id"]), "reply.delta", data)
            await store.change_turn(tx, self._turn["id"], spoke=True)
