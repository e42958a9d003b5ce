"""A studio without agent loop, index and renderer: real database, accounts and conversations, behaving fakes for the rest."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from accounts.keys import StandardKeyStore
from accounts.service import Accounts, Idempotency
from agent.commissions import Commissions
from agent.protocols import Studio
from agent.service import ConversationService
from agent.spellbook import Spellbook
from base.bell import LocalBell
from base.clock import SystemClock
from base.db import Database, Tx
from base.events import EventLog
from base.ids import new_id
from base.settings import Secrets, Settings
from executor.assets.links import Linker
from executor.dead_assembly import without_pool
from executor.errors import (
    AlreadyEnded,
    AssetNotFound,
    LinkOver,
    NotAdmitted,
    NotAnImage,
    NoThumbnail,
    NotWaiting,
    RunNotFound,
    StorageAway,
    TooLarge,
)
from executor.lifecycle import Lifecycle
from executor.model import RUN_OVER, Asset, JobRecord, Lane, Owner, Run, RunStatus, Tag
from executor.operations import Operations
from executor.ringing import LocalJobBell
from executor.service import DeadLetters
from executor.waiting.durations import Learned
from executor.watch.figures import InstanceState
from tools.errors import ToolNotFound
from tools.loras.shelf import LoraShelf
from tools.model import (
    NOBODY,
    Availability,
    Capabilities,
    Implementation,
    MediaKind,
    Parameter,
    Plan,
    Port,
    Step,
    Tool,
)
from tools.protocols import Found
from tools.registry.service import Registrations
from tools.shelf.library import OwnTools
from tools.shelf.names import is_own
from tools.shelf.service import Shelf
from tools.testing import HashEncoder
from tools.workflows.service import Workflows

PNG = b"\x89PNG\r\n\x1a\n"
SECRETS = Secrets(master=b"m" * 32, cookie=b"c" * 32, admin="admin-secret")
SCALE = Tool(
    name="scale", title="Scale", description="Make a picture larger or smaller.", family="edit",
    inputs={"image": Port(kind=MediaKind.IMAGE)}, outputs={"image": Port(kind=MediaKind.IMAGE)},
    params={"factor": Parameter(type="number", default=2.0)},
    implementations=(Implementation(name="core", graph={}, outputs={"image": "1"}),),
)  # fmt: skip
PLAN = Plan(
    id="p1", summary="twice as large",
    steps=(Step(id="s1", tool="scale", title="Scale", outputs={"image": MediaKind.IMAGE}),),
)  # fmt: skip


class NoLeavings:
    """Implements executor.protocols.Leavings: nothing was made under any key."""

    async def clear(self, scope: str) -> None:
        """Nothing lies there."""


@dataclass
class FakeAssets:
    """Keeps what starts like a PNG in a folder, and counts as it streams."""

    folder: Path
    clock: SystemClock
    limit: int
    stored: dict[str, Asset] = field(default_factory=dict)
    largest_chunk: int = 0
    afar: bool = False
    """As if the bytes lay in a bucket."""
    away: StorageAway | None = None

    async def upload(
        self, chunks: AsyncIterator[bytes], *, owner: Owner, name: str | None, asset_id: str
    ) -> Asset:
        data = b""
        async for chunk in chunks:
            self.largest_chunk = max(self.largest_chunk, len(chunk))
            data += chunk
            if len(data) > self.limit:
                raise TooLarge(limit_bytes=self.limit)
        if not data.startswith(PNG):
            raise NotAnImage
        return self.keep(data, owner, name, asset_id)

    def keep(self, data: bytes, owner: Owner, name: str | None, asset_id: str) -> Asset:
        (self.folder / asset_id).write_bytes(data)
        asset = Asset(
            asset_id, owner, MediaKind.IMAGE, "image/png", len(data), hashlib.sha256(data).hexdigest(), 1, 1, None,
            "upload", False, self.clock.now(), name=name,
        )  # fmt: skip
        self.stored[asset_id] = asset
        return asset

    async def get(self, asset_id: str, account_id: str) -> Asset:
        found = self.stored.get(asset_id)
        if found is None or found.owner.account_id != account_id:
            raise AssetNotFound
        return found

    async def many(self, asset_ids: Sequence[str], account_id: str) -> dict[str, Asset]:
        mine = {key: asset for key, asset in self.stored.items() if asset.owner.account_id == account_id}
        return {key: mine[key] for key in asset_ids if key in mine}

    async def page(
        self, account_id: str, *, kind: str | None, origin: str | None, after: str | None, limit: int
    ) -> tuple[list[Asset], str | None]:
        mine = [asset for asset in self.stored.values() if asset.owner.account_id == account_id]
        mine = [asset for asset in mine if kind in (None, asset.kind) and origin in (None, asset.origin)]
        mine = [
            asset
            for asset in sorted(mine, key=lambda a: a.id, reverse=True)
            if after is None or asset.id < after
        ]
        return mine[:limit], mine[limit - 1].id if len(mine) > limit else None

    def path(self, asset: Asset) -> Path:
        return self.folder / asset.id

    def local(self, asset: Asset) -> Path | None:
        return None if self.afar else self.path(asset)

    async def read(self, asset: Asset, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        if not self.path(asset).exists():
            raise AssetNotFound
        yield self.path(asset).read_bytes()[start:end]

    async def thumbnail(self, asset: Asset) -> bytes:
        if not asset.media_type.startswith("image/"):
            raise NoThumbnail
        return self.path(asset).read_bytes()

    async def link(self, asset_id: str, account_id: str, seconds: int, *, download: bool = False) -> str:
        await self.get(asset_id, account_id)
        return Linker(b"key", "").link(asset_id, self.clock.now() + timedelta(seconds=seconds), download=download)

    async def check(self) -> None:
        if self.away is not None:
            raise self.away

    async def linked(self, asset_id: str, expires: int, download: int, signature: str) -> Asset:
        if not Linker(b"key", "").holds(asset_id, expires, download, signature, self.clock.now()):
            raise LinkOver
        return self.stored[asset_id]

    async def delete(self, asset_id: str, account_id: str) -> None:
        await self.get(asset_id, account_id)
        del self.stored[asset_id]


@dataclass
class FakeRuns:
    """Runs in a dict; nothing is ever rendered."""

    stored: dict[str, Run] = field(default_factory=dict)
    refuses: NotAdmitted | None = None
    """What the door says."""

    def put(self, run: Run) -> None:
        self.stored[run.id] = run

    async def start(
        self,
        tx: Tx,
        plan: Plan,
        owner: Owner,
        *,
        origin: str | None,
        correlation_id: str,
        waiting: bool = False,
        lane: Lane = Lane.NORMAL,
    ) -> str:
        if self.refuses is not None:
            raise self.refuses
        run = Run(new_id(), owner, origin, RunStatus.WAITING if waiting else RunStatus.ACTIVE, plan, SystemClock().now())
        self.put(run)
        return run.id

    async def priced(self, plan: Plan, owner: Owner) -> Plan:
        return plan

    async def confirm(self, run_id: str, account_id: str) -> None:
        if (await self.get(run_id, account_id)).status != RunStatus.WAITING:
            raise NotWaiting
        self._become(run_id, RunStatus.ACTIVE)

    async def cancel(self, run_id: str, account_id: str) -> None:
        if (await self.get(run_id, account_id)).status in RUN_OVER:
            raise AlreadyEnded
        self._become(run_id, RunStatus.CANCELLED)

    async def get(self, run_id: str, account_id: str) -> Run:
        found = self.stored.get(run_id)
        if found is None or found.owner.account_id != account_id:
            raise RunNotFound
        return found

    async def page(self, account_id: str, after: str | None, limit: int) -> tuple[list[Run], str | None]:
        mine = sorted(
            (run for run in self.stored.values() if run.owner.account_id == account_id), key=lambda r: r.id
        )
        mine = [run for run in mine if after is None or run.id > after]
        return mine[:limit], mine[limit - 1].id if len(mine) > limit else None

    async def assets(self, run_id: str) -> list[Asset]:
        return []

    async def jobs(self, run_id: str) -> list[JobRecord]:
        return []

    async def restarted(self) -> list[Run]:
        return []

    async def taken_up(self, tx: Tx, run_id: str) -> bool:
        return False

    async def deleted(self, run_id: str) -> list[str]:
        return []

    async def progress(self, run_id: str) -> list[dict[str, Any]]:
        return []

    def _become(self, run_id: str, status: RunStatus) -> None:
        old = self.stored[run_id]
        self.stored[run_id] = Run(old.id, old.owner, old.origin, status, old.plan, old.created_at)


@dataclass
class FakePool:
    """One instance, or none."""

    instances: int = 1
    workers: bool = True

    def attended(self) -> bool:
        return self.workers

    def timings(self) -> Learned:
        return Learned()

    def capabilities(self) -> list[Capabilities]:
        known = [Capabilities(frozenset({"ImageScale"}), sketch=True)] * self.instances
        return known if self.workers else [replace(each, unattended=True) for each in known] or [NOBODY]

    async def facts(self) -> dict[str, Any] | None:
        return None

    def states(self) -> list[InstanceState]:
        since = SystemClock().now()
        return [InstanceState(f"fake-{n}", "127.0.0.1:1", True, since, False, 2) for n in range(self.instances)]

    def info(self) -> dict[str, dict[str, str]]:
        return {"image": {"status": "sketch", "reason": "No GPU is connected."}}


@dataclass
class FakeCatalogue:
    """A single tool, and what people have on the shelf."""

    shelf: OwnTools
    is_warm: bool = True
    found: int = 1
    """So many tools are found, whatever is looked for."""

    def get(self, name: str) -> Tool:
        if name != SCALE.name:
            raise ToolNotFound
        return SCALE

    def all(self) -> tuple[Tool, ...]:
        return (SCALE,)

    def names(self) -> tuple[str, ...]:
        return (SCALE.name,)

    async def fetch(self, name: str, account_id: str | None = None) -> Tool:
        return await self.shelf.fetch(name, account_id) if is_own(name) else self.get(name)

    async def own(self, account_id: str) -> tuple[Tool, ...]:
        return await self.shelf.of(account_id)

    async def search(
        self, query: str, capabilities: Sequence[Capabilities], limit: int, account_id: str | None = None
    ) -> list[Found]:
        names = [SCALE.name, *(f"scale_{number}" for number in range(2, self.found + 1))]
        each = (SCALE.model_copy(update={"name": name}) for name in names[:limit])
        return [Found(tool, 0.5, Availability(bool(capabilities))) for tool in each]

    def availability(self, tool: Tool, capabilities: Sequence[Capabilities]) -> Availability:
        return Availability(bool(capabilities))

    def warm(self) -> bool:
        return self.is_warm


@dataclass
class FakeStudio:
    """The parts, for tests that reach behind the API."""

    studio: Studio
    events: EventLog
    assets: FakeAssets
    runs: FakeRuns
    pool: FakePool
    catalogue: FakeCatalogue
    lifecycle: Lifecycle
    redis_silent_s: list[float | None]
    """For how long Redis has not answered, as its one item."""

    async def say(self, conversation_id: str, type: str, **data: Any) -> None:
        """Append an event as the turn's owner would."""
        async with self.studio.db.write() as tx:
            await self.events.append(tx, f"conversation:{conversation_id}", type, {"turn_id": "t", **data})


def fake_studio(database: Database, folder: Path, settings: Settings) -> FakeStudio:
    """Put it together on a database with the schema."""
    clock, bell = SystemClock(), LocalBell()
    redis: list[float | None] = [None]
    keys = StandardKeyStore(database, SECRETS.master, clock)
    events = EventLog(database, keys, bell, clock)
    runs, assets = FakeRuns(), FakeAssets(folder, clock, settings.limits.upload_bytes)
    shelf = Shelf(database, keys, clock)
    pool, catalogue = FakePool(), FakeCatalogue(OwnTools(shelf, HashEncoder()))
    conversations = ConversationService(
        database, keys, events, clock, runs, assets, settings.limits, bell.ring, NoLeavings()
    )
    registrations = Registrations(database, keys, clock)
    lifecycle = without_pool(keys, events, clock, LocalJobBell(bell), settings.limits.running_jobs, lambda _: Tag.DEFAULT)
    studio = Studio(
        settings=settings, secrets=SECRETS, clock=clock, db=database,
        accounts=Accounts(database, keys, clock, SECRETS.cookie, settings.limits), idempotency=Idempotency(database, keys, clock),
        conversations=conversations, runs=runs, assets=assets, pool=pool, catalogue=catalogue,
        shelf=shelf, spellbook=Spellbook(shelf, assets, catalogue),
        commissions=Commissions(database, runs, assets, pool, catalogue, settings.limits, lambda: 7),
        dead_letters=DeadLetters(database, lifecycle), registrations=registrations,
        loras=LoraShelf(registrations, clock), workflows=Workflows(shelf, pool.facts, clock),
        operations=Operations(database, events, clock, pool, 90.0, lambda: redis[0]),
    )  # fmt: skip
    return FakeStudio(studio, events, assets, runs, pool, catalogue, lifecycle, redis)
