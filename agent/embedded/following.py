"""Messages that only make sense after the one before: the answer to a question, and `the other one too`. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agent.embedded.correcting import one_source
from agent.embedded.reading import Reading
from agent.model import Exchange, PlanningRequest

_NAMING = ("control.select", "control.correct", "again")


def followed(request: PlanningRequest, readings: Sequence[Reading]) -> PlanningRequest:
    """The request that is meant: an earlier one, on the picture that is named or comes now; else the same."""
    if request.choice is not None or not request.history:
        return request
    last = request.history[-1]
    if last.asked and request.attached and all(_only_brings(reading) for reading in readings):
        return replace(request, text=last.text)
    if len(readings) != 1 or readings[0].act not in _NAMING or not readings[0].binding.refs:
        return request
    refs = list(readings[0].binding.refs)
    if last.asked:
        return replace(request, text=last.text, choice={"on": refs, "instead": True})
    plan = request.last_plan
    redone = plan is not None and one_source(plan)  # exactly, whatever it was called
    if readings[0].act in ("again", "control.correct") and not redone and (earlier := _asked_for(request.history)) is not None:
        return replace(request, text=earlier.text, choice={"on": refs, "instead": True})
    return request


def _only_brings(reading: Reading) -> bool:
    return reading.act.startswith("chat.") or reading.act in ("attached", "control.decline")


def _asked_for(history: Sequence[Exchange]) -> Exchange | None:
    """The latest message that said what to do, rather than to what else."""
    return next(
        (past for past in reversed(history) if past.handles and not _ELSEWHERE.search(past.text)), None
    )


_ELSEWHERE = re.compile(r"\b(?:too|as well|also|same|i meant|not that|not this|wrong one)\b", re.I)
