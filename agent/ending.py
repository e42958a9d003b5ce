"""The one place where turns end: last event, outcome and state in one transaction, exactly once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent import memory, outcomes, shapes, store
from agent.states import TurnState, TurnStatus
from base.clock import Clock, rfc3339
from base.crypto import DataKey, KeyStore
from base.db import Tx
from base.errors import Problem
from base.events import EventLog
from executor.model import CONFIRM_WITHIN


class Ending:
    """Ends turns. The caller holds the lease."""

    def __init__(self, keys: KeyStore, events: EventLog, clock: Clock, ring: Any) -> None:
        self._keys, self._events, self._clock, self._ring = keys, events, clock, ring

    def expiry(self, turn: Any) -> str:
        """Until when a run may wait for its yes."""
        return rfc3339(turn["created_at"] + CONFIRM_WITHIN)

    async def end(
        self, tx: Tx, turn: Any, status: TurnStatus, *, error: Mapping[str, Any] | None = None,
        assets: Sequence[str] = (), cost: Mapping[str, float] | None = None,
    ) -> None:  # fmt: skip
        """Write `turn.completed`, the outcome and the state. A turn that is over already stays as it is."""
        if turn is None or turn["state"] == TurnState.DONE:
            return
        now = self._clock.now()
        key = await self._keys.key(shapes.scope(turn["conversation_id"]))
        planned = key.open(turn["planned"]) or {}
        code = None if error is None else str(error["code"])
        values: dict[str, Any] = {
            "state": TurnState.DONE, "status": status, "error_code": code, "ended_at": now, "lease_owner": None,
            "lease_until": None,
        }  # fmt: skip
        if error is not None:
            values["planned"] = key.seal({**planned, "error": dict(error)})
        await store.change_turn(tx, turn["id"], **values)
        await outcomes.record(
            tx, turn, key, planned, at=now, status=status, error_code=code, assets=assets, cost=cost or {}
        )
        data: dict[str, Any] = {
            **shapes.about(turn), "run_id": turn["run_id"], "status": status.value,
        }  # fmt: skip
        if error is not None:
            data["error"] = dict(error)
        await self._events.append(tx, shapes.stream(turn["conversation_id"]), "turn.completed", data)
        # After the event, whose stream's row keeps other turns' ends out until this one is written.
        await self._remember(tx, turn, key, planned)
        tx.after_commit(lambda: self._ring("turns"))

    async def _remember(self, tx: Tx, turn: Any, key: DataKey, planned: Mapping[str, Any]) -> None:
        row = await store.remembered(tx, turn["conversation_id"])
        kinds = [intent["kind"] for intent in planned.get("intents", ())]
        new = memory.line(turn["number"], key.open(turn["message"])["text"], kinds)
        kept = memory.remembered(key.open(row["memory"]) or [] if row is not None else [], new)
        await store.change_conversation(tx, turn["conversation_id"], memory=key.seal(kept))


def as_error(problem: Problem) -> dict[str, Any]:
    """What `turn.completed` says of a problem."""
    return {
        "code": problem.code, "title": problem.title, "message": problem.detail, "action": problem.next_step,
    }  # fmt: skip
