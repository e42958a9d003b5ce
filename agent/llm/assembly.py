"""The language model's planner put together from the settings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from agent.llm.access import accesses
from agent.llm.gateway import LitellmGateway
from agent.llm.planner import LlmPlanner
from base.clock import Clock
from base.settings import Settings


@asynccontextmanager
async def open_llm_planner(
    settings: Settings, environment: Mapping[str, str], clock: Clock
) -> AsyncIterator[LlmPlanner]:
    """A planner for `settings.model` and its fallbacks. `environment` holds the providers' own key variables.

    Imports nothing slow; `prepare` does. Its connections are closed at the end.
    """
    access = accesses(settings, environment)
    gateway = LitellmGateway(access, clock, settings.model_timeout_s)
    try:
        yield LlmPlanner(gateway, tuple(access), clock)
    finally:
        await gateway.close()
