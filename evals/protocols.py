"""What is measured."""

from __future__ import annotations

from typing import Protocol

from evals.model import Answer, Case


class Subject(Protocol):
    """Somebody who answers cases."""

    name: str

    async def answer(self, case: Case) -> Answer: ...
