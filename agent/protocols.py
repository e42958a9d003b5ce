"""What the surfaces (web, bots, terminal) may ask of the agent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from accounts.service import Accounts, Idempotency
from agent.commissions import Commissions
from agent.spellbook import Spellbook
from base.clock import Clock
from base.db import Also, Database, nothing_more
from base.settings import Secrets, Settings
from executor.protocols import Assets, Operations, Pool, Runs
from executor.service import DeadLetters
from tools.loras.shelf import LoraShelf
from tools.protocols import Catalogue
from tools.registry.service import Registrations
from tools.rules import anything_known
from tools.shelf.service import Shelf
from tools.workflows.service import Workflows


@dataclass(frozen=True)
class Message:
    """What a person sends. Text may be empty only with an attachment or a choice."""

    text: str
    attachments: tuple[str, ...] = ()
    reply_to: str | None = None
    choice: str | None = None


class Conversations(Protocol):
    """Conversations and turns of one account at a time: somebody else's are ConversationNotFound / TurnNotFound (404).

    The dicts returned are the shapes of CONTRACTS.
    """

    async def create(self, account_id: str, tier: str = "standard") -> dict[str, Any]: ...

    async def page(
        self, account_id: str, after: str | None, limit: int
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Newest first, pinned ones before; without `turns`."""
        ...

    async def get(self, conversation_id: str, account_id: str) -> dict[str, Any]: ...

    async def change(self, conversation_id: str, account_id: str, *, title: str | None = None,
                     pinned: bool | None = None) -> dict[str, Any]: ...  # fmt: skip

    async def delete(self, conversation_id: str, account_id: str) -> None: ...

    async def send(
        self, conversation_id: str, account_id: str, message: Message, correlation_id: str, also: Also = nothing_more
    ) -> str:
        """Store the message as a turn before anything else happens; returns the turn id, which `also` hears in the
        transaction that stores it.
        Raises TextTooLong, EmptyMessage, AssetNotFound, UnknownChoice."""
        ...

    async def retry(self, turn_id: str, account_id: str, correlation_id: str) -> str:
        """A new turn with the same message and another seed; counts as feedback `retry` on the old one."""
        ...

    async def rate(self, turn_id: str, account_id: str, rating: Literal["up", "down"] | None,
                   comment: str | None) -> None: ...  # fmt: skip

    async def last_event_id(self, conversation_id: str, account_id: str) -> int:
        """The number of the newest event, without reading any. Raises ConversationNotFound."""
        ...

    def events(self, conversation_id: str, account_id: str, after: int) -> AsyncIterator[dict[str, Any]]:
        """The event frames' data, `id` first for numbered ones; transient ones have no `id`. Never ends by itself.

        First the stored events above `after`; on reaching the present, once the last progress of each job at work.
        Raises ConversationNotFound at the first step.
        """
        ...

    async def asset_of(self, conversation_id: str, account_id: str, handle: str) -> str:
        """The id of what a handle names. Raises ConversationNotFound, HandleNotFound."""
        ...

    async def handles(self, account_id: str, asset_ids: list[str]) -> dict[str, list[dict[str, str]]]:
        """asset id -> [{conversation_id, handle}], for the Asset shape."""
        ...


@dataclass(frozen=True)
class Studio:
    """Everything a surface needs, put together by agent.assembly."""

    settings: Settings
    secrets: Secrets
    clock: Clock
    db: Database
    accounts: Accounts
    idempotency: Idempotency
    conversations: Conversations
    runs: Runs
    assets: Assets
    pool: Pool
    catalogue: Catalogue
    shelf: Shelf
    spellbook: Spellbook
    commissions: Commissions
    dead_letters: DeadLetters
    registrations: Registrations
    loras: LoraShelf
    workflows: Workflows
    operations: Operations
    warm: Callable[[], bool] = field(default=lambda: True)
    """Whether every planner has loaded what it needs."""

    def ready(self) -> dict[str, bool]:
        """What `/readyz` waits for: `models` warm, `schema` current, `pool` with an instance, be it one that workers told of."""
        return {"models": self.catalogue.warm() and self.warm(), "pool": anything_known(self.pool.capabilities())}
