"""Read one clause: what does it ask for, on what? Grammar only; returns None where the grammar is silent. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from agent.embedded import (
    continuing,
    described,
    enlarging,
    joining,
    media,
    plain,
    pointing,
    settings,
    shapes,
    spoken,
    words,
)
from agent.embedded.binding import LOST, UNBOUND, Binding, bind, find, spelled
from agent.embedded.frames import Framed, unframed
from agent.embedded.mentions import mentions
from agent.embedded.naming import named_generator, without_name
from agent.embedded.operations import Operation, recognise
from agent.embedded.references import HANDLE
from agent.embedded.vocabulary import things
from agent.embedded.wishes import Wish
from agent.model import PlanningRequest


@dataclass(frozen=True)
class Reading:
    """One request of a message.

    `act` is create, operate, edit, vary, studio, media.*, discover, query.*, control.*, chat.*, attached or unclear.
    """

    act: str
    clause: str = field(repr=False)
    binding: Binding = UNBOUND
    operations: tuple[Operation, ...] = ()
    confidence: float = 0.95
    constraints: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """`quality`, `credits`, `seconds`, `file`: within which bounds."""
    tool: str | None = None
    """A tool that was recognised as a whole, because the grammar has no words of its own for it."""
    wish: Wish | None = None
    """What a tool beyond plain picture work shall make (act `studio`)."""
    about: bool = True
    """With a wish: something is made of what is there, not anew."""
    apart: bool = False
    """It starts from what the reading before it started from, not from that one's result."""

    @property
    def makes(self) -> str | None:
        """The kind of media that comes of it, where something does."""
        if self.wish is not None:
            return self.wish.makes
        return "image" if self.act in _MAKES_PICTURES else None


_MAKES_PICTURES = frozenset({"create", "operate", "edit", "vary", "retake", "go_on", "join"})


@dataclass(frozen=True)
class _Clause:
    """A clause with what surrounds it."""

    raw: str
    framed: Framed
    binding: Binding
    request: PlanningRequest
    continues: bool

    @property
    def text(self) -> str:
        return self.framed.text

    @property
    def has_picture(self) -> bool:
        return self.continues or self.request.focus is not None or bool(self.request.attached)

    @property
    def about(self) -> bool:
        """The words themselves say that something which is there is changed."""
        return self.framed.about or (
            self.binding.spoken and not shapes.opens_new(self.text) and self.binding.named
        )

    def read_as(self, act: str, confidence: float = 0.95, operations: tuple[Operation, ...] = ()) -> Reading:
        text = re.sub(HANDLE, "it", self.text) if act == "edit" and not self.binding.roles else self.text
        return Reading(act, text, self.binding, operations, confidence)


def read(clause: str, request: PlanningRequest, *, continues: bool, said: str = "") -> Reading | None:
    """What the grammar makes of a clause.

    `continues` says that an earlier clause of the message makes a picture, `said` in which words.
    """
    clause = _NOT_THAT.sub("", re.sub(r"^(?:only|just) (?=the\b|a\d)", "", words.clean(clause), flags=re.I))
    binding = bind(words.bare(clause), request, said)
    clause = _as_a_whole(spelled(words.clean(clause), request), binding, request)
    clause = re.sub(r"^(?:compared (?:with|to)|unlike) a\d+,? +(?=\S)", "", clause, flags=re.I)
    raw, text = clause, words.bare(clause)
    framed = unframed(clause)
    if request.focus is not None or request.attached:
        framed = replace(framed, text=plain.said(framed.text))
    inside = _Clause(raw, framed, binding, request, continues)
    if (again := _go_on(inside)) is not None:
        return again
    act = spoken.recognise(raw, text)
    if act == "control.select" and pointing.again(raw) and binding.refs and not continues:
        act = "again"
    if act != "discover" and (wanted := media.asked(text) or media.asked(framed.text)):
        return inside.read_as(f"media.{wanted}")
    if act is not None:
        if act != "discover" or not framed.about:
            return Reading(act, text, inside.binding)
    elif spoken.is_question(raw) and framed.text == text:
        return None
    return _read_work(inside)


_NOT_THAT = re.compile(
    r",? (?:and |but )?not (?:the|my) [\w-]+(?: one)?[.!]?$|^not (?:the|my) [\w-]+(?: one)?,? (?:but )?(?=(?:the|my|a\d)\b)",
    re.I,
)
_GOES_TO = re.compile(
    r"^(?:i(?:'d| would) like to |let's |can we |could we )*(?:(?:go|get|come|switch)? ?back to|return to|revert to|change back to|work on|continue with)\b|^how (?:was|were|did you make|did you do)\b|^(?:cancel|stop|abort|kill|scrap)\b|^(?:show(?: me)?|select|pick|choose|use|continue with|work (?:with|on)) the\b",
    re.I,
)


def _as_a_whole(clause: str, binding: Binding, request: PlanningRequest) -> str:
    """`Crop the castle square` is about a picture, `make the castle red` about a part of one."""
    if len(binding.refs) > 1:
        handles = {ref: item.handle for ref in binding.refs if (item := find(request, ref)) and item.handle}
        for ref, handle in handles.items() if binding.joins else ():
            clause = described.unnamed(clause, request, ref, handle)
    if len(binding.refs) != 1:
        return clause
    whole = described.unnamed(clause, request, binding.refs[0])
    text = words.bare(whole)
    if _GOES_TO.match(text):
        item = find(request, binding.refs[0])
        return re.sub(r"\bit\b", item.handle, whole, count=1) if item and item.handle else whole
    operations = recognise(text)
    said = re.match(
        r"(?:the|my) [\w -]+? (?:needs?|could use|(?:is|looks?) (?:too|a bit|a little|rather)|should be)\b",
        clause,
        re.I,
    )
    elsewhere = (
        said
        or binding.refs[0] != request.focus
        or any(operation.tool != "adjust_color" for operation in operations)
    )
    return whole if operations and elsewhere and not things(text) else clause


def subject(clause: str) -> str:
    """What a create clause wants to see: `generate a picture of a red fox` -> `a red fox`."""
    text = words.bare(clause)
    fresh = shapes.FRESH.match(text)
    text = fresh["what"] if fresh else unframed(text).text
    found = shapes.CREATE.match(text)
    what = words.without_format(found["what"] if found else text) or text
    return shapes.OF_A_PICTURE.sub("", what) or what


def _read_work(clause: _Clause) -> Reading | None:
    """The first shape that fits: newness said aloud, another try, a slider, a change, a creation."""
    rules = (
        _absent, _fresh, _enlarge, _join, _pointed, _go_on, _disliked, _vary, _retake, _attached_change, _operate, _create, _edit, _new_thing,
    )  # fmt: skip
    for rule in rules:
        if (reading := rule(clause)) is not None:
            return reading
    return None


def _fresh(clause: _Clause) -> Reading | None:
    """`Something else: a red barn` is new whatever lies on the table."""
    return Reading("create", clause.text) if shapes.FRESH.match(words.bare(clause.raw)) else None


def _enlarge(clause: _Clause) -> Reading | None:
    """`Upscale it with 4x-UltraSharp`: by that model or not without asking."""
    request = clause.request
    operation = enlarging.named(words.bare(clause.raw), request.capabilities, request.text) if clause.has_picture else None
    if operation is None:
        return None
    reading = clause.read_as("operate", 0.95, (operation,))
    own = clause.continues and operation.instead  # the whole message is offered again, and "it" stays what it makes
    return replace(reading, binding=UNBOUND) if own else reading


def _absent(clause: _Clause) -> Reading | None:
    """`Here is a picture of my dog`, and none came."""
    text = words.bare(clause.raw)
    if clause.has_picture or not shapes.PRESENTED.match(text) or not _PICTURE.search(text):
        return None
    return replace(clause.read_as("edit", 0.9), binding=Binding((), LOST, True, missing="photo"))


_PICTURE = re.compile(r"\b(?:photo|picture|pic|image|selfie|snap|snapshot|scan|screenshot)s?\b", re.I)


def _pointed(clause: _Clause) -> Reading | None:
    """It only says which picture: `the third one is my favourite`, `remember the castle?`, `and the dog too`."""
    if not clause.binding.refs:
        return None
    whole = clause.raw.lower()
    for ref in clause.binding.refs:
        whole = described.unnamed(whole, clause.request, ref)
    for mention in reversed(mentions(whole, clause.request)):
        whole = f"{whole[: mention.start]} it {whole[mention.end :]}"
    if not pointing.only(whole):
        return None
    if not clause.binding.named and whole == clause.raw.lower():
        return Reading("chat.thanks", clause.text, clause.binding) if pointing.praises(whole) else None
    again = pointing.again(whole) and not clause.continues
    return Reading("again" if again else "control.select", clause.text, clause.binding)


def _join(clause: _Clause) -> Reading | None:
    """`Put them side by side`: pictures become one. A collage of stamps is a new picture."""
    several = clause.binding.named and len(clause.binding.refs) > 1
    if not clause.has_picture or joining.recognise(words.bare(clause.raw), several=several) is None:
        return None
    new = shapes.opens_new(clause.text) and shapes.OF_SOMETHING.search(clause.text)
    return None if new and not clause.binding.named else clause.read_as("join", 0.9)


def _go_on(clause: _Clause) -> Reading | None:
    """`A bit less`, `closer to my photo`: the last step of the picture again."""
    item = find(clause.request, clause.binding.refs[0]) if clause.binding.refs else None
    if clause.continues or item is None:
        return None
    second = find(clause.request, item.parents[1]) if len(item.parents) > 1 else None
    for said in (clause.raw, words.bare(clause.raw), clause.text):
        if continuing.continued(item, said, second) is not None:
            return Reading("go_on", said, Binding((item.ref,), 0.9, True))
    newest = find(clause.request, clause.request.focus or "")
    if newest is None or newest is item or item.handle not in newest.parents:
        return None
    said = words.bare(clause.raw).replace(item.handle or "", "it")
    shifted = continuing.continued(newest, f"more of {item.handle}" if _MORE_OF.match(said) else "", find(clause.request, newest.parents[-1]))
    return Reading("go_on", f"more of {item.handle}", Binding((newest.ref,), 0.9, True)) if shifted else None


_MORE_OF = re.compile(r"^(?:(?:a bit|a little|much|some|even|way) )?more of \S", re.I)


def _retake(clause: _Clause) -> Reading | None:
    """`Seed 7`, `again with 50 steps`, `redo it square`: the same picture with other settings."""
    text = words.bare(clause.raw)
    if not clause.has_picture or clause.continues or not clause.binding.refs:
        return None
    told = settings.said(text)
    format_said = shapes.REDO.search(text) is not None and (words.ratio(text) or any(words.pixels(text)))
    lent = "seed" in clause.binding.roles
    model = named_generator(text, clause.request) if shapes.SAME_WORDS.search(text) else None
    if not (told or format_said or lent or model) or (
        shapes.STRONG_CREATE.match(text) and shapes.NEW_THING.search(text)
    ):
        return None
    rest = words.without_format(told.rest) if format_said else told.rest
    rest = without_name(rest, model.tool) if model is not None else rest
    if things(shapes.SAME_WORDS.sub("", rest)) and not lent:
        return None
    return Reading("retake", text, clause.binding)


def _disliked(clause: _Clause) -> Reading | None:
    """`I don't like the sky`: something shall change, and only the person knows into what."""
    disliked = shapes.DISLIKED.match(clause.text) or shapes.DISLIKED.match(words.bare(clause.raw))
    if clause.has_picture and disliked:
        return clause.read_as("disliked", 0.6)
    return Reading("subject", clause.text) if shapes.SOMETHING_ELSE.match(words.bare(clause.raw)) else None


def _vary(clause: _Clause) -> Reading | None:
    """Another try. `Three versions of the castle` is one only when a picture here is known by that."""
    found = shapes.VARY.match(clause.text) or shapes.VARY.match(words.bare(clause.raw))
    if not found or (not clause.has_picture and shapes.OF_SOMETHING.search(clause.text)):
        return None
    known = clause.binding.named or clause.request.attached or not shapes.OF_A_THING.search(clause.text)
    return clause.read_as("vary") if known else None


def _attached_change(clause: _Clause) -> Reading | None:
    """A picture that comes with the words is what they are about, unless they say that they are not."""
    if not clause.request.attached or clause.continues or _is_slider(clause):
        return None
    if shapes.PRESENTED.match(words.bare(clause.raw)):
        return Reading("attached", clause.text, clause.binding)
    new = shapes.opens_new(clause.text) and not clause.framed.about
    if new and not _changes(clause):
        return clause.read_as("unclear", 0.6)
    return clause.read_as("edit", 0.85)


def _is_slider(clause: _Clause) -> bool:
    operations = recognise(clause.text)
    return bool(operations) and (operations[0].whole or not _names_something(clause))


def _changes(clause: _Clause) -> bool:
    """A verb of making whose object is something that is there."""
    found = shapes.CREATE.match(clause.text)
    if found is None:
        return False
    return shapes.changes_what_is_there(found["what"], clause.text, _known_words(clause), clause.has_picture)


def _operate(clause: _Clause) -> Reading | None:
    """Sliders and scissors, when the clause names nothing that is in the picture."""
    operations = tuple(recognise(clause.text))
    if not operations or (not operations[0].whole and _names_something(clause)):
        return None
    if not clause.has_picture and not shapes.is_command(clause.raw):
        return None
    sure = 0.95 if clause.binding.spoken or clause.continues or shapes.is_command(clause.text) else 0.85
    return clause.read_as("operate", sure, operations)


def _names_something(clause: _Clause) -> bool:
    return bool(things(clause.text)) or bool(shapes.CONTENT.match(clause.text))


def _create(clause: _Clause) -> Reading | None:
    """A verb of making with something that is not there yet."""
    found = shapes.CREATE.match(clause.text)
    if not found or clause.framed.about:
        return None
    if _changes(clause):
        return clause.read_as("edit", 0.9)
    if (
        shapes.NEW_THING.match(found["what"])
        or shapes.STRONG_CREATE.match(clause.text)
        or not clause.has_picture
    ):
        return Reading("create", clause.text)
    return None


def _known_words(clause: _Clause) -> frozenset[str] | None:
    """What the picture is known to show; None where nobody knows: a photo that the person brought."""
    request = clause.request
    item = next(
        (
            shown
            for shown in request.shown
            if shown.ref in clause.binding.refs[:1] or shown.ref == request.focus
        ),
        None,
    )
    if item is None or item.origin == "upload":
        return None
    return frozenset(re.findall(r"[a-z]{3,}", item.words.lower()))


def _edit(clause: _Clause) -> Reading | None:
    """Something in the picture changes: by a verb of change, a degree, a time or place, a `should be`."""
    if not (clause.has_picture or clause.binding.missing or _speaks_of_one(clause)):
        return None
    exchange = shapes.EXCHANGE.match(clause.text) is not None and not clause.framed.proposal
    if shapes.NEW_THING.match(clause.text) and not clause.about and not exchange:
        return None
    if clause.about or clause.binding.missing or clause.binding.roles:
        return clause.read_as("edit", 0.9)
    if any(pattern.search(clause.text) for pattern in shapes.CHANGES):
        return clause.read_as("edit", 0.9)
    return None


def _speaks_of_one(clause: _Clause) -> bool:
    """No picture is there, and the words only make sense with one."""
    return shapes.needs_picture(clause.text) or shapes.needs_picture(words.bare(clause.raw))


def _new_thing(clause: _Clause) -> Reading | None:
    """`A dog on the beach`: said without a verb, it is a picture to be made. After `how about` it could be either."""
    if not shapes.NEW_THING.match(clause.text) or (clause.framed.proposal and clause.has_picture):
        return None
    return Reading("create", clause.text, confidence=0.75 if clause.has_picture else 0.9)
