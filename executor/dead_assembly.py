"""Dead letters for a command: beside whatever serves and works, without knowing a tool or reaching an instance."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

from base.clock import Clock
from base.crypto import KeyStore
from base.db import Tx
from base.events import EventLog
from executor import store
from executor.assembly import Ground
from executor.assets import store as asset_store
from executor.comfy.instance import Instance
from executor.dead import DeadLetters
from executor.lifecycle import Lifecycle
from executor.model import JobStep, Owner, Tag
from executor.ringing import JobBell, open_job_bell
from executor.waiting.line import Line
from executor.waiting.measures import Measures
from tools.service import choose_implementation


class _Nowhere:
    """No instance and no tool: what is promised here for a moment, the workers say better in their next round."""

    def instances(self) -> list[Instance]:
        return []

    def get(self, name: str) -> Any:
        return None

    def attended(self) -> bool:
        return True


class _NoMemory:
    """What failed is done anew, whatever was done before."""

    async def recall(self, tx: Tx, run_id: str, one: JobStep, owner: Owner) -> bool:
        return False

    async def note(self, tx: Tx, run_id: str, one: JobStep, owner: Owner, instance: str) -> None:
        """Nothing is done here."""


async def open_dead_letters(ground: Ground, stack: AsyncExitStack) -> DeadLetters:
    """Its jobs keep the tag that they had; which steps fit one graph is not decided here, so each is one of its own."""
    bell = await stack.enter_async_context(open_job_bell(ground.settings.redis_url, ground.bell, ground.clock))
    async with ground.db.read() as tx:
        tags = await store.tags_of_dead(tx)
    lifecycle = without_pool(
        ground.keys, ground.events, ground.clock, bell, ground.settings.limits.running_jobs,
        lambda name: tags.get(name, Tag.DEFAULT),
    )  # fmt: skip
    return DeadLetters(ground.db, lifecycle)


def without_pool(
    keys: KeyStore, events: EventLog, clock: Clock, bell: JobBell, at_once: int, tag_of: Callable[[str], Tag]
) -> Lifecycle:
    """For whoever begins runs and renders none."""
    nowhere: Any = _Nowhere()
    line = Line(nowhere, nowhere, choose_implementation, Measures(clock), clock, at_once)
    return Lifecycle(keys, events, clock, asset_store.outputs_of_step, _nothing, bell, tag_of, line, _NoMemory())


async def _nothing(*_: Any) -> list[Any]:
    """What a run that has only just begun has to tell."""
    return []
