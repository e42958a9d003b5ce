"""The errors of measuring.

Problem
├── SuiteNotFound      no suite of that name
├── SuiteBroken        a line of a suite is not a case
└── NothingToPlanFor   no instance told what it can run
"""

from __future__ import annotations

from base.errors import InvalidInput, NotFound, Problem


class SuiteNotFound(NotFound):
    """There is no suite of that name."""

    code = "suite_not_found"
    action = "Name one of the files in evals/suites, without its ending."


class SuiteBroken(InvalidInput):
    """A line of this suite is not a case."""

    code = "suite_broken"
    action = "Correct the named line; evals/model.py describes a case."


class NothingToPlanFor(Problem):
    """No instance told in time what it can run, so nothing could be planned for it."""

    code = "nothing_to_plan_for"
    status = 503
    title = "No instance"
    action = "Start the ComfyUI named in STATIONTHIS_COMFY_URLS, or leave it out to use the embedded renderer."
