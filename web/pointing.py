"""Where in the body of an order that is which a refusal names by step, parameter and input."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from base.errors import Problem
from web.bodies import NewRun


@contextmanager
def pointed(body: NewRun) -> Iterator[None]:
    """Refusals of what is done within get `errors`, as those of the body's form have."""
    try:
        yield
    except Problem as error:
        pointers = _pointers(error.facts, body)
        if pointers:
            error.facts.setdefault("errors", [{"pointer": pointer, "detail": error.detail} for pointer in pointers])
        raise


def _pointers(facts: dict[str, Any], body: NewRun) -> list[str]:
    step = _step(str(facts.get("step", "")), body)
    if step is None:
        return []
    if "port" in facts:
        number = f"/{facts['number']}" if "number" in facts else ""
        return [f"{step}/inputs/{_escaped(facts['port'])}{number}"]
    if body.spell is not None:  # its own steps have parameters; the order has blanks
        return []
    named = facts.get("parameters", [facts["parameter"]] if "parameter" in facts else [])
    return [f"{step}/params/{_escaped(name)}" for name in named]


def _step(name: str, body: NewRun) -> str | None:
    """`s2-1` is one of the several that s2 became."""
    if body.plan is None:
        return "#"
    ids = [step.id for step in body.plan.steps]
    written = name.partition("-")[0]
    return f"#/plan/steps/{ids.index(written)}" if written in ids else None


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
