"""One planner for all sentences."""

from __future__ import annotations

import pytest

from agent.embedded.planner import EmbeddedPlanner
from tools.embedding import MiniLmEncoder

_PREPARED: dict[str, EmbeddedPlanner] = {}


@pytest.fixture
async def planner(encoder: MiniLmEncoder) -> EmbeddedPlanner:
    """The planner as it is served, prototypes embedded once."""
    if "real" not in _PREPARED:
        made = EmbeddedPlanner(encoder)
        await made.prepare()
        _PREPARED["real"] = made
    return _PREPARED["real"]
