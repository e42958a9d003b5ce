"""The executor put together from its real parts."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from accounts.keys import StandardKeyStore
from base.bell import Bell
from base.clock import Clock, SystemClock
from base.crypto import KeyStore
from base.db import Database, persistently
from base.errors import Problem
from base.events import EventLog
from base.ids import new_id
from base.log import get_logger
from base.periodic import Periodic, PeriodicRunner
from base.redis_bell import open_bell
from base.settings import Secrets, Settings, load_secrets
from executor import rules
from executor.assets import store as asset_store
from executor.assets.folder import FolderObjects
from executor.assets.intake import Intake
from executor.assets.links import Linker
from executor.assets.objects import Objects
from executor.assets.service import AssetService
from executor.assets.vault import Vault
from executor.assets.workshop import Workshop
from executor.binding import Build, Implement
from executor.clearing.forgotten import Forgotten
from executor.clearing.retention import Retention
from executor.comfy.memory import Memory
from executor.dead import DeadLetters
from executor.doubts import Doubts
from executor.errors import StorageAway
from executor.fitting import Fitting
from executor.fusing import Fusing
from executor.idling import Idling
from executor.lifecycle import Lifecycle
from executor.mending import Mender
from executor.model import Tag
from executor.noted import NotedServers
from executor.pace import Pace, pace_of
from executor.pool import InstancePool, Provider, Starter
from executor.presence import Presence
from executor.providers.local import LocalProvider
from executor.providers.static import StaticProvider
from executor.recognition import Recognition
from executor.ringing import open_job_bell
from executor.room import Room
from executor.service import Operations, RunService
from executor.stepcache.service import StepCache
from executor.upkeep import clear, hold, upkeep, watch
from executor.waiting.door import Door
from executor.waiting.line import Line
from executor.waiting.measures import Measures
from executor.watch.alerts import Alerts
from executor.watch.rules import Bounds
from executor.watch.tallying import Tallying
from executor.watch.webhook import Webhook
from executor.work import Bench, Work
from executor.worker import Worker
from tools.embedding import MiniLmEncoder, common_words
from tools.errors import TemplatesUnavailable
from tools.index import ToolIndex
from tools.loras.shelf import LoraShelf
from tools.model import Tool
from tools.protocols import Catalogue, Encoder
from tools.registry.entries import registered
from tools.registry.service import Registrations
from tools.registry.terms import withheld
from tools.service import ToolCatalogue, all_tools, build_graph, choose_implementation, ready_tools
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
    periodic: PeriodicRunner
    """What comes round again: rooms add their tasks, whoever opens the process starts it."""
    recognition: Recognition

    @property
    def link_key(self) -> bytes:
        """What the links of stored media are signed with, the same in every process."""
        return hmac.digest(self.secrets.master, b"asset links", "sha256")


async def open_ground(settings: Settings, clock: Clock, stack: AsyncExitStack, *, media: bool = True) -> Ground:
    """Open them; `stack` closes them. `media`: the process carries pictures and films. Raises WrongMasterKey,
    FolderNotShared."""
    secrets, db = load_secrets(settings), Database(settings.resolved_database_url)
    stack.push_async_callback(db.close)
    keys = StandardKeyStore(db, secrets.master, clock)
    recognition = Recognition(db, keys, clock, settings.data / "assets" if media and settings.bucket is None else None)
    await recognition.begin()
    bell = await stack.enter_async_context(open_bell(settings.redis_url, secrets.master, clock))
    registrations = Registrations(db, keys, clock)
    return Ground(
        settings, secrets, clock, db, keys, bell, EventLog(db, keys, bell, clock), Shelf(db, keys, clock), registrations,
        LoraShelf(registrations, clock, common_words, non_commercial=settings.limits.non_commercial),
        PeriodicRunner(db, clock, lease_s=settings.limits.lease_seconds),
        recognition,
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


@dataclass(frozen=True)
class Executor:
    """What the rooms above receive; `worker` and `providers` are for whoever starts and stops the process."""

    runs: RunService
    assets: AssetService
    pool: InstancePool
    worker: Worker
    providers: tuple[Provider, ...]
    operations: Operations
    upkeep: tuple[Periodic, ...]
    """What comes round again, for the process that opened this to start."""
    dead_letters: DeadLetters
    forgotten: Forgotten
    """Clears what lies under a scope whose key is gone."""
    retention: Retention
    """Comes round where somebody can say which runs are still needed."""


@asynccontextmanager
async def open_executor(
    settings: Settings, db: Database, keys: KeyStore, events: EventLog, bell: Bell, clock: Clock, build: Build,
    catalogue: Catalogue, *, implement: Implement = choose_implementation, pace: Pace | None = None, work: bool = True,
    renderer: Sequence[str] | None = (), starters: Sequence[Starter] = (), tags: Sequence[Tag] = (),
    link_key: bytes | None = None, fuse: bool = True, do: type[Work] = Work, meet: bool = True,
    begins: Callable[[], Awaitable[None]] | None = None,
) -> AsyncIterator[Executor]:  # fmt: skip
    """Open the executor. Instances are met in the background, or without `meet` known from what workers note; `renderer` are
    arguments of the embedded one, None for none; `starters` are where more instances could come from; `tags` what the
    worker serves, everything when left out; without `fuse` every step is a job of its own; the worker takes nothing
    before `begins` returns."""
    pace = pace or pace_of(settings.limits)
    async with AsyncExitStack() as stack:
        job_bell = await stack.enter_async_context(open_job_bell(settings.redis_url, bell, clock))
        assets = await open_assets(settings, db, keys, clock, link_key)
        measures, hashes = await _measures(db, clock), await asyncio.to_thread(_known_hashes)
        if settings.bucket is not None:
            stack.callback(asyncio.create_task(_see_storage(assets)).cancel)
        providers = _providers(settings, clock, pace, job_bell.stir, renderer, shared=not db.is_sqlite) if meet else ()
        noted = None if meet else await _noted(db, keys, settings.comfy_urls, clock, pace)
        servers = {each.instance.id: each.instance for each in providers} if noted is None else noted.instances
        pool = InstancePool(servers, catalogue, measures, starters, _always if noted is None else noted.attended)
        line = Line(pool, catalogue, implement, measures, clock, at_once := settings.limits.running_jobs)
        memory = StepCache(keys, clock, assets, catalogue, build, implement, pool)
        await memory.prepare()
        lifecycle = Lifecycle(
            keys, events, clock, asset_store.outputs_of_step, assets.of_step, job_bell, lambda name: _tag(catalogue, name), line,
            memory, lambda folder, file: hashes.get(f"{folder}/{file}"), Fusing(catalogue).joins if fuse else None,
        )  # fmt: skip
        bench = Bench(
            db, lifecycle, assets, events, clock, pace, catalogue, build, implement, line, Doubts(db, pool, clock, pace.dead_s),
            at_once,
        )  # fmt: skip
        fitting = Fitting(implement, hmac.digest(link_key or secrets.token_bytes(32), b"names of weights", "sha256"))
        room = Room(settings.data, settings.limits.free_bytes, clock, pace.room_s)
        worker = Worker(
            bench, pool, job_bell, Presence(db, keys, clock), alone=db.is_sqlite, room=room, begins=begins,
            deadline_s=settings.limits.job_seconds, fitting=fitting, tags=tags or tuple(Tag), do=do,
        )  # fmt: skip
        stack.push_async_callback(_attended(providers if noted is None else [noted]))
        if work:
            worker.start()
        stack.push_async_callback(worker.stop)
        operations = Operations(db, events, clock, pool, settings.limits.lease_seconds, bell.silent_s, room)
        runs = RunService(db, keys, lifecycle, assets, Door(settings.limits, line), memory)
        tasks = _upkeep(settings, db, clock, assets, measures, lifecycle)
        tasks += watch(_alerts(settings, db, events, clock, operations), Tallying(db, clock))
        tasks += clear(forgotten := Forgotten(db, keys, events, assets), job_bell)
        retention, dead = Retention(db, events, clock, settings.limits.run_days), DeadLetters(db, lifecycle)
        yield Executor(runs, assets, pool, worker, providers, operations, tasks, dead, forgotten, retention)


def _upkeep(
    settings: Settings, db: Database, clock: Clock, assets: AssetService, measures: Measures, lifecycle: Lifecycle
) -> tuple[Periodic, ...]:
    bucket, lease_s = settings.bucket is not None, settings.limits.lease_seconds
    holding = hold(Mender(db, lifecycle, clock), Idling(db, lifecycle, clock, lease_s).tell)
    return (*upkeep(db, assets.vault, measures, clock, bucket=bucket, lease_s=lease_s), *holding)


@asynccontextmanager
async def open_worker(settings: Settings, tags: Sequence[Tag] = ()) -> AsyncIterator[Executor]:
    """A process that only works. It knows every tool and searches for none, so that no model is loaded."""
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        ground = await open_ground(settings, clock, stack)
        encoder = MiniLmEncoder()
        stack.callback(encoder.close)
        tools = await asyncio.to_thread(all_tools, settings.data / "cache")
        index = ToolIndex(encoder, None)
        catalogue = ToolCatalogue(
            withheld(tools, settings.limits.non_commercial), index, OwnTools(ground.shelf, encoder)
        )
        opening = open_executor(
            settings, ground.db, ground.keys, ground.events, ground.bell, clock, build_graph, catalogue, tags=tags,
            link_key=ground.link_key, begins=ground.recognition.done,
        )  # fmt: skip
        executor = await stack.enter_async_context(opening)
        start_periodic(ground.periodic, executor.upkeep, stack)
        yield executor


def _alerts(settings: Settings, db: Database, events: EventLog, clock: Clock, operations: Operations) -> Alerts:
    limits, webhook = settings.limits, None
    bounds = Bounds(limits.alert_queue, limits.alert_wait_seconds, limits.alert_away_seconds, limits.lease_seconds)
    if settings.alert_webhook is not None:
        secret = None if settings.alert_secret is None else settings.alert_secret.get_secret_value().encode()
        webhook = Webhook(settings.alert_webhook.get_secret_value(), secret)
    return Alerts(db, events, clock, operations.figures, bounds, webhook)


def start_periodic(runner: PeriodicRunner, tasks: Sequence[Periodic], stack: AsyncExitStack) -> None:
    """Have these come round until `stack` closes."""
    runner.add(*tasks)
    runner.start()
    stack.push_async_callback(runner.stop)


async def _measures(db: Database, clock: Clock) -> Measures:
    measures = Measures(clock)

    async def refresh() -> None:
        async with db.read() as tx:
            await measures.refresh(tx)

    await persistently(refresh, clock)
    return measures


async def _noted(db: Database, keys: KeyStore, urls: Sequence[str], clock: Clock, pace: Pace) -> NotedServers:
    noted = NotedServers(db, keys, urls, clock=clock, pace=pace)
    await persistently(noted.look, clock)
    return noted


def _always() -> bool:
    """Who meets servers would use them."""
    return True


def _attended(those: Sequence[Provider | NotedServers]) -> Callable[[], Awaitable[None]]:
    """Keep them attended in the background; the returned function ends that."""
    attending = [asyncio.create_task(each.attend()) for each in those]

    async def end() -> None:
        for task in attending:
            task.cancel()
        await asyncio.gather(*attending, return_exceptions=True)

    return end


def _tag(catalogue: Catalogue, name: str) -> Tag:
    """A tool that is not known here, such as somebody's own that was never fetched, is nothing special."""
    try:
        return rules.tag_of(catalogue.get(name))
    except Problem:
        return Tag.DEFAULT


def _known_hashes() -> dict[str, str]:
    """`folder/file` -> sha256, of the public weight files of which it is written down."""
    return {model.place: model.sha256 for model in registered() if model.sha256 is not None}


async def open_assets(
    settings: Settings, db: Database, keys: KeyStore, clock: Clock, link_key: bytes | None = None
) -> AssetService:
    """Media, in the bucket of the settings or in the data folder. Links made without a `link_key` end with the process."""
    workshop = Workshop(settings.data / "assets")
    await asyncio.to_thread(workshop.prepare, clock.now(), alone=db.is_sqlite)
    intake = Intake(workshop, settings.limits, int(settings.max_upload_gb * 2**30))
    vault = Vault(await asyncio.to_thread(open_objects, settings), db, clock)
    return AssetService(intake, vault, db, keys, clock, Linker(link_key or secrets.token_bytes(32), settings.url))


async def _see_storage(assets: AssetService) -> None:
    """Said at the start, before the first person brings something."""
    try:
        await assets.check()
    except StorageAway as problem:
        log.error("storage_not_usable", code=problem.code, reason=problem.detail, action=problem.next_step)


def open_objects(settings: Settings) -> Objects:
    """Where bytes lie for good. boto3 is imported only where there is a bucket."""
    if settings.bucket is None:
        return FolderObjects(settings.data / "assets")
    from executor.assets.bucket import BucketObjects

    return BucketObjects(settings.bucket)


def _providers(
    settings: Settings, clock: Clock, pace: Pace, changed: Callable[[], None], renderer: Sequence[str] | None, *, shared: bool
) -> tuple[Provider, ...]:
    memory = Memory(settings.data / "instances")
    static = [
        StaticProvider(url, clock=clock, pace=pace, changed=changed, memory=memory) for url in settings.comfy_urls
    ]
    if renderer is None:
        return tuple(static)
    name = f"local-{new_id()[-12:]}" if shared else "local"  # where several processes work, each has its own
    local = LocalProvider(
        settings.data / "renderer" / name, name, clock=clock, pace=pace, changed=changed, samplers=not static, arguments=renderer
    )  # fmt: skip
    return (*static, local)
