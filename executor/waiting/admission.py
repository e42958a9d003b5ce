"""Who is let into the line. Pure; `door.py` asks it in the transaction that would insert."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from executor.model import Lane


class Refusal(Enum):
    """Why somebody has to come again later."""

    #: the person has enough waiting already
    OWN = "own"
    #: everybody has: low priority is turned away first
    CROWD = "crowd"


@dataclass(frozen=True)
class Bounds:
    """`own` jobs of one person may wait; above so many seconds of waiting, low and then normal priority is refused."""

    own: int
    low_s: float
    normal_s: float


@dataclass(frozen=True)
class Crowd:
    """What waits: of the person, and of everybody, in seconds until a new job would start."""

    own: int
    wait_s: float


def refusal(lane: Lane, adding: int, crowd: Crowd, bounds: Bounds) -> Refusal | None:
    """None: come in. An operator's own always may, and so may the first of somebody who has nothing waiting, where the
    line is not too long: else a plan with more steps than the limit could never start."""
    if lane is Lane.HIGH:
        return None
    if crowd.own and crowd.own + adding > bounds.own:
        return Refusal.OWN
    return Refusal.CROWD if crowd.wait_s > bound_s(lane, bounds) else None


def bound_s(lane: Lane, bounds: Bounds) -> float:
    """The wait above which this lane is refused; normal is never refused sooner than low."""
    return bounds.low_s if lane is Lane.LOW else max(bounds.low_s, bounds.normal_s)


def retry_after_s(lane: Lane, why: Refusal, crowd: Crowd, bounds: Bounds, own_start_s: float) -> int:
    """Whole seconds after which it is worth another try: when one of the person's own has started, or the line is down
    to the bound."""
    wait = own_start_s if why is Refusal.OWN else crowd.wait_s - bound_s(lane, bounds)
    return int(min(3600.0, max(5.0, wait)) + 0.5)
