"""A scripted model, and a planner that reaches it through the real litellm."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from agent.llm.access import Access
from agent.llm.gateway import LitellmGateway
from agent.llm.planner import LlmPlanner
from agent.testing import ScriptedModel
from base.testing import ManualClock
from tests.agent.llm.builders import Listener

MODEL, SPARE = "openai/test", "openai/spare"
SILENCE_S = 20.0
"""Long enough for a busy machine; tests of silence take a gateway with less."""

Gateways = Callable[..., LitellmGateway]


@pytest.fixture
async def scripted() -> AsyncIterator[ScriptedModel]:
    async with ScriptedModel() as model:
        yield model


@pytest.fixture
async def gateways(scripted: ScriptedModel, clock: ManualClock) -> AsyncIterator[Gateways]:
    """Makes gateways to the scripted model, and closes them."""
    made: list[LitellmGateway] = []

    def make(silence_s: float = SILENCE_S, url: str | None = None) -> LitellmGateway:
        access = Access(url or scripted.url, "sk-scripted-0000")
        made.append(LitellmGateway({MODEL: access, SPARE: access}, clock, silence_s))
        return made[-1]

    yield make
    for gateway in made:
        await gateway.close()


@pytest.fixture
def gateway(gateways: Gateways) -> LitellmGateway:
    return gateways()


@pytest.fixture
def planner(gateway: LitellmGateway, clock: ManualClock) -> LlmPlanner:
    return LlmPlanner(gateway, (MODEL,), clock)


@pytest.fixture
def listener() -> Listener:
    return Listener()
