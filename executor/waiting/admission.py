"""Who is let into the line. Pure; `door.py` asks it in the transaction that would insert."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from executor.model import Lane


class Refusal(Enum):
    """Why somebody has to come again later."""

    #: the person has enough waiting already
    OWN = "own"
    #: the accounts that were made from the person's network address have
    PLACE = "place"
    #: this would start too late: low priority is turned away first
    CROWD = "crowd"
    #: more waits than the house takes, whoever asks
    HOUSE = "house"


HOUSE_LINES = 12
"""So many times the longest wait that is taken may wait altogether; whose turn comes soon is let in until then."""


@dataclass(frozen=True)
class Bounds:
    """`own` jobs of one person may wait; what would start later than in so many seconds is refused, by priority."""

    own: int
    low_s: float
    normal_s: float
    place: int = 1_000_000
    """Jobs that may wait of all accounts made from one network address."""

    @property
    def house_s(self) -> float:
        """Seconds of waiting work, of everybody together, above which nothing more is taken."""
        return HOUSE_LINES * bound_s(Lane.NORMAL, self)


@dataclass(frozen=True)
class Crowd:
    """What waits: jobs of the person, seconds until a new job of theirs would start, seconds until all is done."""

    own: int
    wait_s: float
    total_s: float = 0.0
    place: int = 0
    """Jobs of all accounts made from the person's network address; 0 where that is this machine."""


def refusal(lane: Lane, adding: int, crowd: Crowd, bounds: Bounds) -> Refusal | None:
    """None: come in. An operator's own always may, and so may the first of somebody who has nothing waiting, where their
    turn is not too far: else a plan with more steps than the limit could never start."""
    if lane is Lane.HIGH:
        return None
    if crowd.own and crowd.own + adding > bounds.own:
        return Refusal.OWN
    if crowd.place and crowd.place + adding > bounds.place:
        return Refusal.PLACE
    if crowd.wait_s > bound_s(lane, bounds):
        return Refusal.CROWD
    return Refusal.HOUSE if crowd.total_s > bounds.house_s else None


def bound_s(lane: Lane, bounds: Bounds) -> float:
    """The wait above which this lane is refused; normal is never refused sooner than low."""
    return bounds.low_s if lane is Lane.LOW else max(bounds.low_s, bounds.normal_s)


def retry_after_s(lane: Lane, why: Refusal, crowd: Crowd, bounds: Bounds, own_start_s: float) -> int:
    """Whole seconds after which it is worth another try: when one of those that
    count has started, when a new one would
    start in time, or when the house is down to its bound."""
    waits = {
        Refusal.OWN: own_start_s,
        Refusal.PLACE: own_start_s,
        Refusal.CROWD: crowd.wait_s - bound_s(lane, bounds),
        Refusal.HOUSE: crowd.total_s - bounds.house_s,
    }
    return int(min(3600.0, max(5.0, waits[why])) + 0.5)
