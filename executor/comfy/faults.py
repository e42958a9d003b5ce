"""The one exception of the client: it carries a Fault, so that whoever catches it knows what may follow."""

from __future__ import annotations

from executor.model import Fault, FaultKind
from tools import rules

#: The code of a render that was stopped at its deadline.
LATE = "too_slow"


#: The code of a server that came back without the job, or did not come back.
LOST = "host_lost"

#: The code of a node that raised what nobody expected.
NODE_FAILED = "node_failed"

#: The code of a server that answers, but did not take a job.
NOT_TAKEN = "not_taken"


class Faulted(Exception):
    """Something with an instance or a job went wrong in a way that is understood."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.code)


def unreachable(where: str, why: str) -> Faulted:
    """No answer, or a broken connection. `why` is a word of ours, never the server's."""
    return Faulted(Fault(FaultKind.CONNECTION, "instance_away", f"The render server at {where} does not answer ({why})."))


def nonsense(where: str, why: str) -> Faulted:
    """An answer, but not ComfyUI's."""
    detail = f"What answers at {where} does not speak ComfyUI's protocol ({why})."
    return Faulted(Fault(FaultKind.CONNECTION, "instance_away", detail))


def refused(where: str, status: int) -> Faulted:
    """It says that it failed when it was given a job, and does not have it."""
    detail = f"The render server at {where} answers, but fails when it is given a job (status {status})."
    return Faulted(Fault(FaultKind.HOST, NOT_TAKEN, detail))


def untaken(where: str, why: str) -> Faulted:
    """It was given a job, did not say that it has it, and does not list it: it may still be on its way."""
    detail = f"The render server at {where} answers, but did not say that it took the job ({why})."
    return Faulted(Fault(FaultKind.CONNECTION, NOT_TAKEN, detail))


def lost(where: str) -> Faulted:
    """The job is neither in the queue nor in the history: the server was restarted or somebody deleted it."""
    return Faulted(Fault(FaultKind.HOST, LOST, f"The render server at {where} lost the job."))


def silent(where: str, seconds: float) -> Faulted:
    """It has the job and shows no sign of progress."""
    detail = f"The render server at {where} showed no sign of progress for {seconds:.0f} seconds."
    return Faulted(Fault(FaultKind.HOST, "no_progress", detail))


def late(where: str, seconds: float) -> Fault:
    """It was rendered for longer than its tool may take: no second try helps."""
    took = f"{seconds:.0f} seconds" if seconds < 120 else f"{seconds / 60:.0f} minutes"
    return Fault(FaultKind.JOB, LATE, f"The render server at {where} worked on it for {took}, which is as long as it may take.")


def of_the_house(code: str, detail: str) -> Fault:
    """Where our own bytes lie is away or full: neither the job nor the server can help it, and it is tried again later."""
    return Fault(FaultKind.CONNECTION, code, detail)


def interrupted(where: str) -> Fault:
    """It was stopped, and not by us."""
    return Fault(FaultKind.HOST, "interrupted", f"Somebody stopped the job on the render server at {where}.")


def too_large(where: str, size: int, limit: int | None) -> Fault:
    """An input above the bytes that the server takes in one request: no second try helps there."""
    return Fault(FaultKind.JOB, "input_too_large", rules.too_large(f"The render server at {where}", size, limit))
