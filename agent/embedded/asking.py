"""Questions with buttons instead of guesses. Pure: each gives a Clarification."""

from __future__ import annotations

import re

from agent.embedded import answers
from agent.embedded.reading import Reading
from agent.model import Choice, Clarification, PlanningRequest

OFFERED = 3  # pictures offered as buttons


def change_or_new(reading: Reading, name: str) -> Clarification:
    """A new picture or a change of the old one?"""
    refs = list(reading.binding.refs)
    return Clarification(
        f"Shall I change {name}, or make a new picture of that?",
        (
            Choice("change", f"Change {name}", {"act": "edit", "text": reading.clause, "on": refs}),
            Choice("new", "Make a new picture", {"act": "create", "text": reading.clause}),
        ),
    )


def what_else(reading: Reading, name: str) -> Clarification:
    """The person does not like it and has not said what to do."""
    again = {"act": "vary", "text": reading.clause, "on": list(reading.binding.refs)}
    return Clarification(
        f"What shall be different in {name}?", (Choice("again", "Try again with another seed", again),)
    )


def which(reading: Reading, request: PlanningRequest) -> Clarification:
    """The picture that was named is not there: which of those that are?"""
    newest = [item.handle for item in request.shown if item.handle][-OFFERED:]
    if not newest:
        return without_picture(reading)
    missing = reading.binding.missing or ""
    choices = tuple(
        Choice(f"on-{handle}", f"Use {handle}", {"text": _with(reading.clause, missing, handle)})
        for handle in reversed(newest)
    )
    return Clarification(f"There is no {missing} here. Which picture do you mean?", choices)


def what_with(reading: Reading) -> Clarification:
    """A picture came without words."""
    handle = reading.binding.refs[0] if reading.binding.refs else "it"
    ideas = ("make it more vibrant", "black and white", "crop it square", "upscale it 2x")
    choices = tuple(
        Choice(f"idea-{n}", idea.capitalize(), {"text": f"{idea} {handle}"})
        for n, idea in enumerate(ideas, 1)
    )
    return Clarification(f"Got it, this is {handle}. What shall I do with it?", choices)


def without_picture(reading: Reading) -> Clarification:
    """A change is asked for, and nothing is there to change."""
    return Clarification(
        answers.NO_PICTURE,
        (Choice("new", "Make a picture of that", {"act": "create", "text": reading.clause}),),
    )


def _with(clause: str, missing: str, handle: str) -> str:
    """The request again, with the name of a picture that is there."""
    said = re.compile(rf"(?:\bthe )?\b{re.escape(missing)}\b", re.I)
    return said.sub(handle, clause) if said.search(clause) else f"{clause} {handle}"
