"""Gather what a planner may know of a conversation: the effectful half of `agent.shown`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agent import shapes, store
from agent.model import Exchange, PlanningRequest, Shown
from agent.shown import shown_handles, still_rendering
from agent.states import TurnState
from base.crypto import DataKey, KeyStore
from base.db import Database
from executor.model import Asset
from executor.protocols import Assets, Pool, Runs
from tools.model import Plan
from tools.protocols import Catalogue

HISTORY = 6  # earlier turns a model is told about; the handle table is always whole
FOUND = 50
LINEAGE = 24  # how many inner steps may lie between two handles


class Context:
    """Builds planning requests."""

    def __init__(
        self, db: Database, keys: KeyStore, runs: Runs, assets: Assets, pool: Pool, catalogue: Catalogue,
        random: Callable[[], int],
    ) -> None:  # fmt: skip
        self._db, self._keys, self._runs, self._assets = db, keys, runs, assets
        self._pool, self._catalogue, self._random = pool, catalogue, random

    async def request(self, turn: Any) -> PlanningRequest:
        """What the planner is given for a turn. A retry sees what its first try saw, with new randomness."""
        key = await self._keys.key(shapes.scope(turn["conversation_id"]))
        message = key.open(turn["message"])
        async with self._db.read() as tx:
            handles = await store.handles_of(tx, turn["conversation_id"])
            turns = await store.turns_of(tx, turn["conversation_id"])
        moment = _moment(turn, turns)
        earlier = [row for row in turns if row["number"] < moment]
        before = {row["id"] for row in earlier}
        handles = [
            row for row in handles if row["number"] <= turn["handles_before"] or row["turn_id"] in before
        ]
        assets = await self._with_ancestors([row["asset_id"] for row in handles], turn["account_id"])
        shown = shown_handles(handles, assets)
        at_work = [row for row in earlier if row["run_id"] and row["state"] != TurnState.DONE]
        pending = await self._pending(at_work, handles, shown)
        names = {row["asset_id"]: f"A{row['number']}" for row in handles}
        attached = [names[a] for a in (message["reply_to"], *message["attachments"]) if a and a in names]
        capabilities = tuple(self._pool.capabilities())
        choice = message["choice"]
        text = (choice or {}).get("text") or message["text"]
        return PlanningRequest(
            text=text, shown=(*shown, *pending), attached=tuple(dict.fromkeys(attached)),
            focus=_focus(earlier, handles, shown, pending),
            running=tuple(row["run_id"] for row in at_work if row["state"] != TurnState.AWAITING),
            waiting=next((row["run_id"] for row in reversed(at_work) if row["state"] == TurnState.AWAITING), None),
            last_plan=_last_plan(earlier, key),
            history=_history(earlier[-HISTORY:], key, handles),
            found=tuple(await self._catalogue.search(text or "picture", capabilities, FOUND)),
            capabilities=capabilities, seed=self._random(), choice=choice,
        )  # fmt: skip

    async def _with_ancestors(self, asset_ids: list[str], account_id: str) -> dict[str, Asset]:
        """The assets and, through inner results that have no handle, everything they were made from."""
        known = await self._assets.many(asset_ids, account_id)
        for _ in range(LINEAGE):
            missing = {p.asset_id for a in known.values() for p in a.parents} - set(known)
            more = await self._assets.many(sorted(missing), account_id) if missing else {}
            if not more:
                break
            known |= more
        return known

    async def _pending(self, at_work: list[Any], handles: list[Any], shown: list[Shown]) -> list[Shown]:
        found: list[Shown] = []
        for row in at_work:
            run = await self._runs.get(row["run_id"], row["account_id"])
            made = [h["step_id"] for h in handles if h["run_id"] == row["run_id"]]
            found += still_rendering(run.plan, run.id, made, self._catalogue, [*shown, *found], row["id"])
        return found


def _moment(turn: Any, turns: list[Any]) -> int:
    """The number of the turn whose view is taken: a retry sees what stood before its first try, rendered by now."""
    numbers = {row["id"]: row for row in turns}
    while turn["retry_of"] in numbers:
        turn = numbers[turn["retry_of"]]
    return int(turn["number"])


def _focus(earlier: list[Any], handles: list[Any], shown: list[Shown], pending: list[Shown]) -> str | None:
    """What "it" means: what the person went back to, unless something newer came since."""
    newest = (pending or shown)[-1].ref if pending or shown else None
    brought = {row["turn_id"] for row in handles}
    for row in reversed(earlier):
        if row["focus"] is not None:
            return next((item.ref for item in shown if item.handle == f"A{row['focus']}"), newest)
        if row["id"] in brought or row["run_id"] is not None:
            return newest
    return newest


def _last_plan(earlier: list[Any], key: DataKey) -> Plan | None:
    """The newest plan. Only turns with a run have one, so nothing else is unsealed for it."""
    row = next((row for row in reversed(earlier) if row["run_id"] is not None), None)
    return None if row is None else Plan.model_validate(key.open(row["planned"])["plan"])


def _history(latest: list[Any], key: DataKey, handles: list[Any]) -> tuple[Exchange, ...]:
    exchanges = []
    for row in latest:
        made = tuple(f"A{h['number']}" for h in handles if h["turn_id"] == row["id"])
        reply = (key.open(row["planned"]) or {}).get("reply", "")
        exchanges.append(Exchange(key.open(row["message"])["text"], reply, made))
    return tuple(exchanges)
