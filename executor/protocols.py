"""What the rooms above may ask of the executor."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from base.db import Tx
from executor.model import Asset, JobRecord, Lane, Owner, Run, WorkerState
from tools.model import Capabilities, Plan
from tools.protocols import Timings


class Runs(Protocol):
    """Start, watch and end runs. Every progress of a run is an event of the stream `run:{id}`.

    Stored: `run.queued {place, eta_s: [low, high], message?}` (1 is next; seconds until it starts; the message takes back
    what was promised before), `run.waiting {step_id, reason, place, until}` (place as told last, or None; None is no end)
    (an instance that is away is waited for), `run.output {step_id, asset_id, asset}` (the Asset shape; only of steps that
    deliver, a batch in order; with `unfinished: true`, before `run.cancelled`, what inner steps of a chain had made by then),
    and exactly one end: `run.completed {cost: {credits, gpu_s}}`, `run.failed {code, message,
    refunded}` or `run.cancelled {refunded}` (true: nothing is charged).
    Transient: `run.progress {step_id, status, fraction, current_step, total_steps, message, left_s}`,
    `run.preview {step_id, image}`.
    Each carries `run_id`, `correlation_id` and, where there is one, `job_id`.
    """

    async def start(self, tx: Tx, plan: Plan, owner: Owner, *, origin: str | None, correlation_id: str,
                    waiting: bool = False, lane: Lane = Lane.NORMAL) -> str:  # fmt: skip
        """Make run and first jobs in the caller's transaction; returns the run id. `waiting`: until `confirm`.
        Raises NotAdmitted."""
        ...

    async def priced(self, plan: Plan, owner: Owner) -> Plan:
        """The plan with what it will cost: nothing, where all of it was made before."""
        ...

    async def confirm(self, run_id: str, account_id: str) -> None:
        """The owner's yes. Raises RunNotFound, NotWaiting."""
        ...

    async def cancel(self, run_id: str, account_id: str) -> None:
        """End the run, reaching the GPU. Raises RunNotFound, AlreadyEnded."""
        ...

    async def get(self, run_id: str, account_id: str) -> Run:
        """Raises RunNotFound, also for somebody else's."""
        ...

    async def page(self, account_id: str, after: str | None, limit: int) -> tuple[list[Run], str | None]: ...

    async def assets(self, run_id: str) -> list[Asset]:
        """All outputs of the run so far, inner ones too, in the order they were made."""
        ...

    async def jobs(self, run_id: str) -> list[JobRecord]:
        """Where its jobs are or why they ended, when each of their steps was, and what they rendered with."""
        ...

    async def restarted(self) -> list[Run]:
        """Runs that an operator started again and of which whoever asked does not know yet."""
        ...

    async def taken_up(self, tx: Tx, run_id: str) -> bool:
        """Note, in the caller's transaction, that they know now; False when somebody was faster."""
        ...

    async def deleted(self, run_id: str) -> list[str]:
        """Ids of the run's outputs that were deleted."""
        ...

    async def progress(self, run_id: str) -> list[dict[str, Any]]:
        """The last progress of each job at work, for whoever connects in the middle."""
        ...


class Leavings(Protocol):
    """What lies under a scope whose key is gone."""

    async def clear(self, scope: str) -> None:
        """Delete it: assets with their bytes, runs that are over, events. Nothing happens while the scope has its key."""
        ...


class Assets(Protocol):
    """Keep media. Bytes are content-addressed; each upload and output is an asset of its own."""

    async def upload(self, chunks: AsyncIterator[bytes], *, owner: Owner, name: str | None, asset_id: str) -> Asset:
        """Store, take apart, clean and describe a file of any kind. Counts while it streams.

        Raises TooLarge, NotAnImage, ImageTooComplex, UnreadableMedia, MediaTooComplex.
        """
        ...

    async def get(self, asset_id: str, account_id: str) -> Asset:
        """Raises AssetNotFound, also for somebody else's or a deleted one."""
        ...

    async def many(self, asset_ids: Sequence[str], account_id: str) -> dict[str, Asset]:
        """Those of the ids that exist and belong to the account, by id."""
        ...

    async def page(self, account_id: str, *, kind: str | None, origin: str | None, after: str | None,
                   limit: int) -> tuple[list[Asset], str | None]: ...  # fmt: skip

    def path(self, asset: Asset) -> Path:
        """Where the bytes are, in a local folder. Raises AssetNotFound where they lie elsewhere."""
        ...

    def local(self, asset: Asset) -> Path | None:
        """The same, None where they lie elsewhere: then there is `read`."""
        ...

    def read(self, asset: Asset, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` up to, not including, `end`. Raises AssetNotFound, StorageAway."""
        ...

    async def link(self, asset_id: str, account_id: str, seconds: int, *, download: bool = False) -> str:
        """A URL by which anybody may fetch it for so long, at most a week, for incognito an hour. Raises AssetNotFound."""
        ...

    async def check(self) -> None:
        """That there is somewhere to keep bytes. Raises BucketMissing, StorageAway."""
        ...

    async def linked(self, asset_id: str, expires: int, download: int, signature: str) -> Asset:
        """The asset of such a URL. Raises LinkOver for a forged or old one, and when the asset is gone."""
        ...

    async def thumbnail(self, asset: Asset) -> bytes:
        """A small picture of it, PNG or JPEG. Raises NoThumbnail for what has none."""
        ...

    async def delete(self, asset_id: str, account_id: str) -> None: ...


class Operations(Protocol):
    """What an operator may see and say. Plain JSON: ids of ours, states, moments and numbers."""

    async def workers(self) -> list[dict[str, Any]]: ...

    async def tell(self, which: str | None, state: WorkerState) -> int:
        """Tell a worker (an id or its first characters), or all of them; returns how many. Raises WorkerNotFound."""
        ...

    async def queue(self) -> dict[str, Any]:
        """`{waiting, at_work, oldest_s, groups: [{lane, tag, status, jobs}]}`."""
        ...

    async def instances(self) -> list[dict[str, Any]]: ...

    async def look(self) -> None:
        """Measure what nobody measures unasked, before `degraded`."""
        ...

    def degraded(self) -> list[str]:
        """What is away without which everything goes on, only later: `redis`, `workers`, room on our own `disk`."""
        ...

    async def periodic(self) -> list[dict[str, Any]]: ...

    async def hasten(self, name: str) -> None:
        """Have a periodic task run now. Raises NotFound."""
        ...

    async def alerts(self, after: str | None, limit: int) -> tuple[list[dict[str, Any]], str | None]:
        """Newest first; the second value is the cursor of the next page."""
        ...

    async def last_event(self) -> int: ...

    def events(self, after: int) -> AsyncIterator[dict[str, Any]]:
        """The operator's own stream, for ever: `alert.raised`, `alert.resolved`."""
        ...

    async def measures(self) -> dict[str, Any]:
        """For `/metrics`."""
        ...


class Pool(Protocol):
    """What instances there are and what they can run, now."""

    def timings(self) -> Timings:
        """What is known of how long work takes, at most some seconds old."""
        ...

    def capabilities(self) -> list[Capabilities]:
        """Of every instance that is configured, the last known ones of those that are away included."""
        ...

    async def facts(self) -> dict[str, Any] | None:
        """The `/object_info` of a real server that is there now; None when none answers."""
        ...

    def info(self) -> dict[str, dict[str, str]]:
        """For `GET /info`: kind -> {status: real|sketch|unavailable, reason}."""
        ...
