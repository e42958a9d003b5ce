"""The life of a turn: states with a sentence each, and how its end follows from its run's. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class TurnState(StrEnum):
    """Where a turn is. Every state but `done` is under a lease of the process that works on it."""

    #: stored, `turn.started` is in the stream; waits for the turns before it
    RECEIVED = "received"
    #: a planner works on it
    PLANNING = "planning"
    #: its run waits for a yes
    AWAITING = "awaiting_confirmation"
    #: its run is at work; events are copied as they come
    RUNNING = "running"
    #: the run is over, the outcome is being written
    FINISHING = "finishing"
    DONE = "done"


class TurnStatus(StrEnum):
    """How a turn ended."""

    ANSWERED = "answered"
    ASKED = "asked"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


#: Understanding is serial within a conversation: a turn waits while an earlier one is here.
BEFORE_RUN = frozenset({TurnState.RECEIVED, TurnState.PLANNING})
WATCHING = frozenset({TurnState.AWAITING, TurnState.RUNNING, TurnState.FINISHING})


class Activity(StrEnum):
    """What goes on in a conversation, also while nobody looks at it."""

    WORKING = "working"
    #: a run waits for the person's yes
    WAITING = "waiting"


def activity(states: Iterable[str]) -> Activity | None:
    """Of a conversation whose open turns are in these states; a question to the person comes first. None: nothing is open."""
    found = set(states)
    if TurnState.AWAITING in found:
        return Activity.WAITING
    return Activity.WORKING if found else None


def status_of_run(event_type: str) -> TurnStatus | None:
    """How the turn ends when its run ends with this event."""
    return {
        "run.completed": TurnStatus.DONE,
        "run.failed": TurnStatus.FAILED,
        "run.cancelled": TurnStatus.CANCELLED,
    }.get(event_type)
