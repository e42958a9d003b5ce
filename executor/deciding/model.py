"""What the decision sees, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from executor.deciding.health import Trust
from executor.model import Lane

SLOTS = 2
"""What an instance holds of ours: one that it renders and one that comes next."""


@dataclass(frozen=True)
class Queued:
    """A job in the line: whose, since when, the seconds that it will probably take, and its lane."""

    id: str
    account_id: str
    created_at: datetime
    expect_s: float
    lane: Lane = Lane.NORMAL


@dataclass(frozen=True)
class Fit:
    """How a job would run on an instance that has its nodes, its files and the memory."""

    rank: int = 0
    """The index of the implementation; core nodes stand before our own."""
    weights: Mapping[str, int] = field(default_factory=dict)
    """Weight file, by a hash of its name -> bytes that loading it costs."""


@dataclass(frozen=True)
class Waiting:
    """A job that may go now."""

    job: Queued
    fits: Mapping[str, Fit]
    """Instance -> how it would run there; one that is not named cannot take it."""
    served_by: str | None = None
    """The instance that served its conversation last, and may have half of its graph in its cache."""
    failed_on: frozenset[str] = frozenset()
    heavy: bool = False
    """Its tool says how much memory it needs: an instance that does not tell what it has is the last choice."""


@dataclass(frozen=True)
class Host:
    """An instance. `up` is now, `known` whether its nodes and files were ever read."""

    id: str
    where: str
    """host:port, which may be shown."""
    up: bool = True
    known: bool = True
    load: int = 0
    """Jobs of ours that it renders or holds."""
    left_s: float = 0.0
    """Until it is through with them, probably."""
    slots: int = SLOTS
    locked: bool = False
    """Another worker is giving it work at this moment."""
    cpu: bool = False
    """The embedded renderer: it needs no GPU, and is away only while it starts."""
    measured: bool = True
    """Whether it tells the memory of its GPU."""
    trust: Trust = Trust.WHOLE
    """Whether it does what it is given."""
    warm: frozenset[str] = frozenset()
    """Hashes of the weight files that it has loaded."""

    @property
    def free(self) -> bool:
        slots = {Trust.WHOLE: self.slots, Trust.TRIAL: 1, Trust.NONE: 0}[self.trust]
        return self.up and not self.locked and self.load < slots


@dataclass(frozen=True)
class Given:
    """This job goes to this instance now."""

    job_id: str
    instance: str


@dataclass(frozen=True)
class Waits:
    """Nothing can take it now. `reason` is None while instances are merely busy, else it names the one that is away."""

    job_id: str
    reason: str | None = None
    soon: bool = False
    """It only has to start: not worth a word yet."""
    there: bool = False
    """What could take it is there, and rests because it fails everybody."""


@dataclass(frozen=True)
class Unfit:
    """Every instance was asked and none has the nodes, the model files and the memory."""

    job_id: str


Answer = Given | Waits | Unfit
Served = Mapping[tuple[str, Lane], datetime]
"""Person and lane -> when a job of theirs was last given to an instance."""
