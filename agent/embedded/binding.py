"""Bind references to handles before any tool is chosen. Pure.

The order is the order of trust: a handle said aloud, an ordinal or a role ("the original") said aloud, a picture replied
to or attached, a description ("the fox"), a pronoun, and last the silent default, the focus.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.embedded.references import HANDLE, ORDINAL, ORDINALS, PLURAL, PRONOUN, THING
from agent.model import PlanningRequest, Shown

__all__ = ["UNBOUND", "Binding", "bind", "find", "root"]


@dataclass(frozen=True)
class Binding:
    """The refs a clause is about, how sure that is (0..1), and whether the person said so in any way."""

    refs: tuple[str, ...] = ()
    confidence: float = 0.0
    spoken: bool = False
    missing: str | None = None
    """A handle or role that was said and does not exist."""
    named: bool = False
    """By a name of its own (`A1`, `the second one`), which stays what it is whatever was made meanwhile."""


UNBOUND = Binding()
#: Words after `the second` that show it to be a picture: `the second floor` is none.
_AFTER = "but|better|best|and|again|instead|please|at|in|as|with|without|is|was|looks"


def bind(clause: str, request: PlanningRequest) -> Binding:
    """What this clause refers to."""
    for rule in (_by_handle, _by_role, _by_ordinal, _by_plural, _by_message, _by_description, _by_pronoun):
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


def _named(*refs: str, sure: float = 0.9) -> Binding:
    return Binding(refs, sure, True, named=True)


def _absent(what: str) -> Binding:
    return Binding((), 0.9, True, missing=what, named=True)


def _by_handle(clause: str, request: PlanningRequest) -> Binding | None:
    said = [f"A{int(n)}" for n in re.findall(HANDLE, clause)]
    counted = re.findall(
        r"\b(?:picture|image|photo|version|number|no\.) ?#?(\d{1,3})\b|(?:^|\s)#(\d{1,3})\b", clause, re.I
    )
    said += [name for groups in counted if find(request, name := f"A{int(''.join(groups))}")]
    if not said:
        return None
    known = [handle for handle in dict.fromkeys(said) if find(request, handle)]
    missing = next((handle for handle in said if find(request, handle) is None), None)
    return Binding(tuple(known), 1.0, True, missing, named=True)


def _by_message(clause: str, request: PlanningRequest) -> Binding | None:
    """What came with the message; all of it, unless the words are about one."""
    if not request.attached:
        return None
    one = len(request.attached) > 1 and re.search(
        rf"\b(?:it|its|this|that|the {THING.removesuffix('s?')})\b", clause, re.I
    )
    return Binding(request.attached[:1] if one else request.attached, 0.98, True)


def _by_role(clause: str, request: PlanningRequest) -> Binding | None:
    if re.search(
        rf"\b(?:my|the) (?:upload\b|uploaded {THING}|{THING} (?:that )?i (?:uploaded|sent|attached|gave|"
        rf"posted))",
        clause,
        re.I,
    ):
        brought = [item.ref for item in request.shown if item.origin == "upload"]
        return _named(brought[-1]) if brought else _absent("upload")
    if request.focus is None:
        return None
    if re.search(r"\bthe (?:original|source|initial)\b", clause, re.I):
        return _named(root(request, request.attached[0] if request.attached else request.focus))
    if re.search(
        rf"\bthe (?:previous|earlier|prior|other) {THING}\b|\bthe (?:one|version) before\b|\bthe previous\b",
        clause,
        re.I,
    ):
        before = _before(request, request.focus)
        return _named(before, sure=0.85) if before else _absent("previous one")
    return None


def _before(request: PlanningRequest, ref: str) -> str | None:
    """What a picture was made from, else what was there before it."""
    item = find(request, ref)
    if item is not None and item.parents:
        return item.parents[0]
    refs = [shown.ref for shown in request.shown]
    return refs[refs.index(ref) - 1] if ref in refs[1:] else None


def _counted(request: PlanningRequest) -> list[str]:
    """What "the second one" counts in: several attachments, else the set that was just made together, else everything."""
    if len(request.attached) > 1:
        return list(request.attached)
    newest = request.shown[-1].run_id if request.shown else None
    together = [item.ref for item in request.shown if newest is not None and item.run_id == newest]
    return together if len(together) > 1 else [item.ref for item in request.shown]


def _by_ordinal(clause: str, request: PlanningRequest) -> Binding | None:
    shown = _counted(request)
    if many := re.search(
        rf"\b(?:the |my )?(first|last|latest|newest) (two|three|four|\d)\b(?: {THING})?", clause, re.I
    ):
        count = {"two": 2, "three": 3, "four": 4}.get(many[2].lower(), 0) or int(many[2])
        return _named(*(shown[:count] if many[1].lower() == "first" else shown[-count:])) if shown else None
    if re.search(
        r"\b(?:the )?(?:second|2nd) (?:to|from) (?:the )?last\b|\blast but one\b|\bpenultimate\b",
        clause,
        re.I,
    ):
        return _named(shown[-2]) if len(shown) > 1 else _absent("one before the last")
    if shown and re.search(rf"\bthe (?:last|latest|newest|final|(?:most )?recent) {THING}\b", clause, re.I):
        return _named(shown[-1], sure=0.95)
    if len(shown) > 2 and re.search(rf"\bthe middle {THING}\b", clause, re.I):
        return _named(shown[len(shown) // 2])
    end = rf"(?=\s*(?:$|[,.;:!?]|(?:{_AFTER})\b))"
    found = re.search(rf"\b(?:the|my) ({ORDINAL})(?: {THING}\b|{end})", clause, re.I)
    if not found:
        return None
    position = ORDINALS[found[1].lower()]
    if position >= len(shown):  # the set is smaller: then it is one of all
        shown = [item.ref for item in request.shown]
    return _named(shown[position]) if position < len(shown) else _absent(f"{found[1].lower()} one")


def _by_plural(clause: str, request: PlanningRequest) -> Binding | None:
    """`both`, `all of them`: what came with the message, else the pictures there are (`both`: the last two)."""
    if not PLURAL.search(clause):
        return None
    refs = request.attached or tuple(item.ref for item in request.shown)
    if re.search(r"\bboth\b", clause, re.I):
        refs = refs[-2:]
    elif not request.attached and not re.search(r"\b(?:all|every|each)\b", clause, re.I):
        return None
    return Binding(refs, 0.9, True, named=not request.attached) if len(refs) > 1 else None


def _by_description(clause: str, request: PlanningRequest) -> Binding | None:
    """`the fox`, when only the words of one picture that was made here speak of a fox, and the focus does not."""
    item = find(request, request.focus) if request.focus else None
    nouns = {noun.lower() for noun in re.findall(r"\bthe (?:\w+ing )?([a-z]{3,})\b", clause, re.I)}
    nouns -= {noun for noun in nouns if re.fullmatch(THING, noun)} | _EVERYWHERE
    if item is None or not nouns or nouns & _said(item):
        return None
    hits = [shown.ref for shown in request.shown if shown.origin == "output" and nouns & _said(shown)]
    roots = {root(request, ref) for ref in hits}
    return Binding((hits[-1],), 0.8, True, named=True) if len(roots) == 1 else None


#: What most pictures have: "make the sky red" points at no other picture than the one at hand.
_EVERYWHERE = frozenset(
    [
        "sky",
        "background",
        "foreground",
        "colour",
        "colours",
        "color",
        "colors",
        "light",
        "lights",
        "lighting",
        "ground",
        "water",
        "clouds",
        "sun",
        "moon",
        "tree",
        "trees",
        "grass",
        "floor",
        "wall",
        "walls",
        "shadow",
        "shadows",
        "hair",
        "face",
        "eyes",
        "hand",
        "hands",
        "mood",
        "style",
        "scene",
        "left",
        "right",
        "top",
        "bottom",
        "middle",
    ]
)


def _said(item: Shown) -> set[str]:
    return set(re.findall(r"[a-z]{3,}", item.words.lower()))


def _by_pronoun(clause: str, request: PlanningRequest) -> Binding | None:
    if request.focus is None or not PRONOUN.search(clause):
        return None
    return Binding((request.focus,), 0.95, True)
