"""What every process that converses or works stands on: database, keys, bell, events, and all the tools there are."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from accounts.keys import StandardKeyStore
from base.bell import Bell
from base.clock import Clock
from base.db import Database
from base.events import EventLog
from base.log import get_logger
from base.redis_bell import open_bell
from base.settings import Secrets, Settings, load_secrets
from tools.embedding import common_words
from tools.errors import TemplatesUnavailable
from tools.index import ToolIndex
from tools.loras.shelf import LoraShelf
from tools.model import Tool
from tools.protocols import Encoder
from tools.registry.service import Registrations
from tools.registry.terms import withheld
from tools.service import ToolCatalogue, all_tools, ready_tools
from tools.shelf.library import OwnTools
from tools.shelf.service import Shelf

log = get_logger(__name__)


@dataclass(frozen=True)
class Ground:
    """The parts, opened once for a process."""

    settings: Settings
    secrets: Secrets
    clock: Clock
    db: Database
    keys: StandardKeyStore
    bell: Bell
    events: EventLog
    shelf: Shelf
    registrations: Registrations
    loras: LoraShelf

    @property
    def link_key(self) -> bytes:
        """What the links of stored media are signed with, the same in every process."""
        return hmac.digest(self.secrets.master, b"asset links", "sha256")


async def open_ground(settings: Settings, clock: Clock, stack: AsyncExitStack) -> Ground:
    """Open them; `stack` closes them."""
    secrets, db = load_secrets(settings), Database(settings.resolved_database_url)
    stack.push_async_callback(db.close)
    keys = StandardKeyStore(db, secrets.master, clock)
    bell = await stack.enter_async_context(open_bell(settings.redis_url, secrets.master, clock))
    registrations = Registrations(db, keys, clock)
    return Ground(
        settings, secrets, clock, db, keys, bell, EventLog(db, keys, bell, clock), Shelf(db, keys, clock), registrations,
        LoraShelf(registrations, clock, common_words, non_commercial=settings.limits.non_commercial),
    )  # fmt: skip


async def open_catalogue(
    settings: Settings, encoder: Encoder, own: OwnTools, more: Sequence[Tool] = ()
) -> ToolCatalogue:
    """With what is there at once; the rest comes while the models warm up, since building it takes seconds the first time."""
    folder = settings.data / "cache"

    def late() -> Sequence[Tool]:
        try:
            tools = all_tools(folder)
        except TemplatesUnavailable as problem:
            log.warning("templates_unavailable", code=problem.code)
            return ready
        log.info("tools_ready", tools=len(tools), without_graph=sum(not tool.implementations for tool in tools))
        return withheld([*tools, *more], settings.limits.non_commercial)

    ready = withheld([*await asyncio.to_thread(ready_tools, folder), *more], settings.limits.non_commercial)
    return ToolCatalogue(ready, ToolIndex(encoder, folder, settings.qdrant_url), own, late)
