"""The planner that asks a language model: ask, read while it comes, check, tell, speak; mend or ask another model."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from agent.errors import ModelMisbehaved, ModelProblem, ModelUnreachable
from agent.llm import asking, prompt
from agent.llm.drafting import drafted
from agent.llm.parse import Head, Reading, Unusable
from agent.llm.protocols import Gateway, Message, Tokens
from agent.model import Draft, Planned, PlanningRequest, Usage
from agent.planning import Check, Speak, Understood
from base.clock import Clock
from base.errors import Problem
from base.log import get_logger
from tools.model import Plan, Tool

log = get_logger(__name__)

MAX_REPAIRS = 2


class LlmPlanner:
    """Implements agent.planning.Planner. `models` are litellm names, tried in order until one gives a plan."""

    name = "llm"

    def __init__(self, gateway: Gateway, models: Sequence[str], clock: Clock) -> None:
        self._gateway = gateway
        self._models = tuple(models)
        self._clock = clock

    async def prepare(self) -> None:
        await self._gateway.warm()

    async def plan(self, request: PlanningRequest, check: Check, understood: Understood, speak: Speak) -> Planned:
        """Raises the ModelProblem of the last model; what was already told is never told again by another."""
        work = _Work(request, prompt.offered(request), check, understood, speak)
        problem: ModelProblem = ModelMisbehaved("No language model is named.")
        for model in self._models:
            work.model = model
            try:
                return await self._planned(work)
            except ModelProblem as failure:
                log.warning("model_failed", model=model, code=failure.code)
                if work.told is not None:
                    raise
                work.failed.append(f"{model}: {failure.title.lower()}")
                problem = failure
        raise problem

    async def _planned(self, work: _Work) -> Planned:
        """One model's plan, with at most two corrections."""
        dialogue = prompt.messages(work.request)
        started = self._clock.monotonic()
        for repair in range(MAX_REPAIRS + 1):
            work.repairs += repair > 0
            reading = Reading()
            try:
                planned = await self._listen(work, dialogue, reading)
            except Unusable as unusable:
                log.info("answer_refused", model=work.model, reasons=len(unusable.reasons), repair=repair)
                dialogue = [*dialogue, *prompt.correction(reading.text, unusable.reasons)]
                continue
            took = round((self._clock.monotonic() - started) * 1000)
            log.info("model_answered", model=work.model, repairs=repair, took_ms=took, read=work.read, wrote=work.wrote)
            return planned
        raise ModelMisbehaved

    async def _listen(self, work: _Work, dialogue: Sequence[Message], reading: Reading) -> Planned:
        """Read one answer to its end. Raises Unusable."""
        mouth = _Mouth(work)
        stream = self._gateway.stream(work.model, dialogue)
        try:
            await _read(stream, reading, mouth, work)
        except ModelUnreachable:
            if work.told is None:
                raise
            # The plan is checked and told: what is lost is the end of a sentence.
        if mouth.refused is not None:
            raise mouth.refused
        if work.told is None:
            await work.tell(_of_use(reading))
        return await mouth.finish(reading.reply())


@dataclass
class _Work:
    """One message being planned, whichever model is at it."""

    request: PlanningRequest
    tools: Mapping[str, Tool]
    check: Check
    understood: Understood
    speak: Speak
    model: str = ""
    failed: list[str] = field(default_factory=list)
    repairs: int = 0
    read: int = 0
    wrote: int = 0
    told: Planned | None = None
    doubted: bool = False
    """The model planned, and we ask first: what it would say of its plan is not said."""

    async def tell(self, head: Head) -> None:
        """Check what the answer means, and only then tell it. Raises Unusable."""
        meant = drafted(head, self.request, self.tools)
        plan = None if meant.draft is None else self._checked(meant.draft)
        for offer in meant.offers:
            if offer.draft is not None:
                self._checked(offer.draft)
        question = asking.clarification(meant, self.request, self._passes)
        self.told = Planned(
            intents=meant.intents, confidence=meant.confidence, plan=None if question else plan, clarification=question,
            controls=meant.controls, planner=LlmPlanner.name, usage=self.usage(),
        )  # fmt: skip
        self.doubted = question is not None and meant.question is None
        await self.understood(self.told)

    def usage(self) -> Usage:
        return Usage(self.model, self.read, self.wrote, self.repairs)

    def _checked(self, draft: Draft) -> Plan:
        try:
            return self.check(draft, self.request)
        except Problem as problem:
            raise Unusable([problem.detail]) from None

    def _passes(self, draft: Draft) -> bool:
        try:
            self.check(draft, self.request)
        except Problem:
            return False
        return True


class _Mouth:
    """Speaks a reply as it grows, once the plan has been told."""

    def __init__(self, work: _Work) -> None:
        self.refused: Unusable | None = None
        self._work = work
        self._spoken = ""

    async def follow(self, reading: Reading) -> None:
        """Take in what has come. After a refusal the rest is only read, because the correction quotes it."""
        if self.refused is not None:
            return
        if self._work.told is None and (head := self._head(reading)) is not None:
            await self._tell(head)
        if self._work.told is not None:
            await self._say(reading.reply())

    async def finish(self, reply: str) -> Planned:
        """Say what is left, and which model this was if it was not the first. Returns the whole."""
        told = self._work.told
        assert told is not None
        await self._say(reply)
        if not self._spoken.strip():
            await self._say(self._spoken + _instead(told))
        if self._work.failed:
            await self._say(f"{self._spoken}\n\n({self._work.model} answered this; {'; '.join(self._work.failed)}.)")
        return replace(told, reply=self._spoken, usage=self._work.usage())

    def _head(self, reading: Reading) -> Head | None:
        try:
            return reading.head()
        except Unusable as unusable:
            self.refused = unusable
            return None

    async def _tell(self, head: Head) -> None:
        try:
            await self._work.tell(head)
        except Unusable as unusable:
            self.refused = unusable

    async def _say(self, reply: str) -> None:
        if self._work.doubted:
            return
        if reply.startswith(self._spoken) and len(reply) > len(self._spoken):
            piece, self._spoken = reply[len(self._spoken) :], reply
            await self._work.speak(piece)


async def _read(stream: AsyncGenerator[str | Tokens, None], reading: Reading, mouth: _Mouth, work: _Work) -> None:
    async with aclosing(stream):
        async for piece in stream:
            if isinstance(piece, Tokens):
                work.read += piece.prompt
                work.wrote += piece.completion
                continue
            reading.add(piece)
            await mouth.follow(reading)


def _of_use(reading: Reading) -> Head:
    """The parts of a whole answer. Raises Unusable, also for one that neither does nor says anything."""
    head = reading.whole()
    if not (head.steps or head.clarification or head.controls or reading.reply().strip()):
        raise Unusable(["The reply is empty, and nothing else is answered."])
    return head


def _instead(told: Planned) -> str:
    """For a model that planned and said nothing. A question is told as a question."""
    return "" if told.plan is None else told.plan.summary
