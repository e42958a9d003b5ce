"""Bind references to handles before any tool is chosen. Pure.

The order is the order of trust: a handle said aloud, a picture replied to or attached, an ordinal or a role ("the
original"), a pronoun, and last the silent default, the focus.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.model import PlanningRequest, Shown

ORDINALS = {"first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "fourth": 3, "4th": 3, "fifth": 4, "5th": 4}
_THING = r"(?:one|picture|image|photo|pic|version|result|render|upload|drawing|sketch|painting)s?"
PRONOUN = re.compile(
    rf"\b(?:it|its|this|that|them|these|those|(?:the|my|this|that|our) (?:\w+ )?{_THING}|same)\b", re.I
)


@dataclass(frozen=True)
class Binding:
    """The refs a clause is about, how sure that is (0..1), and whether the person said so in any way."""

    refs: tuple[str, ...] = ()
    confidence: float = 0.0
    spoken: bool = False
    missing: str | None = None
    """A handle or role that was said and does not exist."""


def bind(clause: str, request: PlanningRequest) -> Binding:
    """What this clause refers to."""
    for rule in (_by_handle, _by_message, _by_role, _by_ordinal, _by_pronoun):
        if (binding := rule(clause, request)) is not None:
            return binding
    return Binding((request.focus,), 0.6) if request.focus else Binding()


def find(request: PlanningRequest, ref: str) -> Shown | None:
    """The shown picture of a ref or handle."""
    return next((item for item in request.shown if ref in (item.ref, item.handle)), None)


def root(request: PlanningRequest, ref: str) -> str:
    """The first ancestor of a picture: an upload, or what was created from nothing."""
    seen = {ref}
    while (item := find(request, ref)) is not None and item.parents and item.parents[0] not in seen:
        ref = item.parents[0]
        seen.add(ref)
    return ref


def _by_handle(clause: str, request: PlanningRequest) -> Binding | None:
    said = [f"A{n}" for n in re.findall(r"\b[aA](\d{1,4})\b", clause)]
    if not said:
        return None
    known = [handle for handle in dict.fromkeys(said) if find(request, handle)]
    missing = next((handle for handle in said if find(request, handle) is None), None)
    return Binding(tuple(known), 1.0, True, missing)


def _by_message(clause: str, request: PlanningRequest) -> Binding | None:
    if not request.attached:
        return None
    return Binding(request.attached[:1], 0.98, True)


def _by_role(clause: str, request: PlanningRequest) -> Binding | None:
    if request.focus is None:
        return None
    if re.search(r"\bthe (?:original|source|initial)\b", clause, re.I):
        return Binding((root(request, request.focus),), 0.9, True)
    if re.search(rf"\bthe (?:previous|earlier|prior) (?:{_THING})\b|\bthe (?:one|version) before\b", clause, re.I):
        item = find(request, request.focus)
        handles = [shown.ref for shown in request.shown]
        before = item.parents[0] if item and item.parents else None
        if before is None and request.focus in handles[1:]:
            before = handles[handles.index(request.focus) - 1]
        return Binding((before,), 0.85, True) if before else Binding((), 0.9, True, missing="the previous one")
    return None


def _by_ordinal(clause: str, request: PlanningRequest) -> Binding | None:
    shown = [item.ref for item in request.shown]
    if found := re.search(r"\bthe (?:last|latest|newest) (two|three|four|\d)\b", clause, re.I):
        many = {"two": 2, "three": 3, "four": 4}.get(found[1].lower(), 0) or int(found[1])
        return Binding(tuple(shown[-many:]), 0.9, True)
    if shown and re.search(rf"\bthe (?:last|latest|newest|final|recent) {_THING}\b", clause, re.I):
        return Binding((shown[-1],), 0.95, True)
    found = re.search(rf"\b(?:the|my) ({'|'.join(ORDINALS)}) {_THING}\b|\bthe ({'|'.join(ORDINALS)})$", clause, re.I)
    if not found:
        return None
    word = (found[1] or found[2]).lower()
    position = ORDINALS[word]
    if position >= len(shown):
        return Binding((), 0.9, True, missing=f"the {word} one")
    return Binding((shown[position],), 0.9, True)


def _by_pronoun(clause: str, request: PlanningRequest) -> Binding | None:
    if request.focus is None or not PRONOUN.search(clause):
        return None
    return Binding((request.focus,), 0.95, True)
