"""What an operator wants to see at once: who works, what waits, what instances are doing. From the database alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from base.db import Tx
from executor import looking, roster, store
from executor.operations import queue_shape
from executor.providers.static import instance_id
from executor.watch import store as watching


async def overview(tx: Tx, now: datetime, urls: Sequence[str]) -> dict[str, Any]:
    """`{workers: [...], queue: {waiting, at_work, oldest_s, groups}, instances: [{id, where, jobs, warm}], dead}`.

    Instances are the configured servers (`urls`) and whatever else has jobs; `jobs` is what they render or hold next,
    `warm` how many weight files they have loaded, as far as is known.
    """
    where = {instance_id(url): urlsplit(url).netloc.rpartition("@")[2] for url in urls}
    loads = store.loads(await store.at_work(tx))
    names = [*where, *sorted(set(loads) - set(where))]
    warm = await looking.warm(tx, names)
    return {
        "workers": [roster.shape(row) for row in await roster.everybody(tx)],
        "queue": queue_shape(await watching.queue(tx, now)),
        "instances": [
            {"id": name, "where": where.get(name), "jobs": loads[name], "warm": len(warm[name])} for name in names
        ],
        "dead": await watching.dead_since(tx, None),
    }


def sentences(seen: dict[str, Any]) -> Iterator[str]:
    """What stands beside the tables."""
    queue, dead = seen["queue"], seen["dead"]
    if not seen["workers"]:
        yield "Nobody works. Start `stationthis serve`, or `stationthis worker` beside it."
    oldest = "" if queue["oldest_s"] is None else f"; the oldest for {_in_words(queue['oldest_s'])}"
    yield f"{_jobs(queue['waiting'])} waiting{oldest}, {queue['at_work']} at work."
    if dead:
        yield f"{dead} dead {'letter' if dead == 1 else 'letters'}: jobs that were given up."


def waiting_rows(seen: dict[str, Any]) -> list[list[Any]]:
    """Lane, tag and how many, of what waits."""
    groups = [group for group in seen["queue"]["groups"] if group["status"] == "queued"]
    return [[group["lane"], group["tag"], group["jobs"]] for group in groups]


def _jobs(count: int) -> str:
    return f"{count} {'job' if count == 1 else 'jobs'}"


def _in_words(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7_200 else f"{seconds / 3600:.1f} h"
