"""Alerts: raised once, and again when there is more of what mounts up, over once; told to the log, to the operator's stream,
and to a webhook until it has taken them.

What was told lies in the database, so that it holds across restarts and whichever process looks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from base.clock import Clock, rfc3339
from base.crypto import HOUSE
from base.db import Database, Tx
from base.events import EventLog
from base.ids import new_id
from base.log import get_logger
from executor.watch import store
from executor.watch.figures import Figures
from executor.watch.rules import Bounds, Change, News, changes, readings, sentence
from executor.watch.store import RAISED, RESOLVED
from executor.watch.webhook import Webhook, post

log = get_logger(__name__)
STREAM = "house:alerts"
KEPT = timedelta(days=30)  # how long what is over can be looked at
REPEATED_AFTER = timedelta(minutes=5)  # more of the same is told at most so often
_PAUSE = (timedelta(seconds=15), timedelta(hours=1))  # first and longest until a webhook is tried again


class Alerts:
    """`look` and `trim` come round again, each in one process at a time."""

    def __init__(
        self, db: Database, events: EventLog, clock: Clock, figures: Callable[[], Awaitable[Figures]], bounds: Bounds,
        webhook: Webhook | None,
    ) -> None:  # fmt: skip
        self._db, self._events, self._clock = db, events, clock
        self._figures, self._bounds, self._webhook = figures, bounds, webhook

    async def look(self) -> None:
        """Decide from the figures of now, then tell what the webhook has not heard."""
        found = list(readings(await self._figures(), self._bounds))
        async with self._db.write() as tx:
            await self._events.ensure(tx, STREAM, HOUSE)
            for change in changes(found, await store.open_alerts(tx, self._clock.now())):
                await self._note(tx, change)
        if self._webhook is not None:
            await self._deliver(self._webhook)

    async def trim(self) -> None:
        """Forget what was over long ago."""
        async with self._db.write() as tx:
            await store.trim_alerts(tx, self._clock.now() - KEPT)
            await self._events.trim(tx, STREAM, self._clock.now() - KEPT)

    async def _note(self, tx: Tx, change: Change) -> None:
        reading, alert_id, over = change.reading, change.alert_id or new_id(), change.news is News.OVER
        if not await self._write(tx, change, alert_id) or change.news is News.LESS:
            return
        state = RESOLVED if over else RAISED
        data = {
            "alert_id": alert_id, "key": reading.key, "state": state, "severity": reading.severity.value,
            "value": reading.value, "bound": reading.bound,
            "sentence": sentence(reading.key, reading.value, reading.bound, over=over),
        }  # fmt: skip
        await self._events.append(tx, STREAM, f"alert.{state}", data)
        tx.after_commit(lambda: log.warning(f"alert_{state}", alert=reading.key, value=reading.value, bound=reading.bound))

    async def _write(self, tx: Tx, change: Change, alert_id: str) -> bool:
        """Whether the row says now what became of the alert. A webhook is told when it is due: at once."""
        reading, now, heard = change.reading, self._clock.now(), self._webhook is None
        facts = {"severity": reading.severity, "value": reading.value, "bound": reading.bound}
        raised = {"told": RAISED if heard else "", "attempts": 0, "due_at": now + REPEATED_AFTER if heard else now}
        match change.news:
            case News.OVER:
                told = {"told": RESOLVED} if heard else {}
                return await store.resolve_alert(tx, alert_id, resolved_at=now, attempts=0, due_at=now, **told)
            case News.RAISED:
                await store.insert_alert(tx, {"id": alert_id, "key": reading.key, "raised_at": now, **facts, **raised})
            case News.MORE:
                await store.change_alert(tx, alert_id, **facts, **raised)
            case News.LESS:
                await store.change_alert(tx, alert_id, value=reading.value)
        return True

    async def _deliver(self, webhook: Webhook) -> None:
        async with self._db.read() as tx:
            rows = await store.untold(tx, self._clock.now())
        for row in rows:
            state = RAISED if row["told"] == "" else RESOLVED
            refused = await post(webhook, news(row, state), self._clock)
            if refused is not None:
                log.warning("alert_not_taken", alert=row["key"], reason=refused, attempts=row["attempts"] + 1)
            async with self._db.write() as tx:
                await store.change_alert(tx, row["id"], **self._after(row, state, taken=refused is None))

    def _after(self, row: Any, state: str, *, taken: bool) -> dict[str, Any]:
        now = self._clock.now()
        if taken:
            return {"told": state, "attempts": 0, "due_at": now if row["resolved_at"] else now + REPEATED_AFTER}
        first, longest = _PAUSE
        pause: timedelta = first * 2 ** min(row["attempts"], 20)
        return {"attempts": row["attempts"] + 1, "due_at": now + min(pause, longest)}


def news(row: Any, state: str) -> dict[str, Any]:
    """What a webhook hears."""
    over = state == RESOLVED
    return {**shape(row), "state": state, "sentence": sentence(row["key"], row["value"], row["bound"], over=over)}


def shape(row: Any) -> dict[str, Any]:
    """An alert as lists show it."""
    resolved = row["resolved_at"]
    return {
        "id": row["id"], "key": row["key"], "severity": row["severity"], "value": row["value"], "bound": row["bound"],
        "state": RAISED if resolved is None else RESOLVED, "raised_at": rfc3339(row["raised_at"]),
        "resolved_at": None if resolved is None else rfc3339(resolved),
        "sentence": sentence(row["key"], row["value"], row["bound"], over=False),
    }  # fmt: skip
