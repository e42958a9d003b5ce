"""What comes round again in this room: each task is one line here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from base.clock import Clock
from base.db import Database
from base.periodic import Periodic
from executor import left, presence, roster
from executor.assets.objects import RULES, Objects
from executor.assets.vault import Vault
from executor.clearing.forgotten import Forgotten
from executor.errors import RulesMissing
from executor.mending import Mender
from executor.ringing import JobBell
from executor.waiting.measures import Measures
from executor.watch.alerts import Alerts
from executor.watch.tallying import Tallying

DAY, HOUR, MINUTES, OFTEN = timedelta(days=1), timedelta(hours=1), timedelta(minutes=5), timedelta(seconds=15)


def watch(alerts: Alerts, tallying: Tallying) -> tuple[Periodic, ...]:
    """What an operator relies on."""
    return (
        Periodic("alerts", OFTEN, alerts.look),
        Periodic("alerts_trimmed", DAY, alerts.trim),
        Periodic("tallies", OFTEN, tallying.count),
    )


def hold(mender: Mender, tell_idle: Callable[[], Awaitable[object]]) -> tuple[Periodic, ...]:
    """What becomes of those who wait: for a yes that never comes, for somebody to look at them again, and for a worker."""
    return (
        Periodic("unconfirmed_runs", timedelta(minutes=1), mender.lapse),
        Periodic("runs_mended", MINUTES, mender.mend),
        Periodic("idle_told", timedelta(seconds=5), tell_idle),
    )


def clear(forgotten: Forgotten, bell: JobBell) -> tuple[Periodic, ...]:
    """What nobody can read any more, and who listens no longer."""
    return (
        Periodic("forgotten_cleared", HOUR, forgotten.sweep),
        Periodic("ears_forgotten", DAY, bell.forget_gone),
    )


def upkeep(
    db: Database, vault: Vault, measures: Measures, clock: Clock, *, bucket: bool, lease_s: float
) -> tuple[Periodic, ...]:
    """`bucket`: media lie where lifecycle rules are kept for us; a folder's are carried out with each sweep."""

    async def sweep_assets() -> None:
        if not bucket:
            await vault.objects.apply(RULES, clock.now())
        await vault.sweep()

    async def forget_workers() -> None:
        async with db.write() as tx:
            await roster.forget_dead(tx, clock.now(), lease_s)
            await presence.forget(tx, clock.now())

    async def forget_left() -> None:
        async with db.write() as tx:
            await left.trim(tx, clock.now())

    async def age_durations() -> None:
        async with db.write() as tx:
            await measures.age(tx)

    tasks = (
        Periodic("assets_sweep", DAY, sweep_assets),
        Periodic("workers_forgotten", MINUTES, forget_workers),
        Periodic("left_prompts_forgotten", DAY, forget_left),
        Periodic("durations_aged", MINUTES, age_durations),
    )
    rules = Periodic("bucket_rules", DAY, lambda: see_rules(vault.objects))
    return (*tasks, rules) if bucket else tasks


async def see_rules(objects: Objects) -> None:
    """Raises RulesMissing where the bucket would keep what shall expire."""
    kept = await objects.kept()
    missing = [rule.name for rule in RULES if rule not in kept]
    if missing:
        raise RulesMissing(missing=missing)
