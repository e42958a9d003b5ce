"""Where a job is and why it is over, in sentences for people. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from executor.errors import job_problem
from executor.model import JobEnding, JobStatus

STATUS: Mapping[JobStatus, str] = {
    JobStatus.QUEUED: "Waits for its turn.",
    JobStatus.DISPATCHING: "Is being sent to a render server.",
    JobStatus.RUNNING: "Is being rendered, or is the next there.",
    JobStatus.COLLECTING: "Is rendered; what came out is being fetched.",
    JobStatus.COMPLETED: "Is done.",
    JobStatus.FAILED: "Ended without a result.",
    JobStatus.CANCELLED: "Was stopped.",
    JobStatus.DEAD: "Was given up after several tries.",
}
ENDING: Mapping[JobEnding, str] = {
    JobEnding.DONE: "Is done.",
    JobEnding.CACHED: "Was there already: nothing had to be rendered.",
    JobEnding.BY_PERSON: "Was cancelled by its owner.",
    JobEnding.WITH_RUN: "Was stopped because another part of the request could not be done.",
    JobEnding.DEADLINE: "Took too long, or nothing that can do it answered in time.",
    JobEnding.JOB_FAULT: "Could not be done as it was asked for.",
    JobEnding.MODEL_FAULT: "Could not be done: no render server has what it needs in working order.",
    JobEnding.GIVEN_UP: "Was given up: render servers failed over it again and again.",
    JobEnding.KEY_LOST: "Was forgotten with its conversation.",
}


def failing_words(code: str) -> str:
    """Of a server that fails whatever it is given: what it said last, and that it is seen to."""
    doc = job_problem(code).__doc__ or ""
    return f"Fails one job after the other. {doc.partition(chr(10))[0]} One job at a time is tried there, after a pause."


def sentence(status: JobStatus, ending: JobEnding | None = None) -> str:
    """The ending says more than the status; jobs that ended long ago have none."""
    said = STATUS[status] if ending is None else ENDING[ending]
    return f"{said} An operator can try it again." if status is JobStatus.DEAD else said
