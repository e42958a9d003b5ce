"""The first half of a turn: from the stored message to intent, reply, question or plan in the event stream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from agent import outcomes, shapes, standing, store
from agent.compose import compose, dear
from agent.context import Context
from agent.deeds import Deeds, Told
from agent.ending import Ending
from agent.errors import ModelBudgetSpent
from agent.model import Action, Control, Draft, Notice, Planned, PlanningRequest
from agent.planning import Planner
from agent.speech import Speech
from agent.states import TurnState, TurnStatus
from base.clock import Clock
from base.crypto import KeyStore
from base.db import Database, Tx
from base.errors import Problem
from base.events import EventLog
from base.ids import new_id
from base.log import get_logger
from base.settings import Limits
from executor.errors import NotAdmitted
from executor.model import Owner
from executor.protocols import Runs
from tools.model import Plan
from tools.protocols import Catalogue

log = get_logger(__name__)


class LeaseLost(Exception):
    """Another process took the turn over: what this one has is thrown away."""


class Understanding:
    """Plan a turn and write what came of it. `planners` are tried in order."""

    def __init__(
        self, db: Database, keys: KeyStore, events: EventLog, clock: Clock, context: Context, runs: Runs,
        catalogue: Catalogue, planners: Sequence[Planner], limits: Limits, ending: Ending, deeds: Deeds, owner: str,
    ) -> None:  # fmt: skip
        self._db, self._keys, self._events, self._clock = db, keys, events, clock
        self._context, self._runs, self._catalogue, self._planners = context, runs, catalogue, planners
        self._limits, self._ending, self._deeds, self._owner = limits, ending, deeds, owner

    async def understand(self, turn: Any) -> bool:
        """Carry the turn to its run or to its end. True when a run is to be watched."""
        async with self._db.write() as tx:
            await self._change(tx, turn, state=TurnState.PLANNING)
        started = self._clock.monotonic()
        request = await self._context.request(turn)
        speech = Speech(self._db, self._events, self._clock, turn)
        noted = _Noted()

        async def understood(planned: Planned) -> None:
            planned = await self._priced(turn, planned)
            noted.told, noted.run_id = await self._write(turn, planned, request, started, streamed=True)
            noted.done, noted.plan = True, planned.plan

        planned = await self._plan(request, understood, speech, noted)
        await speech.finish()
        if not noted.done:
            planned = await self._priced(turn, planned)
            noted.told, noted.run_id = await self._write(turn, planned, request, started, streamed=False)
        else:
            await self._keep_reply(turn, _with_told(replace(planned, plan=noted.plan), noted.told), request, started)
        await self._act(turn, planned.controls)
        if noted.run_id is None:
            await self._end(turn, _with_told(planned, noted.told))
        return noted.run_id is not None

    async def _plan(
        self, request: PlanningRequest, understood: Any, speech: Speech, noted: _Noted
    ) -> Planned:
        """The first planner that can. A later one says that it stands in, and why: nothing is swapped silently."""
        excuses: list[Notice] = []
        planners, request = standing.planners_for(request, self._planners), standing.as_said(request)
        for last, planner in ((p is planners[-1], p) for p in planners):
            try:
                planned = await planner.plan(request, self._check, understood, speech.say)
            except ModelBudgetSpent as problem:
                if not request.without_model:
                    return standing.out_of_budget(problem, request)
            except Problem as problem:
                if last or noted.done:
                    raise
                log.warning("planner_gave_up", planner=planner.name, code=problem.code)
                excuses.append(Notice(problem.code, f"{problem.detail} I planned this without it."))
            else:
                return standing.with_excuses(planned, excuses)
        raise AssertionError("an assembly gives at least one planner")

    def _check(self, draft: Draft, request: PlanningRequest) -> Plan:
        return compose(draft, request, self._catalogue, new_id())

    async def _write(
        self, turn: Any, planned: Planned, request: PlanningRequest, started: float, *, streamed: bool
    ) -> tuple[Told, str | None]:
        """Intent, reply, question or plan, and the run: all in one transaction, so that a takeover starts clean."""
        told = await self._deeds.carry_out(turn, planned.controls, request)
        try:
            return told, await self._record(turn, planned, request, started, told, streamed)
        except NotAdmitted as problem:
            log.info("turn_put_off", turn_id=turn["id"], code=problem.code)
            question = standing.put_off(problem, turn["id"], request.text)
            told = replace(told, question=question, put_off=True)
            return told, await self._record(turn, planned, request, started, told, streamed)

    async def _priced(self, turn: Any, planned: Planned) -> Planned:
        """No price is promised, and no yes asked, for what is there already."""
        if planned.plan is None:
            return planned
        owner = Owner(turn["account_id"], turn["tier"], shapes.scope(turn["conversation_id"]))
        return replace(planned, plan=await self._runs.priced(planned.plan, owner))

    async def _record(
        self, turn: Any, planned: Planned, request: PlanningRequest, started: float, told: Told, streamed: bool
    ) -> str | None:
        """The id of the run. Raises NotAdmitted, and then nothing of it is written."""
        planned = _with_told(planned, told)
        kept = outcomes.as_kept(planned, request, round((self._clock.monotonic() - started) * 1000))
        key = await self._keys.key(shapes.scope(turn["conversation_id"]))
        async with self._db.write() as tx:
            notices = [asdict(notice) for notice in planned.notices]
            data = {"intents": kept["intents"], "confidence": planned.confidence, "notices": notices}
            await self._tell(tx, turn, "intent", data)
            if said := (f"{told.words}\n\n" if told.words else "") if streamed else planned.reply:
                await self._tell(tx, turn, "reply.delta", {"text": said})
            if planned.clarification is not None:
                choices = [{"id": c.id, "label": c.label} for c in planned.clarification.choices]
                await self._tell(
                    tx, turn, "clarification", {"question": kept["question"], "choices": choices}
                )
            run_id = None if planned.plan is None else await self._start(tx, turn, planned.plan)
            state = self._state(planned, run_id)
            focus = next(
                (int(c.target[1:]) for c in planned.controls if c.action is Action.SELECT and c.target), None
            )
            await self._change(
                tx, turn, state=state, planned=key.seal(kept), run_id=run_id, planned_at=self._clock.now(), spoke=streamed,
                focus=focus,
            )  # fmt: skip
            if standing.goes_on_without(request):
                await store.change_conversation(tx, turn["conversation_id"], without_model=True)
            if planned.intents and planned.intents[0].on and planned.plan is not None:
                await self._note_refinement(tx, turn, planned.intents[0].on[0], request.text)
        return run_id

    async def _start(self, tx: Tx, turn: Any, plan: Plan) -> str:
        owner = Owner(turn["account_id"], turn["tier"], shapes.scope(turn["conversation_id"]))
        waits = dear(plan, self._limits)
        run_id = await self._runs.start(
            tx, plan, owner, origin=f"turn:{turn['id']}", correlation_id=turn["correlation_id"], waiting=waits
        )
        await self._tell(
            tx, turn, "plan", {"plan": plan.model_dump(mode="json", exclude_none=True), "run_id": run_id}
        )
        if waits:
            data = {
                "estimate": plan.estimate.model_dump(mode="json"),
                "expires_at": self._ending.expiry(turn),
                "run_id": run_id,
            }
            await self._tell(tx, turn, "run.awaiting_confirmation", data)
        return run_id

    def _state(self, planned: Planned, run_id: str | None) -> TurnState:
        if run_id is None:
            return TurnState.PLANNING  # ends in a moment, after its controls were carried out
        return (
            TurnState.AWAITING
            if planned.plan is not None and dear(planned.plan, self._limits)
            else TurnState.RUNNING
        )

    async def _keep_reply(
        self, turn: Any, planned: Planned, request: PlanningRequest, started: float
    ) -> None:
        """A streamed reply is whole only now."""
        kept = outcomes.as_kept(planned, request, round((self._clock.monotonic() - started) * 1000))
        key = await self._keys.key(shapes.scope(turn["conversation_id"]))
        async with self._db.write() as tx:
            await self._change(tx, turn, planned=key.seal(kept))

    async def _act(self, turn: Any, controls: Sequence[Control]) -> None:
        """Cancel and confirm reach runs of other turns, whose own watchers tell their ends."""
        for control in controls:
            try:
                if control.action is Action.CANCEL and control.target:
                    await self._runs.cancel(control.target, turn["account_id"])
                elif control.action is Action.CONFIRM and control.target:
                    await self._runs.confirm(control.target, turn["account_id"])
            except Problem as problem:
                log.info("control_came_late", action=control.action.value, code=problem.code)

    async def _end(self, turn: Any, planned: Planned) -> None:
        status = TurnStatus.ASKED if planned.clarification is not None else TurnStatus.ANSWERED
        async with self._db.write() as tx:
            row = await store.turn(tx, turn["id"])
            await self._ending.end(tx, row, status)

    async def _note_refinement(self, tx: Tx, turn: Any, handle: str, words: str) -> None:
        rows = await store.handles_of(tx, turn["conversation_id"])
        made_by = next(
            (row["turn_id"] for row in rows if f"A{row['number']}" == handle and row["run_id"]), None
        )
        if made_by is not None:
            key = await self._keys.key(shapes.scope(turn["conversation_id"]))
            await outcomes.note_refinement(tx, made_by, key, words)

    async def _tell(self, tx: Tx, turn: Any, type: str, data: dict[str, Any]) -> None:
        await self._events.append(
            tx, shapes.stream(turn["conversation_id"]), type, {**shapes.about(turn), **data}
        )

    async def _change(self, tx: Tx, turn: Any, **values: Any) -> None:
        if not await store.change_leased(tx, turn["id"], self._owner, **values):
            raise LeaseLost


class _Noted:
    """Whether a streaming planner's understanding is already in the stream, and the run that it started."""

    done = False
    run_id: str | None = None
    plan: Plan | None = None
    told: Told = Told()


def _with_told(planned: Planned, told: Told) -> Planned:
    """The answer with what came of its deeds before its own words."""
    words = "\n\n".join(part for part in (told.words, "" if told.put_off else planned.reply) if part)
    plan = None if told.put_off else planned.plan
    return replace(planned, reply=words, plan=plan, clarification=told.question or planned.clarification)
