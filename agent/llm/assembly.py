"""The language model's planner put together from the settings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from agent.llm.access import accesses
from agent.llm.budget import Books, Budget, Spent
from agent.llm.gateway import LitellmGateway
from agent.llm.planner import LlmPlanner, Search
from base.clock import Clock
from base.settings import Limits, Settings


@asynccontextmanager
async def open_llm_planner(
    settings: Settings, environment: Mapping[str, str], clock: Clock, books: Books | None = None,
    tools: Search | None = None,
) -> AsyncIterator[LlmPlanner]:  # fmt: skip
    """A planner for `settings.model` and its fallbacks. `environment` holds the providers' own key variables, `books` keep
    what conversations have spent (in memory where none are given), `tools` searches the catalogue for what a model misses.

    Imports nothing slow; `prepare` does. Its connections are closed at the end.
    """
    access = accesses(settings, environment)
    gateway = LitellmGateway(access, clock, settings.model_timeout_s)
    try:
        yield LlmPlanner(gateway, tuple(access), clock, _budget(settings.limits), books, tools)
    finally:
        await gateway.close()


def _budget(limits: Limits) -> Budget:
    return Budget(
        turn=Spent(limits.model_turn_tokens, limits.model_turn_dollars),
        conversation=Spent(limits.model_conversation_tokens, limits.model_conversation_dollars),
    )
