"""Suites are data: evals/suites/NAME.jsonl, a case a line."""

from __future__ import annotations

from importlib import resources

from pydantic import ValidationError

from evals.errors import SuiteBroken, SuiteNotFound
from evals.model import Case


def suites() -> list[str]:
    """The names of all suites."""
    files = resources.files("evals").joinpath("suites").iterdir()
    return sorted(file.name.removesuffix(".jsonl") for file in files if file.name.endswith(".jsonl"))


def load(suite: str) -> tuple[Case, ...]:
    """The cases of a suite, in order. Raises SuiteNotFound, SuiteBroken."""
    if suite not in suites():
        raise SuiteNotFound(f"There is no suite called {suite}; there are: {', '.join(suites())}.")
    lines = resources.files("evals").joinpath("suites", f"{suite}.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(parse(suite, number, line) for number, line in enumerate(lines, start=1) if line.strip())


def parse(suite: str, number: int, line: str) -> Case:
    """One line of a suite. Raises SuiteBroken."""
    try:
        case = Case.model_validate_json(line)
        case.right_answers()
    except ValidationError as error:
        raise SuiteBroken(f"Line {number} of {suite} is not a case: {error.errors()[0]['msg']}.") from None
    return case
