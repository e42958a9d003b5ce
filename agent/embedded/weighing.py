"""What a guess is worth: followed, asked about, or left alone. Pure."""

from __future__ import annotations

from agent.embedded import shapes
from agent.embedded.acts import Guess
from agent.embedded.binding import Binding
from agent.embedded.frames import unframed
from agent.embedded.operations import labelled
from agent.embedded.reading import Reading
from agent.embedded.vocabulary import things
from agent.model import PlanningRequest

WEAK = 0.2  # under this a guess means nothing
MEANT = 0.28  # from here on it is followed
STRONG = 0.4  # from here on even where the words also name something
LEAD = 0.08  # and only this far ahead of the next
TOLD = 0.15  # enough for an answer in words, which costs nothing


def interpret(
    guess: Guess, text: str, binding: Binding, request: PlanningRequest, *, continues: bool
) -> Reading:
    """The reading of a clause by its guess: a change that is likely is made, a doubt between old and new is asked about."""
    has_picture = continues or bool(binding.refs)
    sure = min(0.95, 0.4 + max(0.0, guess.score))
    if guess.telling:
        return _told(guess, text, binding, sure, has_picture)
    act = _act(guess, text, request, has_picture=has_picture, continues=continues)
    if act == "operate" and (operation := labelled(guess.label, text)) is not None:
        return Reading("operate", text, binding, (operation,), sure)
    return Reading(act, text, binding, confidence=0.4 if act == "unclear" else sure)


def _offers_another(text: str) -> bool:
    """`What about a red barn instead?`: in this picture, or in its place?"""
    framed = unframed(text)
    return framed.proposal and shapes.NEW_THING.match(framed.text) is not None


def _told(guess: Guess, text: str, binding: Binding, sure: float, has_picture: bool) -> Reading:
    changes = guess.scores.get("edit", 0.0)
    if has_picture and changes >= STRONG and changes > guess.score + LEAD:
        return Reading("edit", text, binding, confidence=sure)
    return Reading(guess.label if guess.score >= TOLD else "chat.other", text, binding, confidence=sure)


def _act(guess: Guess, text: str, request: PlanningRequest, *, has_picture: bool, continues: bool) -> str:
    open_act = "unclear" if has_picture else "create"
    if has_picture and _offers_another(text):
        return open_act
    meant = guess.score >= MEANT and guess.lead >= LEAD
    if labelled(guess.label, text) is not None:
        plain = not things(text)
        return "operate" if meant and (plain or (has_picture and guess.score >= STRONG)) else open_act
    if guess.label in ("edit", "vary"):
        ahead = guess.score >= WEAK and guess.score - guess.scores.get("create", 0.0) >= LEAD
        return guess.label if has_picture and ahead else open_act
    if guess.label in ("control.cancel", "control.confirm", "control.decline"):
        waits = request.waiting is not None or (guess.label == "control.cancel" and bool(request.running))
        return guess.label if waits and guess.score >= WEAK else open_act
    if guess.label == "create" and has_picture:
        return "create" if meant and not continues else open_act
    return guess.label if meant else open_act
