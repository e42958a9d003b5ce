"""What the planner needs of whoever can reach a language model."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Message:
    """Something said to a model."""

    role: str
    """`system`, `user` or `assistant`."""
    text: str = ""
    stable: str = ""
    """What precedes `text` and is the same bytes in many requests: a provider may be asked to cache up to its end."""

    @property
    def content(self) -> str:
        return self.stable + self.text


@dataclass(frozen=True)
class Tokens:
    """What one answer cost, as the provider counts."""

    prompt: int
    completion: int
    cached: int = 0
    """Those of `prompt` that a cache had."""


@dataclass(frozen=True)
class Price:
    """Dollars per token."""

    prompt: float
    completion: float
    cached: float

    def of(self, tokens: Tokens) -> float:
        fresh = max(0, tokens.prompt - tokens.cached)
        return fresh * self.prompt + tokens.cached * self.cached + tokens.completion * self.completion


class Gateway(Protocol):
    """Asks a model, by its litellm name."""

    async def warm(self) -> None:
        """Do the slow imports now, off the event loop."""
        ...

    def stream(self, model: str, messages: Sequence[Message]) -> AsyncGenerator[str | Tokens, None]:
        """Pieces of the answer's text as they come, then its tokens. Raises ModelProblem at any step.
        Close it (`contextlib.aclosing`) when you stop before its end: that ends the request."""
        ...

    def price(self, model: str) -> Price | None:
        """What its tokens cost; None where that is not known. Nothing slow, once `warm` is done."""
        ...

    async def close(self) -> None:
        """Give back the connections."""
        ...
