"""Gather what a planner may know of a conversation: the effectful half of `agent.shown`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agent import memory, shapes, store
from agent.loras import preferred
from agent.model import Exchange, PlanningRequest, Shown
from agent.offering import carried
from agent.owned import as_offered, own_tools
from agent.shown import shown_handles, still_rendering
from agent.states import TurnState, TurnStatus
from base.crypto import DataKey, Envelope, KeyStore
from base.db import Database
from executor.model import Asset
from executor.protocols import Assets, Pool, Runs
from tools.errors import ToolNotFound
from tools.loras.shelf import LoraShelf
from tools.model import Plan
from tools.protocols import Catalogue

HISTORY = 6  # earlier turns told word for word; what was before them is told from memory, the handle table always whole
LINEAGE = 24  # how many inner steps may lie between two handles


@dataclass(frozen=True)
class _Past:
    """Rows of a conversation as they were before a turn."""

    handles: list[Any]
    """With `turn_number`."""
    latest: list[Any]
    """The newest turns, in order."""
    at_work: list[Any]
    newest_run: Any | None
    newest_focus: Any | None
    memory: Envelope | None
    without_model: bool
    tried: Any | None
    """The turn that this one tries again."""


class Context:
    """Builds planning requests."""

    def __init__(
        self, db: Database, keys: KeyStore, runs: Runs, assets: Assets, pool: Pool, catalogue: Catalogue,
        loras: LoraShelf, random: Callable[[], int],
    ) -> None:  # fmt: skip
        self._db, self._keys, self._runs, self._assets = db, keys, runs, assets
        self._pool, self._catalogue, self._loras, self._random = pool, catalogue, loras, random

    async def request(self, turn: Any) -> PlanningRequest:
        """What the planner is given for a turn. A retry sees what its first try saw, with new randomness."""
        key = await self._keys.key(shapes.scope(turn["conversation_id"]))
        message = key.open(turn["message"])
        past = await self._past(turn)
        assets = await self._with_ancestors([row["asset_id"] for row in past.handles], turn["account_id"])
        own = await own_tools(self._catalogue, turn["account_id"])
        shown = as_offered(shown_handles(past.handles, assets), own)
        pending = as_offered(await self._pending(past.at_work, past.handles, shown), own)
        names = {row["asset_id"]: f"A{row['number']}" for row in past.handles}
        attached = [names[a] for a in (message["reply_to"], *message["attachments"]) if a and a in names]
        capabilities = tuple(self._pool.capabilities())
        choice = message["choice"]
        text = (choice or {}).get("text") or message["text"]
        loras = await self._loras.of(turn["account_id"])
        makers = _makers(shown, past.newest_run, key)
        found = await carried(self._catalogue, text, capabilities, makers, turn["account_id"], own)
        waiting = [row["run_id"] for row in past.at_work if row["state"] == TurnState.AWAITING]
        return PlanningRequest(
            text=text, shown=(*shown, *pending), attached=tuple(dict.fromkeys(attached)),
            focus=_focus(past, shown, pending),
            running=tuple(row["run_id"] for row in past.at_work if row["state"] != TurnState.AWAITING),
            waiting=waiting[-1] if waiting else None,
            last_plan=None if past.newest_run is None else Plan.model_validate(key.open(past.newest_run["planned"])["plan"]),
            history=_history(past, key),
            memory=memory.told(key.open(past.memory) or [], past.latest[0]["number"] if past.latest else 0),
            found=preferred(found, text, loras, capabilities), own=own, capabilities=capabilities, loras=loras,
            timings=self._pool.timings(),
            seed=self._random(), again=turn["retry_of"] is not None, choice=choice, resumed=_unfinished(past.tried, key),
            conversation_id=turn["conversation_id"], without_model=past.without_model,
        )  # fmt: skip

    async def _past(self, turn: Any) -> _Past:
        """Rows of what was before the turn, or before its first try: as many however long the conversation is, but for
        the handles."""
        conversation_id = turn["conversation_id"]
        async with self._db.read() as tx:
            first = turn
            tried = None if turn["retry_of"] is None else await store.turn(tx, turn["retry_of"])
            while first["retry_of"] is not None and (earlier := await store.turn(tx, first["retry_of"])) is not None:
                first = earlier
            number = first["number"]
            kept = await store.remembered(tx, conversation_id)
            return _Past(
                handles=await store.handles_at(tx, conversation_id, number, turn["handles_before"]),
                latest=await store.turns_before(tx, conversation_id, number, HISTORY),
                at_work=[row for row in await store.turns_at_work(tx, conversation_id) if row["number"] < number],
                newest_run=await store.newest_turn(tx, conversation_id, number, with_run=True),
                newest_focus=await store.newest_turn(tx, conversation_id, number),
                memory=None if kept is None else kept["memory"],
                without_model=kept is not None and bool(kept["without_model"]), tried=tried,
            )

    async def _all_there(self, plan: Plan) -> bool:
        """Whether every tool of an accepted plan is known here; a workflow of a person's own may be deleted meanwhile."""
        try:
            for step in plan.steps:
                await self._catalogue.fetch(step.tool)
        except ToolNotFound:
            return False
        return True

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
            if not await self._all_there(run.plan):
                continue
            made = [h["step_id"] for h in handles if h["run_id"] == row["run_id"]]
            found += still_rendering(run.plan, run.id, made, self._catalogue, [*shown, *found])
        return found


def _unfinished(tried: Any | None, key: DataKey) -> Plan | None:
    """The plan of a turn that was begun and did not come to its results."""
    if tried is None or tried["status"] not in (TurnStatus.FAILED, TurnStatus.CANCELLED):
        return None
    plan = (key.open(tried["planned"]) or {}).get("plan")
    return None if plan is None else Plan.model_validate(plan)


def _makers(shown: list[Shown], newest_run: Any | None, key: DataKey) -> set[str]:
    """The tools that made what is there: "again" and "the same but at night" need them, whatever their words say."""
    steps = [] if newest_run is None else key.open(newest_run["planned"])["plan"]["steps"]
    return {item.tool for item in shown if item.tool} | {step["tool"] for step in steps}


def _focus(past: _Past, shown: list[Shown], pending: list[Shown]) -> str | None:
    """What "it" means: what the person went back to, unless something newer came since."""
    newest = (pending or shown)[-1].ref if pending or shown else None
    chosen = past.newest_focus
    if chosen is None:
        return newest
    brought = [row["turn_number"] or 0 for row in past.handles]
    last = max([*brought, 0 if past.newest_run is None else past.newest_run["number"]], default=0)
    if last > chosen["number"]:
        return newest
    return next((item.ref for item in shown if item.handle == f"A{chosen['focus']}"), newest)


def _history(past: _Past, key: DataKey) -> tuple[Exchange, ...]:
    exchanges = []
    for row in past.latest:
        made = tuple(f"A{h['number']}" for h in past.handles if h["turn_id"] == row["id"])
        planned = key.open(row["planned"]) or {}
        said = planned.get("reply") or planned.get("question") or ""
        message = key.open(row["message"])
        text = (message["choice"] or {}).get("text") or message["text"]
        exchanges.append(Exchange(text, said, made, asked=bool(planned.get("question"))))
    return tuple(exchanges)
