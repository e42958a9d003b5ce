"""Bind references to handles before any tool is chosen. Pure.

The order is the order of trust: a picture named aloud (a handle, an ordinal, a role such as `the original`, a
description), one replied to or attached, a thing that only one picture shows (`the fox`), a pronoun, and last the
silent default, the focus. Where words fit several pictures the binding has candidates and no refs: then one asks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from agent.embedded import described, roles
from agent.embedded.lineage import find, root, together, versions
from agent.embedded.mentions import Mention, mentions
from agent.embedded.references import HANDLE, PLURAL, PRONOUN, THING
from agent.embedded.stems import stems
from agent.embedded.vocabulary import things
from agent.model import PlanningRequest, Shown

__all__ = ["UNBOUND", "Binding", "bind", "find", "root"]

SURE = 0.5
"""Below this confidence, where the person did name a picture, one asks which is meant."""
LOST = 0.3
"""How sure it is what a name means that nothing here has."""


@dataclass(frozen=True)
class Binding:
    """The refs a clause is about, how sure that is (0..1), and whether the person said so in any way."""

    refs: tuple[str, ...] = ()
    confidence: float = 0.0
    spoken: bool = False
    missing: str | None = None
    """A handle, role or description that was said and does not exist."""
    named: bool = False
    """By a name of its own (`A1`, `the second one`), which stays what it is whatever was made meanwhile."""
    candidates: tuple[str, ...] = ()
    """Refs that the words fit equally well, where they do not say which."""
    joins: bool = False
    """The things of several pictures, to be put together."""
    roles: Mapping[str, str] = field(default_factory=dict)
    """`style`, `seed`, `pose` -> the ref that lends it, which is not worked on."""

    @property
    def asks(self) -> bool:
        """The person named something, and what is not sure enough to work on it."""
        return self.spoken and self.confidence < SURE


UNBOUND = Binding()


def bind(clause: str, request: PlanningRequest, said: str = "") -> Binding:
    """What this clause refers to; `said` are the words of earlier clauses that make a picture in the same message."""
    rest, lending = roles.cut(clause)
    binding = _settled(_object(rest, request, said), request)
    request = replace(request, choice=None)
    for role, words in lending.items():
        lender = _settled(_named(words, request) or _shown_by(words, request), request)
        if lender.missing and not binding.missing:
            binding = replace(binding, missing=lender.missing, confidence=LOST, spoken=True)
        if lender.refs:
            binding = replace(binding, roles={**binding.roles, role: lender.refs[0]})
    return binding


def _object(clause: str, request: PlanningRequest, said: str) -> Binding:
    about = (_named, _by_joined, _by_message, partial(_by_thing, said=said), _by_plural, _by_pronoun)
    for rule in about:
        if (binding := rule(clause, request)) is not None:
            return binding
    alone = len(request.shown) < 2
    return Binding((request.focus,), 0.9 if alone else 0.6) if request.focus else UNBOUND


def _settled(binding: Binding, request: PlanningRequest) -> Binding:
    """What the person chose by a button, or by a later message, stands where the words alone did not say which."""
    choice = request.choice or {}
    chosen = tuple(ref for ref in choice.get("on", ()) if find(request, ref))
    if chosen and binding.asks:
        return Binding(chosen, 1.0, True, named=True, roles=binding.roles)
    if chosen and choice.get("instead"):
        return Binding(chosen, 0.9, True, roles=binding.roles)
    return binding


def _shown_by(words: str, request: PlanningRequest) -> Binding:
    match = described.match(words, request)
    return Binding(match.refs, 0.8, True, named=True) if match.clear and match.score == 1 else UNBOUND


_COLLECTIVE = re.compile(
    rf"\b(?:all|both|every\w*|each|them|these|those|others?|rest|lot|two|three|four|first|last|before|uploads?|{THING})\b|\ba\d", re.I
)  # fmt: skip


def spelled(clause: str, request: PlanningRequest) -> str:
    """The clause with handles in place of descriptions, so that their words are not taken for what shall be done."""
    for mention in reversed(mentions(clause, request)):
        item = find(request, mention.refs[0]) if len(mention.refs) == 1 else None
        nameless = not mention.refs or (item is not None and item.handle is None)
        name = (
            "this one" if nameless and not re.match(HANDLE, clause[mention.start :]) else item and item.handle
        )
        if len(mention.refs) > 1 and not _COLLECTIVE.search(clause[mention.start : mention.end]):
            name = " and ".join(item.handle for item in _items(mention.refs, request) if item.handle)
        if name:
            clause = f"{clause[: mention.start]}{name}{clause[mention.end :]}"
    return clause


_NOT = re.compile(
    r"\b(?:not|compared (?:with|to)|unlike|than|never|instead of|rather than|no,? not|isn't|and not|but not|except(?: for)?|excluding|besides|apart from|other than|minus|without|but)\s*$",
    re.I,
)
_EXCEPT = re.compile(
    r"\b(?:except(?: for)?|excluding|besides|apart from|other than|minus|without|but(?: not)?|not)\s*$", re.I
)
_JOIN = re.compile(
    r"\b(?:blend|merge|combine|mix|stitch|join|fuse|overlay|superimpose|paste|put|place|add|insert|compare|collage|side by side|"
    r"next to|on top of|lay|layer|stack|underneath|screen|multiply)\b", re.I
)  # fmt: skip


_MERGE = re.compile(
    r"\b(?:blend|merge|combine|mix|stitch|join|fuse|overlay|superimpose|paste|collage|side by side|lay|layer|stack|screen|multiply)\b",
    re.I,
)


def _named(clause: str, request: PlanningRequest) -> Binding | None:
    """All pictures that the clause names, in its order, less those it says not to take."""
    found = mentions(clause, request)
    taken = [mention for mention in _meant(found, clause) if not _NOT.search(clause[: mention.start])]
    left = [ref for mention in found if _NOT.search(clause[: mention.start]) for ref in mention.refs]
    if not taken:
        return _all_but(clause, left, request) if left else None
    refs = [ref for mention in taken for ref in mention.refs if ref not in left]
    if len(refs) == 1 and _JOIN.search(clause) and (other := _by_pronoun(_without(clause, taken), request)):
        refs = _in_order(clause, taken, refs, other.refs)
    return Binding(
        tuple(dict.fromkeys(refs)), min(LOST if mention.missing else mention.sure for mention in taken), True,
        missing=next((mention.missing for mention in taken if mention.missing), None), named=True,
        candidates=next((mention.candidates for mention in taken if mention.candidates), ()),
    )  # fmt: skip


def _meant(found: list[Mention], clause: str) -> list[Mention]:
    """Without what was taken back (`the last one, no sorry, the one before`), and without `all three` beside the three."""
    others = [mention for mention in found if not mention.loose and not _NOT.search(clause[: mention.start])]
    kept = [mention for mention in found if not mention.loose] if others else found
    for number, mention in enumerate(kept[1:], 1):
        if _TAKEN_BACK.search(clause[kept[number - 1].end : mention.start]):
            return kept[number:]
    return kept or found


_TAKEN_BACK = re.compile(r"\b(?:no|sorry|wait|i mean|i meant|or rather|rather|actually|scratch that)\b", re.I)


def _all_but(clause: str, left: Sequence[str], request: PlanningRequest) -> Binding | None:
    """`not the second one`, with nothing said to take: the picture at hand, unless it is the one that was put aside."""
    if re.search(r"\b(?:not|isn't)\b", clause, re.I) and request.focus not in left and request.focus:
        return Binding((request.focus,), 0.6, True)
    return None


def _without(clause: str, found: Sequence[Mention]) -> str:
    for mention in reversed(found):
        clause = f"{clause[: mention.start]} {clause[mention.end :]}"
    return clause


def _in_order(
    clause: str, found: Sequence[Mention], refs: Sequence[str], pronoun: Sequence[str]
) -> list[str]:
    """`put A2 on it`: in the order said."""
    at = PRONOUN.search(clause)
    first = at is not None and at.start() < found[0].start
    return [*pronoun, *refs] if first else [*refs, *pronoun]


def _by_message(clause: str, request: PlanningRequest) -> Binding | None:
    """What came with the message; all of it, unless the words are about one."""
    if not request.attached:
        return None
    several = len(request.attached) > 1
    one = several and re.search(rf"\b(?:it|its|this|that|the {THING.removesuffix('s?')})\b", clause, re.I)
    if (
        several
        and (
            match := described.match(" ".join(things(clause)), request, _items(request.attached, request))
        ).clear
    ):
        return Binding(match.refs, 0.8, True, named=True)
    return Binding(request.attached[:1] if one else request.attached, 0.98, True)


def _items(refs: Sequence[str], request: PlanningRequest) -> list[Shown]:
    return [item for ref in refs if (item := find(request, ref)) is not None]


def _by_joined(clause: str, request: PlanningRequest) -> Binding | None:
    """`put the fox next to the robot`: two things of two pictures. `Put them side by side`: the last two."""
    if not _JOIN.search(clause):
        return None
    matches = [described.match(noun, request) for noun in described.things_meant(clause, everywhere=True)]
    refs = tuple(dict.fromkeys(match.refs[0] for match in matches if match.clear and match.score == 1))
    at_hand = next(iter(request.attached), request.focus)
    pronoun = re.search(r"\b(?:this|it|that)\b", clause, re.I) if _MERGE.search(clause) else None
    if len(refs) == 1 and pronoun is not None and at_hand is not None:
        thing = described.unnamed(clause, request, refs[0], "\0").find("\0")
        refs = (at_hand, *refs) if pronoun.start() < thing else (*refs, at_hand)
    refs = tuple(dict.fromkeys(refs))
    if len(refs) > 1 and not (len(request.attached) > 1 and PLURAL.search(clause)):
        return Binding(refs, 0.8, True, named=True, joins=True)
    if request.attached:
        return None
    plural = PLURAL.search(clause) and not together(request) and len(request.shown) > 1
    return Binding(tuple(item.ref for item in request.shown[-2:]), 0.75, True, named=True) if plural else None


def _by_thing(clause: str, request: PlanningRequest, said: str) -> Binding | None:
    """`the fox`, when the picture at hand shows none and another does; several that do are asked about."""
    item = find(request, request.focus)
    nouns = described.things_meant(clause)
    if item is None or not nouns or any(stems(noun) & stems(said) for noun in nouns):
        return None
    if any(stems(noun) & described.story(item, request) for noun in nouns):
        return None
    match = described.match(" ".join(nouns), request, near=described.NEARER)
    if match.score != 1 and any(described.shows(item, noun, request) for noun in nouns):
        return None
    if len(match.refs) > 1:
        several = _items(match.refs, request)
        closer = described.match(" ".join(described.things_meant(clause, everywhere=True)), request, several)
        match = closer if closer.clear else match
    if not match.refs or (match.score < 1 and _unknown(item, request)):
        return None
    if match.clear:
        return Binding(match.refs, 0.8 if match.score == 1 else 0.65, True, named=True)
    return Binding((), 0.4, True, named=True, candidates=match.refs)


def _unknown(item: Shown, request: PlanningRequest) -> bool:
    """Nobody has described it: a photo may show anything."""
    return item.origin == "upload" or all(
        version.origin == "upload" or not version.words for version in versions(request, item.ref)
    )


def _by_plural(clause: str, request: PlanningRequest) -> Binding | None:
    """`them`, `these`: the set at hand."""
    items = together(request)
    if not PLURAL.search(clause) or len(items) < 2:
        return None
    return Binding(tuple(item.ref for item in items), 0.85, True)


def _by_pronoun(clause: str, request: PlanningRequest) -> Binding | None:
    if request.focus is None or not PRONOUN.search(clause):
        return None
    return Binding((request.focus,), 0.95, True)
