"""A run from its first case to its last, every answer in the journal as soon as it is there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from base.settings import Settings
from evals import cases as suites
from evals import journal, latency, runner
from evals.assembly import Lab, open_lab
from evals.errors import NothingToResume
from evals.model import Case, Figures, Header, Journal

Step = Callable[[int, int], None]
"""Told how many are done of how many."""


def run(settings: Settings, header: Header, path: Path, step: Step) -> Journal:
    """Ask what the journal does not have yet. Raises what loading suites and opening the planner raise."""
    wanted = suites.select(header.suites, header.split, header.case)
    timed = suites.LATENCY in header.suites
    if header.suites == (suites.LATENCY,):
        wanted = ()
    done = {(v.case.key, v.repeat) for v in journal.read(path).verdicts} if path.exists() else set()
    left = [(case, n) for case in wanted for n in range(header.repeat) if (case.key, n) not in done]
    asyncio.run(_run(settings, header, path, left, timed, step))
    return journal.read(path)


def unfinished(path: Path) -> Header:
    """The header of a journal that wants more. Raises NothingToResume."""
    begun = journal.read(path)
    wanted = suites.select(begun.header.suites, begun.header.split, begun.header.case)
    timed = suites.LATENCY in begun.header.suites and not begun.latency
    if not timed and len(begun.verdicts) >= len(wanted) * begun.header.repeat:
        raise NothingToResume(f"The run {begun.header.run} is whole.")
    return begun.header


async def _run(
    settings: Settings, header: Header, path: Path, left: Sequence[tuple[Case, int]], timed: bool, step: Step
) -> None:
    opening = open_lab(settings, header.planner, outcome=header.outcome, scripted=header.scripted)
    with journal.writing(path, header) as writer:
        async with opening as lab:
            for number, (case, repeat) in enumerate(left):
                step(number, len(left))
                writer.verdict(await runner.ask(case, lab.subject, repeat, lab.darkroom))
            step(len(left), len(left))
            if timed:
                writer.latency(await _latency(lab))


async def _latency(lab: Lab) -> list[Figures]:
    return await latency.measure(suites.select(()), lab.subject)
