"""What an operator wants to see at once: who works, what waits, what instances are doing. From the database alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from base.clock import rfc3339
from base.db import Tx
from base.printing import ago, in_words, seconds_since, short
from executor import looking, presence, roster, store
from executor.model import Tag
from executor.operations import queue_shape
from executor.providers.static import instance_id
from executor.watch import store as watching


async def overview(tx: Tx, now: datetime, urls: Sequence[str], lease_s: float) -> dict[str, Any]:
    """`{workers: [...], queue: {waiting, at_work, oldest_s, groups}, instances: [{id, where, up, since, failing, jobs, warm}],
    dead}`.

    Instances are the configured servers (`urls`), the renderers of living workers, and whatever else has jobs; `up` is what
    workers said within a lease, None where none did; `jobs` is what they render or hold next, `warm` how many weight files
    they have loaded, as far as is known, `failing` why one is not trusted.
    """
    where = {instance_id(url): urlsplit(url).netloc.rpartition("@")[2] for url in urls}
    loads = store.loads(await store.at_work(tx))
    said = await presence.seen(tx, now, lease_s)
    names = presence.listed(list(where), said, loads)
    warm = await looking.warm(tx, names)
    return {
        "workers": [roster.shape(row, now, lease_s) for row in await roster.everybody(tx)],
        "queue": queue_shape(await watching.queue(tx, now)),
        "instances": [
            {"id": name, "where": where.get(name), **_there(said.get(name)), "jobs": loads[name], "warm": len(warm[name])}
            for name in names
        ],
        "needs": await watching.needs(tx),
        "dead": await watching.dead(tx),
    }


def sentences(seen: dict[str, Any]) -> Iterator[str]:
    """What stands beside the tables."""
    queue, dead = seen["queue"], seen["dead"]
    if all(worker["state"] == roster.SILENT for worker in seen["workers"]):
        yield "Nobody works. Start `stationthis serve`, or `stationthis worker` beside it."
    oldest = "" if queue["oldest_s"] is None else f"; the oldest for {in_words(queue['oldest_s'])}"
    yield f"{_jobs(queue['waiting'])} waiting{oldest}, {queue['at_work']} at work."
    for row in seen["instances"]:
        if row["failing"]:
            yield f"{row['where'] or _name(row['id'])}: {row['failing']}"
    if dead:
        yield f"{dead} dead {'letter' if dead == 1 else 'letters'}: jobs that were given up."


def waiting_rows(seen: dict[str, Any]) -> list[list[Any]]:
    """Lane, tag and how many, of what waits."""
    groups = [group for group in seen["queue"]["groups"] if group["status"] == "queued"]
    return [[group["lane"], group["tag"], group["jobs"]] for group in groups]


def need_rows(seen: dict[str, Any]) -> list[list[Any]]:
    """Tool, how many jobs wait that need it, and what else they wait for, where that is not the line."""
    return [[need["tool"], need["jobs"], need["reason"] or ""] for need in seen["needs"]]


def worker_rows(seen: dict[str, Any], now: datetime) -> list[list[Any]]:
    """Id, host, process, state, jobs, when it was heard, and tags of each; all of them in one word."""
    ids = short([row["id"] for row in seen["workers"]])
    return [
        [ids[row["id"]], row["host"], row["pid"], row["state"], row["jobs"], ago(row["seen_at"], now),
         "all" if set(row["tags"]) == set(Tag) else ", ".join(row["tags"])]
        for row in seen["workers"]
    ]  # fmt: skip


def instance_rows(seen: dict[str, Any], now: datetime) -> list[list[Any]]:
    """Id, where it is, whether it is up or away and for how long, its jobs, and how much it has loaded."""
    return [
        [_name(row["id"]), row["where"], _state(row, now), row["jobs"], row["warm"]] for row in seen["instances"]
    ]


def _there(said: presence.Seen | None) -> dict[str, Any]:
    if said is None:
        return {"up": None, "since": None, "failing": None}
    return {"up": said.up, "since": rfc3339(said.since), "failing": said.failing}


def _state(row: dict[str, Any], now: datetime) -> str:
    if row["up"] is None:
        return "not known"
    state = "failing, up" if row["up"] and row["failing"] else "up" if row["up"] else "away"
    return f"{state} for {in_words(seconds_since(row['since'], now))}"


def _name(instance: str) -> str:
    kind, _, rest = instance.rpartition("-")
    return f"{kind}-{rest[:8]}" if kind else instance


def _jobs(count: int) -> str:
    return f"{count} {'job' if count == 1 else 'jobs'}"
