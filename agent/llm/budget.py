"""What a language model may cost: per turn and per conversation, in tokens and in money. Pure, but for the books."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Protocol

from agent.errors import ModelBudgetSpent
from agent.llm.protocols import Message, Price, Tokens

ANSWER_TOKENS = 500
"""What an answer is expected to take, before it is there."""
PER_LETTER, PER_SIGN = 1 / 3, 1.5
"""Tokens of an ASCII letter and of any other: what is expected is rather too much than too little."""
SETTING = "STATIONTHIS_LIMITS__MODEL_"


@dataclass(frozen=True)
class Spent:
    """Tokens, and dollars as far as prices are known."""

    tokens: int = 0
    dollars: float = 0.0

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.tokens + other.tokens, self.dollars + other.dollars)


@dataclass(frozen=True)
class Budget:
    """The limits; the defaults are those of the settings."""

    turn: Spent = Spent(60_000, 0.5)
    conversation: Spent = Spent(1_000_000, 5.0)


class Books(Protocol):
    """Keeps what each conversation has spent."""

    async def spent(self, conversation_id: str) -> Spent: ...

    async def add(self, conversation_id: str, spent: Spent) -> None: ...


@dataclass
class MemoryBooks:
    """Books for whatever plans without a conversation that lasts."""

    by_conversation: dict[str, Spent] = field(default_factory=dict)

    async def spent(self, conversation_id: str) -> Spent:
        return self.by_conversation.get(conversation_id, Spent())

    async def add(self, conversation_id: str, spent: Spent) -> None:
        if conversation_id:
            self.by_conversation[conversation_id] = await self.spent(conversation_id) + spent


def expected(dialogue: Sequence[Message], price: Price | None) -> Spent:
    """What the next call will take, rather too much."""
    return cost(Tokens(sum(estimated(message.content) for message in dialogue), ANSWER_TOKENS), price)


def estimated(text: str) -> int:
    """Tokens of a text, where nobody has counted them."""
    signs = sum(not letter.isascii() for letter in text)
    return ceil((len(text) - signs) * PER_LETTER + signs * PER_SIGN)


def cost(tokens: Tokens, price: Price | None) -> Spent:
    """What an answer took; a model without a known price is counted in tokens alone."""
    return Spent(tokens.prompt + tokens.completion, 0.0 if price is None else price.of(tokens))


def check(budget: Budget, turn: Spent, conversation: Spent, coming: Spent) -> None:
    """Raise ModelBudgetSpent where the coming call does not fit, saying what was used and what can be done."""
    for words, name, used, limit in (
        ("This message", "TURN", turn, budget.turn),
        ("This conversation", "CONVERSATION", conversation, budget.conversation),
    ):
        if used.tokens + coming.tokens > limit.tokens:
            raise _spent(words, f"{used.tokens:,} of {limit.tokens:,} tokens", f"{name}_TOKENS", used)
        if used.dollars + coming.dollars > limit.dollars:
            raise _spent(words, f"${used.dollars:.2f} of ${limit.dollars:.2f}", f"{name}_DOLLARS", used)


_INSTEAD: Mapping[bool, str] = {True: "Start a new conversation", False: "Say it in a simpler way"}


def _spent(words: str, figures: str, name: str, used: Spent) -> ModelBudgetSpent:
    instead = _INSTEAD[name.startswith("CONVERSATION")]
    return ModelBudgetSpent(
        f"{words} has used {figures} that it may spend on the language model, and the next step would go beyond that.",
        action=f"{instead}, go on without the language model, or raise {SETTING}{name}.",
        scope="conversation" if name.startswith("CONVERSATION") else "message",
        tokens=used.tokens, dollars=round(used.dollars, 4),
    )  # fmt: skip
