"""A planner as a subject: a message becomes a planning request, what it says is kept whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agent.model import Draft, Planned, PlanningRequest
from agent.offering import carried
from agent.planning import Check, Planner, ignore_speech, ignore_understood
from base.clock import Clock
from base.errors import Problem
from evals import pools
from evals.model import Answer, Case, CaseTurn, ChoiceAnswer, ControlAnswer, IntentAnswer, Spent, Took
from evals.stage import Stage, request, text_of
from tools.model import Availability, Capabilities, Plan, Tool
from tools.protocols import Catalogue, Found

TOLD = 8
"""How many of them a language model is told about."""
TOKEN = 4
"""Characters of a token, about."""


class PlannerSubject:
    """Implements Subject. `checks` makes the checks of a plan from a catalogue."""

    def __init__(
        self, planner: Planner, catalogue: Catalogue, capabilities: Sequence[Capabilities],
        checks: Callable[[Catalogue], Check], clock: Clock,
    ) -> None:  # fmt: skip
        self.name = planner.name
        self._planner, self._catalogue, self._checks, self._clock = planner, catalogue, checks, clock
        self.tools: Mapping[str, Tool] = {tool.name: tool for tool in catalogue.all()}
        self._pools = {name: pools.pool(name, catalogue.all(), capabilities) for name in pools.NAMES}
        self._whole = sum(_tokens(tool) for tool in self.tools.values())

    def able(self, case: Case) -> frozenset[str]:
        """The tools that can run in that case."""
        tools, has = self._catalogue.all(), self._catalogue.availability
        return frozenset(tool.name for tool in tools if has(tool, self._pools[case.pool]).available)

    async def answer(self, case: Case, turn: CaseTurn, stage: Stage) -> Answer:
        begun = self._clock.monotonic()
        catalogue = Patched(self._catalogue, case.tools_patch) if case.tools_patch else self._catalogue
        capabilities = self._pools[case.pool]
        makers = {item.tool for item in stage.shown() if item.tool}
        found = await carried(catalogue, text_of(stage, turn), capabilities, makers)
        searched = self._clock.monotonic()
        watch = _Watch(self._checks(catalogue), self._clock)
        base = Answer(
            found=tuple(item.tool.name for item in found), tokens_catalogue=self._whole,
            tokens_offered=sum(_tokens(item.tool) for item in found[:TOLD]),
        )  # fmt: skip
        try:
            wanted = request(stage, turn, found, capabilities)
            planned = await self._planner.plan(wanted, watch.check, ignore_understood, ignore_speech)
        except Problem as problem:
            said: dict[str, Any] = {"error": problem.code, "detail": problem.detail}
        except Exception as crash:  # noqa: BLE001  a crash of the planner is a wrong answer, not the end of a run
            said = {"error": f"crash {type(crash).__name__}", "detail": f"{crash}"[:300]}
        else:
            said = kept(planned)
        ended = self._clock.monotonic()
        took = _took(begun, searched, watch.drafted or ended, ended)
        return base.model_copy(update={**said, "took": took})


class Patched:
    """A catalogue in which some tools read otherwise: what somebody hostile may have written."""

    def __init__(self, catalogue: Catalogue, patch: Mapping[str, Mapping[str, Any]]) -> None:
        self._catalogue = catalogue
        self._tools = {name: catalogue.get(name).model_copy(update=dict(change)) for name, change in patch.items()}

    def get(self, name: str) -> Tool:
        return self._tools.get(name) or self._catalogue.get(name)

    def all(self) -> tuple[Tool, ...]:
        return tuple(self._tools.get(tool.name, tool) for tool in self._catalogue.all())

    def names(self) -> tuple[str, ...]:
        return self._catalogue.names()

    async def fetch(self, name: str, account_id: str | None = None) -> Tool:
        return self._tools.get(name) or await self._catalogue.fetch(name, account_id)

    async def own(self, account_id: str) -> tuple[Tool, ...]:
        return await self._catalogue.own(account_id)

    async def search(
        self, query: str, capabilities: Sequence[Capabilities], limit: int, account_id: str | None = None
    ) -> list[Found]:
        found = await self._catalogue.search(query, capabilities, limit, account_id)
        return [Found(self._tools.get(f.tool.name, f.tool), f.score, f.availability) for f in found]

    def availability(self, tool: Tool, capabilities: Sequence[Capabilities]) -> Availability:
        return self._catalogue.availability(tool, capabilities)

    def warm(self) -> bool:
        return self._catalogue.warm()


class _Watch:
    """Notes when the first draft was ready: from here on it is checked, no longer understood."""

    def __init__(self, check: Check, clock: Clock) -> None:
        self._check, self._clock = check, clock
        self.drafted: float | None = None

    def check(self, draft: Draft, wanted: PlanningRequest) -> Plan:
        self.drafted = self.drafted or self._clock.monotonic()
        return self._check(draft, wanted)


def kept(planned: Planned) -> dict[str, Any]:
    """The fields of an Answer that a planner's answer fills."""
    question, usage = planned.clarification, planned.usage
    return {
        "intents": tuple(
            IntentAnswer(kind=i.kind.value, summary=i.summary, on=i.on, constraints=i.constraints) for i in planned.intents
        ),
        "confidence": round(planned.confidence, 3),
        "reply": planned.reply,
        "question": None if question is None else question.question,
        "choices": tuple(ChoiceAnswer(label=c.label, then=c.then) for c in (question.choices if question else ())),
        "controls": tuple(ControlAnswer(action=c.action, target=c.target, title=c.title) for c in planned.controls),
        "plan": planned.plan,
        "spent": Spent(
            model=usage.model, prompt_tokens=usage.prompt_tokens, cached_tokens=usage.cached_tokens,
            completion_tokens=usage.completion_tokens, repairs=usage.repairs, dollars=usage.dollars,
        ),
    }  # fmt: skip


def _took(begun: float, searched: float, drafted: float, ended: float) -> Took:
    search, understand, plan = (round(1000 * (moment - begun), 2) for moment in (searched, drafted, ended))
    return Took(search=search, understand=understand, plan=plan)


def _tokens(tool: Tool) -> int:
    """What a model would read about a tool: name, description, ports and parameters."""
    told = tool.model_dump(mode="json", include={"name", "description", "inputs", "outputs", "params"}, exclude_defaults=True)
    return len(json.dumps(told, separators=(",", ":"))) // TOKEN
