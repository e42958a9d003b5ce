"""A planner as a subject: a case becomes a planning request, its answer is reduced to what is scored."""

from __future__ import annotations

from collections.abc import Sequence

from agent.model import Planned, PlanningRequest, Shown
from agent.planning import Check, Planner, ignore_speech, ignore_understood
from base.errors import Problem
from evals.model import Answer, Case, ShownCase
from tools.model import Capabilities, Size
from tools.protocols import Catalogue

FOUND = 50  # as many as a conversation offers its planner
"""How many tools a planner is offered."""


class PlannerSubject:
    """Implements Subject."""

    def __init__(self, planner: Planner, catalogue: Catalogue, capabilities: Sequence[Capabilities], check: Check) -> None:
        self.name = planner.name
        self._planner, self._catalogue, self._check = planner, catalogue, check
        self._capabilities = tuple(capabilities)

    async def answer(self, case: Case) -> Answer:
        try:
            found = tuple(await self._catalogue.search(case.text, self._capabilities, FOUND))
            wanted = PlanningRequest(
                text=case.text,
                shown=tuple(map(_shown, case.shown)),
                attached=case.attached,
                focus=case.attached[0] if case.attached else case.shown[-1].handle if case.shown else None,
                running=case.running,
                found=found,
                capabilities=self._capabilities,
                seed=1,
            )
            return reduced(await self._planner.plan(wanted, self._check, ignore_understood, ignore_speech))
        except Problem as problem:
            return Answer(error=problem.code)


def reduced(planned: Planned) -> Answer:
    """The parts of an answer that are scored."""
    steps = planned.plan.steps if planned.plan else ()
    return Answer(
        kinds=tuple(intent.kind.value for intent in planned.intents),
        tools=tuple(step.tool for step in steps),
        on=tuple(dict.fromkeys(handle for intent in planned.intents for handle in intent.on)),
        params=tuple(step.params for step in steps),
        asks=planned.clarification is not None,
        actions=tuple(control.action.value for control in planned.controls),
        confidence=round(planned.confidence, 3),
    )


def _shown(case: ShownCase) -> Shown:
    return Shown(
        ref=case.handle, handle=case.handle, kind="image", origin=case.origin, size=Size(*case.size),
        asset_id=f"asset-{case.handle}", tool=case.tool, parents=case.parents, words=case.words,
        params={"prompt": case.words} if case.tool else {},
    )  # fmt: skip
