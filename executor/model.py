"""The types of running: runs, jobs, assets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any

from tools.model import MediaKind, Plan, Step

CONFIRM_WITHIN = timedelta(hours=24)
"""How long a run waits for its owner's yes."""


class RunStatus(StrEnum):
    """A run is over when it is completed, failed or cancelled."""

    #: waits for a yes of its owner
    WAITING = "waiting"
    #: at least one job is not over yet
    ACTIVE = "active"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobStatus(StrEnum):
    """The life of one graph on one instance."""

    #: may be claimed once `due_at` has come
    QUEUED = "queued"
    #: a worker holds the lease and is sending it to an instance
    DISPATCHING = "dispatching"
    #: an instance has accepted it under the stored prompt id
    RUNNING = "running"
    #: the instance is done, outputs are being fetched
    COLLECTING = "collecting"
    COMPLETED = "completed"
    #: ended by a fault that trying again cannot mend
    FAILED = "failed"
    CANCELLED = "cancelled"
    #: given up over something that an operator may mend, kept for them to look at
    DEAD = "dead"


class JobEnding(StrEnum):
    """Why a job is over; `error_code` beside it names the fault."""

    #: rendered, its outputs are kept
    DONE = "done"
    #: an earlier result of the very same graph was taken
    CACHED = "cached"
    BY_PERSON = "cancelled_by_person"
    #: its run ended for another reason while it was waiting or at work
    WITH_RUN = "run_over"
    #: nothing that could do it answered, or it was rendered for longer than its tool may take
    DEADLINE = "deadline"
    #: the graph or its inputs
    JOB_FAULT = "job_fault"
    #: no instance has the weight files and nodes in working order
    MODEL_FAULT = "model_fault"
    #: instances failed until there was no attempt left: a dead letter
    GIVEN_UP = "given_up"
    #: the key of its content is gone
    KEY_LOST = "key_lost"


class Tag(StrEnum):
    """What kind of worker a job wants; a worker serves all of them unless it is told otherwise."""

    DEFAULT = "default"
    #: needs a GPU of 24 GB or more
    HIGH_VRAM = "high-vram"
    #: makes films: minutes, not seconds
    VIDEO = "video"
    #: hours
    TRAINING = "training"


class Lane(IntEnum):
    """Who goes first. Waiting counts too, so that no lane starves another for ever."""

    #: an operator's own
    HIGH = 0
    #: somebody watches
    NORMAL = 1
    #: programs and batches that nobody waits for
    LOW = 2

    @classmethod
    def of(cls, stored: int) -> Lane:
        """What a row says; a lane that only a newer version knows counts as normal."""
        return cls(stored) if stored in set(cls) else cls.NORMAL


class WorkerState(StrEnum):
    """What an operator wants of a worker."""

    ACTIVE = "active"
    #: finishes what it has, takes nothing new, stays
    PAUSED = "paused"
    #: finishes what it has and ends
    DRAINING = "draining"


class FaultKind(StrEnum):
    """Whose fault it is decides what happens next."""

    #: the graph or its inputs: trying again cannot help
    JOB = "job"
    #: a weight file or a node is missing or broken on the instance
    MODEL = "model"
    #: the instance failed; the job may work the next time or elsewhere
    HOST = "host"
    #: the instance was not reached, or answered nonsense
    CONNECTION = "connection"


@dataclass(frozen=True)
class Fault:
    """Why a job has no result. `detail` is for a person and holds nobody's words; `record` is content, kept sealed."""

    kind: FaultKind
    code: str
    detail: str | None = None
    record: dict[str, Any] = field(default_factory=dict, repr=False)


#: a worker holds the lease, or held it when it died
AT_WORK = frozenset({JobStatus.DISPATCHING, JobStatus.RUNNING, JobStatus.COLLECTING})
OVER = frozenset({JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.DEAD})
OPEN_RUN = (RunStatus.WAITING, RunStatus.ACTIVE)
RUN_OVER = frozenset({RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED})


@dataclass(frozen=True)
class Owner:
    """To whom a row belongs, and the scope whose data key seals its content."""

    account_id: str
    tier: str
    scope: str


@dataclass(frozen=True)
class Run:
    """One execution of a plan."""

    id: str
    owner: Owner
    origin: str | None
    """Opaque to the executor: who asked (`turn:ID`), never a foreign key upward."""
    status: RunStatus
    plan: Plan = field(repr=False)
    created_at: datetime
    ended_at: datetime | None = None
    error_code: str | None = None
    credits: float = 0.0
    gpu_s: float = 0.0
    retry_of: str | None = None
    """The run that an operator started again with this one."""


@dataclass(frozen=True)
class Cost:
    """What something took: GPU seconds, and the credits for them."""

    gpu_s: float = 0.0
    credits: float = 0.0


@dataclass(frozen=True)
class Gpu:
    """The largest GPU of an instance, in 2**30 bytes. `used_gb` right after a job is close to the job's peak, since torch
    keeps what it took until somebody else needs it; other programs on the same GPU are in it too."""

    name: str | None = None
    total_gb: float | None = None
    used_gb: float | None = None


@dataclass(frozen=True)
class Link:
    """An input that an earlier step of the same job makes: one of the pictures of a port, or all of them."""

    step_id: str
    port: str
    index: int | None = None


@dataclass(frozen=True)
class JobStep:
    """One step of a job. `inputs`: port -> asset ids, and links to steps of the same job that are not done yet."""

    step: Step = field(repr=False)
    inputs: dict[str, list[str | Link]] = field(repr=False)
    done: bool = False
    """Its outputs are kept already: it is not done again, whatever becomes of the job."""

    @property
    def links(self) -> list[Link]:
        """What it still waits for within its job."""
        return [given for many in self.inputs.values() for given in many if isinstance(given, Link)]


@dataclass(frozen=True)
class Claim:
    """A job in the hands of a worker. Every write about it names the token: a lost lease makes the write fail."""

    id: str
    run_id: str
    owner: Owner
    correlation_id: str
    status: JobStatus
    token: str
    instance: str
    prompt_id: str
    tag: Tag
    attempts: int
    failed_on: tuple[str, ...]
    steps: tuple[JobStep, ...] = field(repr=False)
    """In the order of the plan; several are one graph on the instance."""
    gpu_started_at: datetime | None = None
    """When its prompt began to be rendered, where somebody saw that."""
    orphaned: bool = False
    """Whether a worker was gone without a word while the instance rendered this."""

    @property
    def step(self) -> Step:
        """The first one, by which the job is known."""
        return self.steps[0].step

    @property
    def left(self) -> tuple[JobStep, ...]:
        """What is still to be done."""
        return tuple(one for one in self.steps if not one.done)


@dataclass(frozen=True)
class Setback:
    """One attempt that failed, as it is remembered: whose fault, where, and whether the instance had the job."""

    at: datetime
    instance: str
    kind: FaultKind
    code: str
    submitted: bool
    prompt_id: str | None = None
    """Of a lost connection that may have been a death: what was being rendered then. None once that is known."""
    excused: bool = False
    """This says nothing about the job: the instance was failing other jobs too, or a lost connection was mended."""


@dataclass(frozen=True)
class JobRecord:
    """A job as its owner and an operator see it. `facts` are content: models, seed, sampler; None where nobody may read them."""

    id: str
    run_id: str
    account_id: str
    step_ids: tuple[str, ...]
    tool: str
    tag: Tag
    status: JobStatus
    ending: JobEnding | None
    error_code: str | None
    instance: str | None
    attempts: int
    times: dict[str, datetime | None]
    """queued, due, dispatched, submitted, gpu_started, rendered, collected, ended."""
    gpu: dict[str, Any]
    """`{name, vram_total_gb, vram_used_gb, seconds}`; unknown is None."""
    credits: float
    graph_hash: str | None
    setbacks: tuple[Setback, ...] = ()
    place: int | None = None
    """In the line, 1 is next; None once it has an instance."""
    starts: tuple[datetime, datetime] | None = None
    """Between which moments it starts, as was told last; None once it is being rendered."""
    left_s: float | None = None
    """Seconds that its render still takes, as was told last."""
    waits_for: str | None = None
    """Why it does not only wait for its turn, as was told last."""
    facts: dict[str, Any] | None = field(default=None, repr=False)


#: the port by which a picture enters its own next version: no pixel of it does
VERSION = "version"


@dataclass(frozen=True)
class Parent:
    """Where an asset came from: the asset that entered the step, and by which port."""

    asset_id: str
    port: str


#: Media type -> ending of a file name.
ENDINGS = {
    "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif", "image/bmp": "bmp", "image/tiff": "tiff",
    "video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm", "video/x-matroska": "mkv", "video/x-msvideo": "avi",
    "video/ogg": "ogv", "audio/mp4": "m4a", "audio/x-matroska": "mka", "audio/webm": "weba", "audio/wav": "wav",
    "audio/mpeg": "mp3", "audio/aac": "aac", "audio/flac": "flac", "audio/ogg": "ogg", "text/plain": "txt",
    "model/gltf-binary": "glb", "model/gltf+json": "gltf", "model/obj": "obj", "model/ply": "ply", "model/stl": "stl",
    "model/fbx": "fbx", "model/vnd.usdz+zip": "usdz", "model/spz": "spz", "model/splat": "splat", "model/ksplat": "ksplat",
}  # fmt: skip


@dataclass(frozen=True)
class Asset:
    """An immutable media object. Unknown is None."""

    id: str
    owner: Owner
    kind: MediaKind
    media_type: str
    bytes: int
    sha256: str
    width: int | None
    height: int | None
    duration_s: float | None
    origin: str
    """`upload` or `output`."""
    sketch: bool
    created_at: datetime
    expires_at: datetime | None = None
    run_id: str | None = None
    step_id: str | None = None
    tool: str | None = None
    params: dict[str, Any] | None = field(default=None, repr=False)
    parents: tuple[Parent, ...] = ()
    name: str | None = field(default=None, repr=False)
    """The file name it was uploaded with."""
    blob: str = field(default="", repr=False)
    """The key under which its bytes lie."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What else the file says: `codec, fps, audio_codec, sample_rate, channels, characters, meshes, vertices ...`."""

    @property
    def file_bytes(self) -> int:
        """What is sent to an instance as a file: nothing of a text, which goes as words."""
        return 0 if self.kind is MediaKind.TEXT else self.bytes

    @property
    def ending(self) -> str:
        """Of a file that holds it, by what it is: `png`, `mp4`."""
        return ENDINGS.get(self.media_type, "bin")

    def shape(self) -> dict[str, Any]:
        """The Asset of CONTRACTS, without `handles`, which only conversations know."""
        from base.clock import rfc3339

        return {
            "id": self.id, "kind": self.kind.value, "media_type": self.media_type, "bytes": self.bytes,
            "sha256": self.sha256, "width": self.width, "height": self.height, "duration_s": self.duration_s,
            "facts": self.facts, "tier": self.owner.tier, "origin": self.origin, "sketch": self.sketch,
            "created_at": rfc3339(self.created_at),
            "expires_at": None if self.expires_at is None else rfc3339(self.expires_at),
            "run_id": self.run_id, "step_id": self.step_id, "tool": self.tool, "params": self.params,
            "parents": [{"asset_id": p.asset_id, "port": p.port} for p in self.parents],
        }  # fmt: skip
