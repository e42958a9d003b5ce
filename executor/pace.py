"""How often and how long: every interval of the executor in one frozen value, in seconds."""

from __future__ import annotations

from dataclasses import dataclass

from base.settings import Limits


@dataclass(frozen=True)
class Pace:
    """Tests make these short; nothing else about them differs."""

    heartbeat_s: float = 30.0
    lease_s: float = 90.0
    poll_s: float = 1.0
    """A ring that is lost costs at most this."""
    history_s: float = 2.0
    """Backstop: how often history is asked while the socket is silent."""
    blind_s: float = 0.3
    """The same while no socket speaks for the job."""
    answer_s: float = 30.0
    """How long an instance may take to answer a small question."""
    grace_s: float = 5.0
    """How long an instance may be unreachable in the middle of a job before the job goes back to the queue."""
    dead_s: float = 120.0
    """How long a server may be away with a job until it is taken for dead."""
    late_s: float = 90.0
    """How long after a prompt was left behind it may still arrive where it was sent."""
    rest_s: tuple[float, float] = (30.0, 600.0)
    """How long nothing is sent to a server that fails everybody: first, and at the most."""
    cancel_s: float = 20.0
    """How long an interrupt may take to be confirmed."""
    refresh_s: float = 30.0
    """How often the lists of nodes and models are read again."""
    backoff_s: tuple[float, float] = (0.25, 5.0)
    """First and longest pause between attempts to reach an instance."""
    stop_s: float = 3.0
    """How long a stopping worker waits for what it does."""
    room_s: float = 60.0
    """For how long a worker that found no room takes nothing, whatever the disk says of itself."""
    retry_s: tuple[float, ...] = (0.0, 30.0, 120.0)
    """Pauses before the second, third and fourth attempt; after that the job is dead."""


def pace_of(limits: Limits) -> Pace:
    """As the settings have it: three heartbeats to a lease."""
    return Pace(
        heartbeat_s=limits.lease_seconds / 3, lease_s=limits.lease_seconds, retry_s=tuple(limits.retry_seconds)
    )
