"""The errors of measuring.

Problem
├── SuiteNotFound      no suite of that name
└── SuiteBroken        a line of a suite is not a case
"""

from __future__ import annotations

from base.errors import InvalidInput, NotFound


class SuiteNotFound(NotFound):
    """There is no suite of that name."""

    code = "suite_not_found"
    action = "Name one of the files in evals/suites, without its ending."


class SuiteBroken(InvalidInput):
    """A line of this suite is not a case."""

    code = "suite_broken"
    action = "Correct the named line; evals/model.py describes a case."
