"""The second half of a turn: copy its run's events into the conversation, give handles, end with the run.

The cursor into the run's stream moves in the transaction that appends, so a takeover neither loses nor doubles.
"""

from __future__ import annotations

from typing import Any

from agent import shapes, store
from agent.ending import Ending
from agent.states import TurnState, TurnStatus, status_of_run
from agent.understanding import LeaseLost
from base.crypto import KeyStore
from base.db import Database, Tx
from base.events import Event, EventLog
from executor.protocols import Runs
from tools.model import Plan


class Watching:
    """Follows runs on behalf of turns."""

    def __init__(
        self,
        db: Database,
        keys: KeyStore,
        events: EventLog,
        runs: Runs,
        ending: Ending,
        owner: str,
    ) -> None:
        self._db, self._keys, self._events, self._runs = db, keys, events, runs
        self._ending, self._owner = ending, owner

    async def watch(self, turn: Any) -> None:
        """Return when the turn is over."""
        key = await self._keys.key(shapes.scope(turn["conversation_id"]))
        plan = Plan.model_validate(key.open(turn["planned"])["plan"])
        delivered = {step.id for step in plan.steps if step.deliver}
        async for event in self._events.follow(f"run:{turn['run_id']}", turn["run_cursor"]):
            if event.number is None:
                self._pass_on(turn, event)
            elif await self._copy(turn, event, delivered):
                return

    def _pass_on(self, turn: Any, event: Event) -> None:
        data = {**_about(turn), **event.data}
        self._events.publish(shapes.stream(turn["conversation_id"]), event.type, data)

    async def _copy(self, turn: Any, event: Event, delivered: set[str]) -> bool:
        """One event of the run into the conversation. True when it was the last."""
        async with self._db.write() as tx:
            values = {"run_cursor": event.number} | self._moved(event)
            if not await store.change_leased(tx, turn["id"], self._owner, **values):
                raise LeaseLost
            if event.type == "run.output":
                await self._output(tx, turn, event, delivered)
                return False
            type, data = _translated(event)
            await self._tell(tx, turn, type, data)
            status = status_of_run(event.type)
            if status is None:
                return False
            await self._finish(tx, turn, event, status)
            return True

    def _moved(self, event: Event) -> dict[str, Any]:
        if status_of_run(event.type) is not None:
            return {"state": TurnState.FINISHING}
        return {"state": TurnState.RUNNING} if event.type in ("run.queued", "run.output") else {}

    async def _output(self, tx: Tx, turn: Any, event: Event, delivered: set[str]) -> None:
        """What is delivered, or how far a stopped chain came, is shown and takes a handle; inner results stay in the lineage."""
        if event.data["step_id"] not in delivered and not event.data.get("unfinished"):
            return
        number = await store.next_handle(tx, turn["conversation_id"])
        asset = event.data["asset"]
        values = {
            "conversation_id": turn["conversation_id"], "number": number, "account_id": turn["account_id"],
            "tier": turn["tier"], "asset_id": asset["id"], "turn_id": turn["id"], "run_id": turn["run_id"],
            "step_id": event.data["step_id"],
        }  # fmt: skip
        await store.add_handle(tx, values)
        handle = {"conversation_id": turn["conversation_id"], "handle": f"A{number}"}
        data = {k: v for k, v in event.data.items() if k != "asset_id"}
        await self._tell(
            tx, turn, "run.output", {**data, "asset": {**asset, "handles": [handle]}, "handle": f"A{number}"}
        )

    async def _finish(self, tx: Tx, turn: Any, event: Event, status: TurnStatus) -> None:
        row = await store.turn(tx, turn["id"])
        handles = await store.handles_of(tx, turn["conversation_id"])
        assets = [h["asset_id"] for h in handles if h["turn_id"] == turn["id"] and h["run_id"]]
        error = None
        if status is TurnStatus.FAILED:
            error = {
                key: event.data.get(key)
                for key in ("code", "message", "action", "title")
                if event.data.get(key)
            }
        await self._ending.end(tx, row, status, error=error, assets=assets, cost=event.data.get("cost"))

    async def _tell(self, tx: Tx, turn: Any, type: str, data: dict[str, Any]) -> None:
        await self._events.append(tx, shapes.stream(turn["conversation_id"]), type, {**_about(turn), **data})


def _about(turn: Any) -> dict[str, Any]:
    return {**shapes.about(turn), "run_id": turn["run_id"]}


def _translated(event: Event) -> tuple[str, dict[str, Any]]:
    """A run that waits for a server is, to the person, queued with a reason. Nobody knows when that is back, so no time is
    promised; `until` says when it is given up."""
    if event.type == "run.waiting":
        return "run.queued", {"place": None, "until": None, **event.data, "eta_s": None}
    return event.type, event.data
