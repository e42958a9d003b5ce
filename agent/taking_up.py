"""Runs that an operator started again come back into their conversation, as a turn that says so.

The turn whose run failed is over, and a turn ends once: what follows is a new one with the same words, which begins where
its run is already at work. From there it is watched as any other.
"""

from __future__ import annotations

from typing import Any

from agent import shapes, store
from agent.service import TURNS
from agent.states import TurnState
from base.clock import Clock
from base.crypto import DataKey, KeyStore
from base.db import Database, Tx
from base.events import EventLog
from base.ids import new_id
from executor.model import Run
from executor.protocols import Runs

WORDS = "This failed before for reasons of ours. It is being tried again."


class TakingUp:
    """Comes round, in one process at a time."""

    def __init__(self, db: Database, keys: KeyStore, events: EventLog, clock: Clock, runs: Runs, ring: Any) -> None:
        self._db, self._keys, self._events, self._clock = db, keys, events, clock
        self._runs, self._ring = runs, ring

    async def take_up(self) -> None:
        """Each once: that it is taken up is noted in the transaction that makes its turn."""
        for run in await self._runs.restarted():
            async with self._db.write() as tx:
                if await self._runs.taken_up(tx, run.id):
                    await self._begin(tx, run)

    async def _begin(self, tx: Tx, run: Run) -> None:
        kind, _, turn_id = (run.origin or "").partition(":")
        old = await store.turn(tx, turn_id) if kind == "turn" else None
        if old is None:  # it was asked for elsewhere, or its conversation is gone
            return
        key = await self._keys.key(shapes.scope(old["conversation_id"]))
        turn = await self._insert(tx, run, old, key)
        message, kept = key.open(old["message"]), key.open(turn["planned"])
        numbers = {row["asset_id"]: row["number"] for row in await store.handles_of(tx, old["conversation_id"])}
        attached = [{"asset_id": a, "handle": f"A{numbers[a]}"} for a in message["attachments"] if a in numbers]
        await self._tell(tx, turn, "turn.started", {"text": message["text"], "attachments": attached})
        await self._tell(tx, turn, "intent", {"intents": kept["intents"], "confidence": kept["confidence"], "notices": []})
        await self._tell(tx, turn, "reply.delta", {"text": WORDS})
        plan = run.plan.model_dump(mode="json", exclude_none=True)
        await self._tell(tx, turn, "plan", {"plan": plan, "run_id": run.id})
        tx.after_commit(lambda: self._ring(TURNS))

    async def _insert(self, tx: Tx, run: Run, old: Any, key: DataKey) -> dict[str, Any]:
        now = self._clock.now()
        kept = key.open(old["planned"]) or {}
        kept |= {"plan": run.plan.model_dump(mode="json"), "reply": WORDS, "error": None}
        kept = {"intents": [], "confidence": 1.0, **kept}
        values = {
            "id": new_id(), "conversation_id": old["conversation_id"], "account_id": old["account_id"],
            "tier": old["tier"], "number": await store.next_turn_number(tx, old["conversation_id"], now),
            "state": TurnState.RUNNING, "message": old["message"], "planned": key.seal(kept), "run_id": run.id,
            "retry_of": old["id"], "handles_before": old["handles_before"], "correlation_id": old["correlation_id"],
            "created_at": now, "planned_at": now, "spoke": True,
        }  # fmt: skip
        await store.add_turn(tx, values)
        return values

    async def _tell(self, tx: Tx, turn: Any, type: str, data: dict[str, Any]) -> None:
        await self._events.append(tx, shapes.stream(turn["conversation_id"]), type, {**shapes.about(turn), **data})
