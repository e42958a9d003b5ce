"""Carry out what is said about spells: blanks from words, ports from pictures, what is missing asked for. Pure."""

from __future__ import annotations

import re
from typing import Any

from agent.embedded import asking, spellwords, words
from agent.embedded.binding import Binding, bind, find
from agent.embedded.mentions import mentions
from agent.embedded.message import Understanding
from agent.embedded.reading import Reading
from agent.embedded.spellwords import NAME_IT, About, Cast, Heard, Save
from agent.model import Action, Choice, Clarification, Control, DraftStep, IntentKind, PlanningRequest
from tools.model import Parameter, Tool
from tools.spells.casting import missing

_ASKED = re.compile(r"(?P<title>.+): what shall the (?P<blank>[a-z0-9_ ]+) be\?$")
_NEVER_MIND = re.compile(r"^(?:no(?:thing)?|never ?mind|cancel|stop|forget it|leave it|skip it)\b", re.I)
NO_SPELLS = (
    "You have no spells yet. Make something you like, then say \"save that as ...\" with a name: its steps are kept, and what "
    "it shows is left blank for the next time."
)  # fmt: skip


def readings(request: PlanningRequest) -> list[tuple[str, Reading | None]]:
    """The message in pieces, each with its reading where it is about a spell; empty when nothing is."""
    asked = _answered(request)
    text = asked or request.text
    return [
        (piece, None if said is None else Reading("spell", words.clean(piece), _bound(piece, said, request)))
        for piece, said in spellwords.parts(text, request)
    ]


def _bound(text: str, said: Heard, request: PlanningRequest) -> Binding:
    if isinstance(said, Save):
        return bind(said.ref, request)
    if isinstance(said, Cast) and said.spell.inputs:
        return bind(said.rest or "it", request)
    return Binding((), 0.9)


def _answered(request: PlanningRequest) -> str | None:
    """The request that this message completes: the answer to what a spell lacked."""
    last = request.history[-1] if request.history else None
    text = request.text.strip()
    if last is None or not last.asked or request.choice is not None or not text or _NEVER_MIND.match(text):
        return None
    if last.reply == NAME_IT and len(text) <= spellwords.TITLE_CHARS:
        return f"{words.bare(last.text)} called {text}"
    asked = _ASKED.match(last.reply)
    if asked is None or spellwords.heard(text, request) is not None:
        return None
    told = [f"{asked['blank'].replace(' ', '_')} = {text}"]
    begun = last.text
    for before in reversed(request.history[:-1]):
        earlier = _ASKED.match(before.reply) if before.asked else None
        if earlier is None or earlier["title"] != asked["title"]:
            break
        told.insert(0, f"{earlier['blank'].replace(' ', '_')} = {begun}")
        begun = before.text
    return f"cast {asked['title']}: {', '.join([*_rest(begun, request), *told])}"


def _rest(text: str, request: PlanningRequest) -> list[str]:
    said = spellwords.heard(text, request)
    return [said.rest] if isinstance(said, Cast) and said.rest else []


def carry_out(reading: Reading, message: Understanding) -> None:
    """Add what a reading about spells means to the message."""
    said = spellwords.heard(reading.clause, message.request)
    if isinstance(said, Save):
        _save(said, reading, message)
    elif isinstance(said, Cast):
        _cast(said, reading, message)
    elif said is not None:
        _tell(said, reading, message)


def _save(said: Save, reading: Reading, message: Understanding) -> None:
    message.note(IntentKind.CONTROL, reading, reading.binding.refs[:1])
    if message.work.last is not None:
        message.replies.append("Save it as a spell when it is there: what is not made yet has no recipe.")
        return
    if reading.binding.asks or not reading.binding.refs:
        message.question = asking.which(reading, message.request)
        return
    if not said.title:
        message.question = Clarification(NAME_IT)
        return
    target = reading.binding.refs[0]
    message.controls.append(Control(Action.SAVE_SPELL, target, said.title, said.same_seed))


def _tell(said: About, reading: Reading, message: Understanding) -> None:
    spells = spellwords.own_spells(message.request)
    if said.what == "share" and said.spell is not None:
        message.note(IntentKind.CONTROL, reading)
        message.controls.append(Control(Action.SHARE_SPELL, said.spell.name))
    elif said.spell is not None:
        message.note(IntentKind.QUERY, reading)
        message.replies.append(_in_full(said.spell))
    elif said.what == "unknown":
        message.note(IntentKind.DISCOVER, reading)
        there = f"Your spells: {', '.join(tool.title for tool in spells)}." if spells else NO_SPELLS
        message.replies.append(f"There is no spell called “{said.title}” here. {there}")
    else:
        message.note(IntentKind.DISCOVER, reading)
        lines = [f"- {tool.title}: {_asks_for(tool)}" for tool in spells]
        message.replies.append("\n".join(["Your spells:", *lines]) if spells else NO_SPELLS)


def _in_full(spell: Tool) -> str:
    steps = [
        f"{number}. {step.tool.replace('_', ' ')}" + (f': "{said}"' if (said := step.params.get("prompt")) else "")
        for number, step in enumerate(spell.recipe, 1)
    ]
    return "\n".join([f"{spell.title} (version {spell.version})", *steps, _asks_for(spell)])


def _asks_for(spell: Tool) -> str:
    blanks = [name.replace("_", " ") for name in spell.params]
    ports = [f"a {port.kind.value}" for port in spell.inputs.values()]
    return f"asks for {' and '.join([*blanks, *ports])}" if blanks or ports else "asks for nothing"


def _cast(said: Cast, reading: Reading, message: Understanding) -> None:
    """One cast, or one for each picture where several are named and one is taken."""
    spell, request = said.spell, message.request
    rest = said.rest
    sources: tuple[str, ...] = ()
    if spell.inputs:
        sources = _sources(reading, message)
        rest = _without_pictures(rest, request)
    kind = _kind(sources, message)
    message.note(kind, reading, sources)
    lacking = sum(port.count[0] for port in spell.inputs.values()) - len(sources)
    if spell.inputs and (reading.binding.asks or lacking > 0):
        message.question = _which_pictures(spell, sources, reading, message)
        return
    blanks = filled(spell, rest)
    if unfilled := missing(spell, blanks):
        message.question = Clarification(_question(spell, unfilled[0]))
        return
    for taken in _shared_out(spell, sources):
        _add(spell, blanks, taken, message)
    told = ", ".join(str(value) for value in blanks.values())
    names = " and ".join(dict.fromkeys(message.name(source) for source in sources))
    on = " and ".join(part for part in (told, names) if part)
    message.doing.append(f"Casting {spell.title}{f' on {on}' if on else ''}")


def _kind(sources: tuple[str, ...], message: Understanding) -> IntentKind:
    if not sources:
        return IntentKind.CREATE
    item = find(message.request, sources[0])
    return IntentKind.TRANSFORM if item is not None and item.origin == "upload" else IntentKind.CHAIN


def _sources(reading: Reading, message: Understanding) -> tuple[str, ...]:
    if message.work.last is not None and not reading.binding.named:
        return message.heads or (message.work.last,)
    return reading.binding.refs


def _without_pictures(rest: str, request: PlanningRequest) -> str:
    """What is left for the blanks when the words for pictures are taken out."""
    for mention in reversed(mentions(rest, request)):
        rest = f"{rest[: mention.start]} {rest[mention.end :]}"
    rest = re.sub(r"\b(?:it|this|that|these|those|them|(?:this|that|my|the) (?:photo|picture|image|one|pic|upload|video|clip|audio))\b", " ", rest, flags=re.I)
    return re.sub(r"\s+", " ", re.sub(r"^\W*(?:and|with|on|for|to)\b|\b(?:and|with|on|for|to|from)\W*$", " ", rest.strip(), flags=re.I)).strip(" ,;:")


def _which_pictures(spell: Tool, sources: tuple[str, ...], reading: Reading, message: Understanding) -> Clarification:
    if reading.binding.asks and message.request.shown:
        return asking.which(reading, message.request)
    newest = [item for item in message.request.shown if item.handle and item.ref not in sources][-asking.OFFERED :]
    need = list(spell.inputs)[len(sources) :]
    question = f"{spell.title} needs {' and '.join(f'a picture for {name}' if len(spell.inputs) > 1 else 'a picture' for name in need)}. Which one?"
    buttons = tuple(
        Choice(f"on-{item.handle}", asking.called(item), {"text": reading.clause, "on": [*sources, item.ref], "instead": True})
        for item in reversed(newest)
    )
    return Clarification(question if buttons else f"{question} Drop it here.", buttons)


def _question(spell: Tool, blank: str) -> str:
    return f"{spell.title}: what shall the {blank.replace('_', ' ')} be?"


def _shared_out(spell: Tool, sources: tuple[str, ...]) -> list[dict[str, tuple[str, ...]]]:
    ports = list(spell.inputs)
    if len(ports) == 1 and spell.inputs[ports[0]].count[1] == 1:
        return [{ports[0]: (source,)} for source in sources]
    taken: dict[str, tuple[str, ...]] = {}
    left = list(sources)
    for name, port in spell.inputs.items():
        many = port.count[0] if name != ports[-1] else min(port.count[1], len(left))
        taken[name], left = tuple(left[:many]), left[many:]
    return [taken]


def _add(spell: Tool, blanks: dict[str, Any], inputs: dict[str, tuple[str, ...]], message: Understanding) -> None:
    work = message.work
    step = DraftStep(f"s{len(work.steps) + 1}", spell.name, blanks, inputs)
    work.steps.append(step)
    work.last = step.id
    message.base = tuple(name for names in inputs.values() for name in names)
    message.heads = (*(head for head in message.heads if head in work.leaves()), step.id) if inputs else (step.id,)


def filled(spell: Tool, rest: str) -> dict[str, Any]:
    """Blank -> value: those that are named (`colour = red`, `colour: red`), the first open one from what is left."""
    blanks: dict[str, Any] = {}
    names = "|".join(re.escape(name).replace("_", r"[ _]") for name in spell.params)
    left = rest
    if names:
        named = re.compile(rf"(?:^|[\s,;])(?:with\s+|and\s+)*(?:the\s+)?({names})\s*(?:=|:|\bis\b)\s*(.+?)(?=\s*[;,]\s*(?:{names})\s*[=:]|\s*;|$)", re.I)
        for found in list(named.finditer(rest)):
            blanks[found[1].lower().replace(" ", "_")] = found[2].strip(" ,;\"")
        left = named.sub(" ", rest)
    left = _WANTED.sub("", left.strip(" ,;:")).strip(" ,;:\"")
    first = next((n for n, spec in spell.params.items() if n not in blanks and spec.type == "string"), None)
    if left and first is not None:
        blanks[first] = left
    typed = {name: _typed(spell.params[name], value) for name, value in blanks.items()}
    return {name: value for name, value in typed.items() if value is not None}


_WANTED = re.compile(r"^(?:(?:please\s+)?(?:make|draw|create|paint|render|show|do|put|turn)\s+(?:me\s+)?|(?:for|on|of|with)\s+)", re.I)


def _typed(spec: Parameter, said: str) -> Any:
    """The value that was meant; None where the words are none."""
    if spec.type in ("integer", "number"):
        found = re.search(r"-?\d+(?:\.\d+)?", said)
        return None if found is None else int(float(found[0])) if spec.type == "integer" else float(found[0])
    if spec.type == "boolean":
        return {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}.get(said.lower())
    if spec.type == "choice":
        return next((choice for choice in spec.choices if choice.lower() == said.lower()), None)
    return said
