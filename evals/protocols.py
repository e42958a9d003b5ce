"""What is measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from evals.model import Answer, Case, CaseTurn
from evals.stage import Stage
from tools.model import Tool


class Subject(Protocol):
    """Somebody who answers messages."""

    name: str
    tools: Mapping[str, Tool]

    async def answer(self, case: Case, turn: CaseTurn, stage: Stage) -> Answer:
        """What it makes of a message that has arrived on this stage. Never raises: an error is an answer too."""
        ...


class Darkroom(Protocol):
    """Somebody who runs plans and looks at what comes."""

    async def develop(self, case: Case, stage: Stage, answer: Answer) -> Answer:
        """The answer with the facts of its pictures, or with the error of its run."""
        ...
