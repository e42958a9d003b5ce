"""One message at a model: what has come so far, what was told of it, what it cost."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from agent.llm import asking, budget
from agent.llm.budget import Spent
from agent.llm.drafting import drafted
from agent.llm.parse import Head, Reading, Unusable
from agent.llm.protocols import Message, Price, Tokens
from agent.model import Draft, Notice, Planned, PlanningRequest, Usage
from agent.planning import Check, Speak, Understood
from base.errors import Problem
from tools.model import Plan, Tool


class Wanted(Exception):
    """The model wants tools that it was not offered. Never leaves this package: it carries somebody's words."""

    def __init__(self, words: str) -> None:
        super().__init__("tools are wanted that were not offered")
        self.words = words


@dataclass
class Work:
    """One message being planned, whichever model is at it."""

    request: PlanningRequest
    tools: Mapping[str, Tool]
    check: Check
    understood: Understood
    speak: Speak
    model: str = ""
    failed: list[Notice] = field(default_factory=list)
    repairs: int = 0
    read: int = 0
    cached: int = 0
    wrote: int = 0
    spent: Spent = field(default_factory=Spent)
    """By all calls of this message."""
    counted: list[Tokens] = field(default_factory=list)
    """What the call at work says of itself."""
    told: Planned | None = None
    doubted: bool = False
    """The model planned, and we ask first: what it would say of its plan is not said."""

    searched: bool = False
    """Whether the model was given what it searched for; once is enough."""

    async def tell(self, head: Head) -> None:
        """Check what the answer means, and only then tell it. Raises Unusable, and Wanted for a tool that is not offered."""
        if head.search and not head.steps and not self.searched:
            raise Wanted(head.search)
        meant = drafted(head, self.request, self.tools)
        plan = None if meant.draft is None else self._checked(meant.draft)
        for offer in meant.offers:
            if offer.draft is not None:
                self._checked(offer.draft)
        question = asking.clarification(meant, self.request, self._passes)
        self.told = Planned(
            intents=meant.intents, confidence=meant.confidence, plan=None if question else plan, clarification=question,
            controls=meant.controls, planner="llm", usage=self.usage(), notices=tuple(self.failed),
        )  # fmt: skip
        self.doubted = question is not None and meant.question is None
        await self.understood(self.told)

    def usage(self) -> Usage:
        return Usage(self.model, self.read, self.wrote, self.repairs, self.cached, self.spent.dollars)

    def account(self, dialogue: Sequence[Message], answer: str, price: Price | None) -> Spent:
        """What the call that ended just now took. A server that does not count, or was cut off, is estimated."""
        counted, self.counted = self.counted, []
        if not counted and answer:
            prompt = sum(budget.estimated(message.content) for message in dialogue)
            counted = [Tokens(prompt, budget.estimated(answer))]
        taken = sum((budget.cost(tokens, price) for tokens in counted), Spent())
        self.read += sum(tokens.prompt for tokens in counted)
        self.cached += sum(tokens.cached for tokens in counted)
        self.wrote += sum(tokens.completion for tokens in counted)
        self.spent += taken
        return taken

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


class Mouth:
    """Speaks a reply as it grows, once the plan has been told."""

    def __init__(self, work: Work) -> None:
        self.refused: Unusable | Wanted | None = None
        self._work = work
        self._spoken = ""

    async def listen(self, stream: AsyncGenerator[str | Tokens, None], reading: Reading) -> None:
        """Take in a whole answer, and close its stream."""
        async with aclosing(stream):
            async for piece in stream:
                if isinstance(piece, Tokens):
                    self._work.counted.append(piece)
                    continue
                reading.add(piece)
                await self._follow(reading)

    async def finish(self, reply: str) -> Planned:
        """Say what is left, and which model this was if it was not the first. Returns the whole."""
        told = self._work.told
        assert told is not None
        await self._say(reply)
        if not self._spoken.strip():
            await self._say(self._spoken + _instead(told))
        if self._work.failed:
            failed = "; ".join(notice.message for notice in self._work.failed)
            await self._say(f"{self._spoken}\n\n({self._work.model} answered this; {failed}.)".lstrip(), even_doubted=True)
        return replace(told, reply=self._spoken, usage=self._work.usage())

    async def _follow(self, reading: Reading) -> None:
        """After a refusal the rest is only read, because the correction quotes it."""
        if self.refused is not None:
            return
        if self._work.told is None and (head := self._head(reading)) is not None:
            await self._tell(head)
        if self._work.told is not None:
            await self._say(reading.reply())

    def _head(self, reading: Reading) -> Head | None:
        try:
            return reading.head()
        except Unusable as unusable:
            self.refused = unusable
            return None

    async def _tell(self, head: Head) -> None:
        try:
            await self._work.tell(head)
        except (Unusable, Wanted) as reason:
            self.refused = reason

    async def _say(self, reply: str, *, even_doubted: bool = False) -> None:
        if self._work.doubted and not even_doubted:
            return
        if reply.startswith(self._spoken) and len(reply) > len(self._spoken):
            piece, self._spoken = reply[len(self._spoken) :], reply
            await self._work.speak(piece)


def of_use(reading: Reading) -> Head:
    """The parts of a whole answer. Raises Unusable, also for one that neither does nor says anything."""
    head = reading.whole()
    if not (head.search or head.steps or head.clarification or head.controls or reading.reply().strip()):
        raise Unusable(["The reply is empty, and nothing else is answered."])
    return head


def _instead(told: Planned) -> str:
    """For a model that planned and said nothing. A question is told as a question."""
    return "" if told.plan is None else told.plan.summary
