"""What the planner needs of whoever can reach a language model."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol

#: `{"role": "system" | "user" | "assistant", "content": ...}`
Message = dict[str, str]


@dataclass(frozen=True)
class Tokens:
    """What one answer cost, as the provider counts."""

    prompt: int
    completion: int


class Gateway(Protocol):
    """Asks a model, by its litellm name."""

    async def warm(self) -> None:
        """Do the slow imports now, off the event loop."""
        ...

    def stream(self, model: str, messages: Sequence[Message]) -> AsyncGenerator[str | Tokens, None]:
        """Pieces of the answer's text as they come, then its tokens. Raises ModelProblem at any step.
        Close it (`contextlib.aclosing`) when you stop before its end: that ends the request."""
        ...

    async def close(self) -> None:
        """Give back the connections."""
        ...
