"""The planner that asks a language model: ask, read while it comes, check, tell, speak; mend or ask another model."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from agent.errors import ModelBudgetSpent, ModelMisbehaved, ModelProblem, ModelUnreachable
from agent.llm import asking, budget, prompt
from agent.llm.budget import Books, Budget, MemoryBooks
from agent.llm.listening import Mouth, Wanted, Work, of_use
from agent.llm.parse import Reading, Unusable
from agent.llm.protocols import Gateway, Message
from agent.model import Notice, Planned, PlanningRequest
from agent.planning import Check, Speak, Understood
from base.clock import Clock
from base.errors import Problem
from base.log import get_logger
from tools.model import Capabilities
from tools.protocols import Found

log = get_logger(__name__)

MAX_REPAIRS = 2
FOUND = 8
"""How many tools a model gets for words of its own."""
SEARCH_CHARS = 120

#: Tools by words, best first: `tools.protocols.Catalogue.search`.
Search = Callable[[str, Sequence[Capabilities], int], Awaitable[Sequence[Found]]]


class LlmPlanner:
    """Implements agent.planning.Planner. `models` are litellm names, tried in order until one gives a plan."""

    name = "llm"

    def __init__(
        self, gateway: Gateway, models: Sequence[str], clock: Clock, limits: Budget | None = None,
        books: Books | None = None, tools: Search | None = None,
    ) -> None:  # fmt: skip
        self._gateway = gateway
        self._models = tuple(models)
        self._clock = clock
        self._limits = limits or Budget()
        self._books = books or MemoryBooks()
        self._tools = tools

    async def prepare(self) -> None:
        await self._gateway.warm()

    async def plan(self, request: PlanningRequest, check: Check, understood: Understood, speak: Speak) -> Planned:
        """Raises the ModelProblem of the last model; what was already told is never told again by another.

        ModelBudgetSpent is raised at once: to go on for other money, or without a model, is for the person to say.
        """
        if (finished := _clicked(request, check)) is not None:
            return finished
        work = Work(request, prompt.offered(request), check, understood, speak)
        problem: ModelProblem = ModelMisbehaved("No language model is named.")
        for model in self._models:
            work.model = model
            try:
                return await self._planned(work)
            except ModelProblem as failure:
                log.warning("model_failed", model=model, code=failure.code)
                if work.told is not None or isinstance(failure, ModelBudgetSpent):
                    raise
                work.failed.append(Notice(failure.code, f"{model}: {failure.title.lower()}"))
                problem = failure
        raise problem

    async def _planned(self, work: Work) -> Planned:
        """One model's plan, with at most two corrections."""
        dialogue = prompt.messages(work.request)
        started = self._clock.monotonic()
        repair = 0
        while repair <= MAX_REPAIRS:
            reading = Reading()
            try:
                planned = await self._listen(work, dialogue, reading)
            except Wanted as wanted:
                await self._search(work, wanted.words)
                dialogue = prompt.messages(work.request)
                continue
            except Unusable as unusable:
                log.info("answer_refused", model=work.model, reasons=len(unusable.reasons), repair=repair)
                dialogue = [*dialogue, *prompt.correction(reading.text, unusable.reasons)]
                repair += 1
                work.repairs += repair <= MAX_REPAIRS
                continue
            took = round((self._clock.monotonic() - started) * 1000)
            log.info("model_answered", model=work.model, repairs=repair, took_ms=took, read=work.read, wrote=work.wrote)
            return planned
        raise ModelMisbehaved

    async def _search(self, work: Work, words: str) -> None:
        """Offer what is found for the model's own words first, then what was offered."""
        work.searched = True
        found = [] if self._tools is None else await self._tools(words[:SEARCH_CHARS], work.request.capabilities, FOUND)
        merged = {one.tool.name: one for one in (*found, *work.request.found)}
        work.request = replace(work.request, found=tuple(merged.values()))
        work.tools = prompt.offered(work.request)

    async def _listen(self, work: Work, dialogue: Sequence[Message], reading: Reading) -> Planned:
        """Read one answer to its end. Raises Unusable, and ModelBudgetSpent before anything is asked."""
        conversation, price = work.request.conversation_id, self._gateway.price(work.model)
        coming = budget.expected(dialogue, price)
        budget.check(self._limits, work.spent, await self._books.spent(conversation), coming)
        mouth = Mouth(work)
        try:
            await mouth.listen(self._gateway.stream(work.model, dialogue), reading)
        except ModelUnreachable:
            if work.told is None:
                raise
            # The plan is checked and told: what is lost is the end of a sentence.
        finally:
            await self._books.add(conversation, work.account(dialogue, reading.text, price))
        if mouth.refused is not None:
            raise mouth.refused
        if work.told is None:
            await work.tell(of_use(reading))
        return await mouth.finish(reading.reply())


def _clicked(request: PlanningRequest, check: Check) -> Planned | None:
    """The plan of a button that carries its work. What cannot be done any more is left to a model to say."""
    meant = asking.clicked(request.choice, request)
    if meant is None:
        return None
    intents, draft = meant
    try:
        plan = check(draft, request)
    except Problem as problem:
        log.info("choice_came_late", code=problem.code)
        return None
    return Planned(intents, 1.0, reply=plan.summary, plan=plan, planner=LlmPlanner.name)
