"""What a planner is: one Protocol, two implementations (`agent.embedded`, `agent.llm`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from agent.model import Draft, Planned, PlanningRequest
from tools.model import Plan

#: Checks a draft against tools, media, parameters and what the pool can run. Raises Problem with the reason.
Check = Callable[[Draft, PlanningRequest], Plan]
#: Streams reply text to the person. A planner that has all its words at once never calls it.
Speak = Callable[[str], Awaitable[None]]
#: Tells the turn what was understood, before a reply streams. Called at most once, after the plan passed the checks.
Understood = Callable[[Planned], Awaitable[None]]


class Planner(Protocol):
    """From words to a plan, a question or an answer."""

    name: str

    async def prepare(self) -> None:
        """Load what is slow to load, before the first message."""
        ...

    async def plan(
        self, request: PlanningRequest, check: Check, understood: Understood, speak: Speak
    ) -> Planned:
        """Raises Problem when it cannot (PlannerFailed, ModelProblem).

        A planner that streams calls `understood` with what it has (intents, checked plan, clarification, controls), then
        `speak` with pieces of the reply, and returns the whole with the full reply. One that does not stream just returns.
        """
        ...


async def ignore_understood(_planned: Planned) -> None:
    """For callers that only want the result."""


async def ignore_speech(_text: str) -> None:
    """For callers that only want the result."""
