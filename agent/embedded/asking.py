"""Questions with buttons instead of guesses. Pure: each gives a Clarification."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.embedded import answers, constraints, privacy, words
from agent.embedded.binding import find
from agent.embedded.operations import Operation
from agent.embedded.reading import Reading
from agent.embedded.references import HANDLE
from agent.model import Choice, Clarification, PlanningRequest, Shown
from tools.model import Estimate
from tools.protocols import Found

OFFERED = 3  # pictures offered as buttons where none was named
MOST_CANDIDATES = 4  # and where the words fit several
LABEL_CHARS = 48


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
    """The words fit no picture, or several: which? A click carries the whole request out on the one that is chosen."""
    binding = reading.binding
    if binding.candidates:
        items = [item for ref in binding.candidates if (item := find(request, ref)) is not None]
        return Clarification("Which one do you mean?", _buttons(items[-MOST_CANDIDATES:], request))
    newest = [item for item in request.shown if item.handle][-OFFERED:]
    if not newest:
        return without_picture(reading)
    question = f"There is no {binding.missing or 'such picture'} here. Which picture do you mean?"
    return Clarification(question, _buttons(newest[::-1], request))


def _buttons(items: Sequence[Shown], request: PlanningRequest) -> tuple[Choice, ...]:
    return tuple(
        Choice(f"on-{item.handle or number}", called(item), {"text": request.text, "on": [item.ref]})
        for number, item in enumerate(items, 1)
    )


def called(item: Shown) -> str:
    """A picture on a button: `A3: a red fox in the snow`."""
    name = item.handle or "The one being made"
    words = item.words if len(item.words) <= LABEL_CHARS else item.words[: LABEL_CHARS - 1].rstrip() + "…"
    return f"{name}: {words}" if words else name


def nowhere(clause: str, request: PlanningRequest) -> str | None:
    """The first handle in the words that nothing here has: `A9`."""
    there = {item.handle for item in request.shown}
    said = (f"A{int(found['number'])}" for found in re.finditer(HANDLE, clause))
    return next((handle for handle in said if handle not in there), None)


def second_picture(
    reading: Reading, request: PlanningRequest, on: tuple[str, ...], absent: str | None = None
) -> Clarification:
    """Two pictures are to become one, and only one is known; `absent` was named and is not there."""
    first = on[0] if on else None
    others = [item.handle for item in request.shown if item.handle and item.ref not in on][-OFFERED:]
    choices = tuple(
        Choice(
            f"with-{handle}", f"With {handle}", {"act": "join", "text": reading.clause, "on": [*on, handle]}
        )
        for handle in reversed(others)
    )
    if absent is not None:
        return Clarification(f"There is no {absent} here. Which picture do you mean? Drop it here, or say its name.", _whole(absent, request))
    name = f"{first} and which other picture" if first else "Which two pictures"
    return Clarification(f"{name} shall I put together? Drop the second one here, or say its name.", choices)


def _whole(absent: str, request: PlanningRequest) -> tuple[Choice, ...]:
    """Pictures in place of one that is not there, each with all of the message."""
    said = {f"A{int(found['number'])}" for found in re.finditer(HANDLE, request.text)}
    others = [item for item in request.shown if item.handle and item.handle not in said][-OFFERED:]
    return tuple(
        Choice(f"with-{item.handle}", f"With {called(item)}", {"text": re.sub(rf"\b{absent}\b", item.handle or "", request.text, flags=re.I)})
        for item in reversed(others)
    )


def nearest(operation: Operation, reading: Reading, message: str, on: Sequence[str]) -> Clarification:
    """What was asked for cannot be done, or lacks a number: the reason, and the nearest things that can.

    A click asks for all of the `message` again with that one thing in its place. `on` is what that clause works on, empty
    where it is what an earlier clause makes.
    """
    said = operation.note[1] if operation.note else "That cannot be done."
    choices = []
    for number, text in enumerate(operation.instead.split("|"), 1):
        named = text.replace(" it ", f" {on[0]} ", 1) if on and on[0].startswith("A") else text
        whole = text if operation.whole else within(message, reading.clause, named)
        label = text.capitalize() if operation.whole or whole == named else f"{text.capitalize()}, with all the rest"
        choices.append(Choice(f"near-{number}", label, {"text": whole, "on": list(on)}))
    return Clarification(said, tuple(choices))


def within(message: str, clause: str, other: str) -> str:
    """The message with other words in place of one of its clauses; these alone where the clause is not found in it."""
    flat = words.clean(message)
    if (place := flat.lower().find(clause.lower())) >= 0:
        return f"{flat[:place]}{other}{flat[place + len(clause):]}"
    said, meant = (_NUMERAL.findall(text) for text in (clause, other))
    if len(said) == len(meant) == flat.count(said[0] if said else "\0") == 1:
        return flat.replace(said[0], meant[0])
    return other


_NUMERAL = re.compile(r"(?<![\w.])\d{2,6}(?![\w.]*\d)")


def dearer(text: str, budget: float, dear: Estimate, cheap: Estimate) -> Clarification:
    """It may cost more than the person will spend."""
    plain = constraints.without_budget(text)
    choices = [Choice("anyway", f"Do it for up to {dear.credits[1]:g} credits", {"text": plain})]
    if cheap.credits[1] < dear.credits[1]:
        label = f"A draft for up to {cheap.credits[1]:g} credits"
        choices.insert(0, Choice("draft", label, {"text": f"{plain}, as a quick draft"}))
    return Clarification(f"That may cost up to {dear.credits[1]:g} credits, more than the {budget:g} you named.", tuple(choices))


def kept(left: str) -> Clarification:
    """The person wants nothing kept, which cannot be: what is left of the message is made only when they say so."""
    label = _short(f"Make it: {left}")
    return Clarification(
        f"{privacy.REPLY} {privacy.NOTHING_MADE} Shall I make it all the same?", (Choice("kept", label, {"text": left}),)
    )


def what_picture() -> Clarification:
    """A new picture is wanted, and nothing is said of what it shows."""
    return Clarification("What shall the new picture show?")


def what_with(reading: Reading) -> Clarification:
    """A picture came without words."""
    handle = reading.binding.refs[0] if reading.binding.refs else "it"
    ideas = ("make it more vibrant", "black and white", "crop it square", "upscale it 2x")
    choices = tuple(
        Choice(f"idea-{n}", idea.capitalize(), {"text": f"{idea} {handle}"})
        for n, idea in enumerate(ideas, 1)
    )
    return Clarification(f"Got it, this is {handle}. What shall I do with it?", choices)


def instead(wanted: Found, other: str | None, rest: str, on: Sequence[str]) -> Clarification:
    """What was asked for by name cannot run: why, and the nearest offer."""
    reason = f"{wanted.tool.title} cannot run now: it {wanted.availability.reason}."
    if (wanted.availability.reason or "").startswith(("the ", "no ", "put ")):
        reason = f"{wanted.tool.title} cannot run now: {wanted.availability.reason}."
    label = f"With {other}" if other else _short(rest)
    named = " ".join(handle for handle in on if handle.startswith("A") and handle not in rest)
    then = {"text": f"{rest} {named}".strip(), "on": list(on)}
    return Clarification(f"{reason} Shall I do it without that model?", (Choice("instead", label, then),))


def _short(text: str) -> str:
    text = text[:1].upper() + text[1:]
    return text if len(text) <= LABEL_CHARS else text[: LABEL_CHARS - 1].rstrip() + "…"


def without_picture(reading: Reading) -> Clarification:
    """A change is asked for, and nothing is there to change."""
    return Clarification(
        answers.NO_PICTURE,
        (Choice("new", "Make a picture of that", {"act": "create", "text": reading.clause}),),
    )
