"""The embedded planner: split, bind, read, draft, reply."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from agent.embedded import answers, drafting, words
from agent.embedded.binding import Binding, bind, find
from agent.embedded.clauses import split
from agent.embedded.drafting import Drafting
from agent.embedded.nearest import Guess, Nearest
from agent.embedded.operations import labelled
from agent.embedded.reading import Reading, read, subject
from agent.model import (
    Action,
    Choice,
    Clarification,
    Control,
    Draft,
    Intent,
    IntentKind,
    Planned,
    PlanningRequest,
)
from agent.planning import Check, Speak, Understood
from tools.protocols import Encoder

CLOSE = 0.62  # a guess at least this similar is followed; below CLEAR, and with a picture there, it is asked about
FAR = 0.35  # nothing nearer than this means: not a request we know


@dataclass
class _Message:
    """What the clauses of one message came to."""

    request: PlanningRequest
    work: Drafting = field(default_factory=Drafting)
    intents: list[Intent] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    doing: list[str] = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)
    question: Clarification | None = None
    confidence: float = 1.0

    def note(self, kind: IntentKind, reading: Reading, on: tuple[str, ...] = (), **constraints: object) -> None:
        shown = tuple(item.handle for ref in on if (item := find(self.request, ref)) and item.handle)
        summary = subject(reading.clause) if kind is IntentKind.CREATE else reading.clause
        self.intents.append(Intent(kind, summary, shown, dict(constraints)))
        self.confidence = min(self.confidence, reading.confidence)


class EmbeddedPlanner:
    """Implements agent.planning.Planner without any language model."""

    name = "embedded"

    def __init__(self, encoder: Encoder) -> None:
        self._nearest = Nearest(encoder)

    async def prepare(self) -> None:
        """Embed the prototypes, so that the first message does not wait for it."""
        await self._nearest.prepare()

    async def plan(self, request: PlanningRequest, check: Check, understood: Understood, speak: Speak) -> Planned:
        message = _Message(request)
        if foreign(request.text):
            message.note(IntentKind.CHAT, Reading("chat.other", words.clean(request.text)))
            message.replies.append(answers.FOREIGN)
            return _planned(message, check)
        for reading in await self._readings(request):
            _carry_out(reading, message)
            if message.question is not None:
                break
        return _planned(message, check)

    async def _readings(self, request: PlanningRequest) -> list[Reading]:
        if request.choice is not None and "act" in request.choice:
            return [_chosen(request)]
        if not request.text.strip():
            return [Reading("attached", "", Binding(request.attached, 1.0, True))]
        readings: list[Reading] = []
        for clause in split(request.text):
            continues = any(r.act in _MAKING for r in readings)
            reading = read(clause, request, continues=continues)
            readings.append(reading or await self._guessed(clause, request, continues=continues))
        return readings

    async def _guessed(self, clause: str, request: PlanningRequest, *, continues: bool) -> Reading:
        text = words.bare(clause)
        guess = await self._nearest.guess(text)
        return interpret(guess, text, request, continues=continues)


_MAKING = frozenset({"create", "operate", "edit", "vary"})


def interpret(guess: Guess, text: str, request: PlanningRequest, *, continues: bool) -> Reading:
    """What a guess by similarity is worth: followed, asked about, or left alone."""
    binding = bind(text, request)
    has_picture = continues or bool(binding.refs)
    if guess.similarity < FAR:
        return Reading("unclear" if has_picture else "create", text, binding, confidence=0.4)
    operation = labelled(guess.label, text)
    if operation is not None and guess.similarity >= CLOSE:
        return Reading("operate", text, binding, (operation,), guess.similarity)
    if operation is not None or (guess.similarity < CLOSE and guess.label in ("create", "edit", "vary")):
        act = "unclear" if has_picture else "create"
        return Reading(act, text, binding, confidence=guess.similarity)
    act = "create" if guess.label == "edit" and not has_picture else guess.label
    return Reading(act, text, binding, confidence=guess.similarity)


def foreign(text: str) -> bool:
    """Whether a text is plainly not English: another script, or the small words of another language."""
    letters = [c for c in text if c.isalpha()]
    if letters and sum(c > "\u024f" for c in letters) / len(letters) > 0.3:
        return True
    small = r"\b(?:el|una|hazme|haz|quiero|para|con|por favor|der|die|das|ein|eine|mach|bitte|und|mit|une|avec|fais|dessine|s'il|le|les|um|uma|faça|com|crea|genera una)\b"
    known = r"\b(?:the|a|an|of|in|on|it|with|and|make|to|this)\b"
    hits = len(re.findall(small, text, re.I))
    return hits >= 2 and hits > len(re.findall(known, text, re.I))


def _chosen(request: PlanningRequest) -> Reading:
    choice = request.choice or {}
    on = tuple(choice.get("on", ()))
    return Reading(choice["act"], choice.get("text", request.text), Binding(on, 1.0, True))


def _carry_out(reading: Reading, message: _Message) -> None:
    if reading.act in _MAKING:
        _make(reading, message)
    elif reading.act.startswith("control."):
        _control(reading, message)
    elif reading.act == "unclear":
        _ask(reading, message)
    elif reading.act == "attached":
        message.note(IntentKind.TRANSFORM, reading, reading.binding.refs)
        message.question = _what_with_it(message.request, reading)
    else:
        _answer(reading, message)


def _make(reading: Reading, message: _Message) -> None:
    request, work = message.request, message.work
    if reading.act == "create":
        message.note(IntentKind.CREATE, reading)
        if drafting.create(work, reading, request):
            message.doing.append(f"Painting {_short(work.steps[-1].params['prompt'])}")
        else:
            message.replies.append(answers.nothing_generates(request.found))
        return
    if reading.binding.missing:
        message.note(IntentKind.CHAIN, reading)
        message.question = _which(reading, request)
        return
    sources = _sources(reading, message)
    if not sources:
        _without_picture(reading, message)
        return
    for source in sources:
        _make_on(source, reading, message)


def _make_on(source: str, reading: Reading, message: _Message) -> None:
    request, work = message.request, message.work
    message.note(_kind(reading, source, message), reading, (source,))
    name = _name(source, message)
    if reading.act == "operate":
        drafting.operate(work, reading, request, source)
        message.doing += [_doing(operation.look, operation.saying, name) for operation in reading.operations]
    elif reading.act == "edit":
        if drafting.edit(work, reading, request, source):
            message.doing.append(f"Editing {name}: {_short(reading.clause)}")
        else:
            message.replies.append("No connected render server can change what a picture shows. " + _lack(request, "edit_image"))
    elif not drafting.vary(work, reading, request, source):
        message.replies.append("No connected render server can paint a variation of that picture. " + _lack(request, "image_to_image"))
    else:
        message.doing.append(f"Trying {name} again with another seed")


def _sources(reading: Reading, message: _Message) -> tuple[str, ...]:
    """What the clause works on: a handle said aloud, else the step before it in this message, else what it was bound to."""
    explicit = reading.binding.spoken and reading.binding.confidence not in (0.95,)
    if message.work.last is not None and not (explicit and re.search(r"\b[aA]\d|\bthe (?:original|first|second|third)\b", reading.clause)):
        return (message.work.last,)
    return reading.binding.refs


def _kind(reading: Reading, source: str, message: _Message) -> IntentKind:
    """transform: on something brought; iterate: look or content of the latest changes; chain: a further operation."""
    if source.startswith("s") and find(message.request, source) is None:
        return IntentKind.CHAIN
    item = find(message.request, source)
    if item is not None and item.origin == "upload":
        return IntentKind.TRANSFORM
    look = reading.act != "operate" or any(operation.look for operation in reading.operations)
    return IntentKind.ITERATE if look else IntentKind.CHAIN


def _control(reading: Reading, message: _Message) -> None:
    request = message.request
    message.note(IntentKind.CONTROL, reading, reading.binding.refs if reading.act == "control.select" else ())
    if reading.act == "control.cancel":
        target = request.waiting or (request.running[-1] if request.running else None)
        if target is None:
            message.replies.append("Nothing is running, so there is nothing to cancel.")
        else:
            message.controls.append(Control(Action.CANCEL, target))
            message.replies.append("Cancelled.")
    elif reading.act == "control.confirm":
        if request.waiting is None:
            message.replies.append("Nothing waits for a yes. Say what you would like to see.")
        else:
            message.controls.append(Control(Action.CONFIRM, request.waiting))
            message.replies.append("Starting it now.")
    else:
        _select(reading, message)


def _select(reading: Reading, message: _Message) -> None:
    request = message.request
    if reading.act == "control.undo":
        item = find(request, request.focus) if request.focus else None
        target = item.parents[0] if item and item.parents else None
    else:
        target = reading.binding.refs[0] if reading.binding.spoken and reading.binding.refs else None
    if target is None:
        message.replies.append("There is no earlier version to go back to.")
        return
    message.controls.append(Control(Action.SELECT, target))
    message.replies.append(f"Back to {target}. What you say next works on it.")


def _answer(reading: Reading, message: _Message) -> None:
    request = message.request
    kinds = {"discover": IntentKind.DISCOVER, "query": IntentKind.QUERY, "chat": IntentKind.CHAT}
    message.note(kinds[reading.act.partition(".")[0]], reading, reading.binding.refs if reading.act == "query.params" else ())
    replies = {
        "discover": lambda: answers.discover(reading, request),
        "query.cost": lambda: answers.cost(request),
        "query.time": lambda: answers.duration(request),
        "query.status": lambda: answers.status(request),
        "query.params": lambda: answers.parameters(reading, request),
        "chat.hello": lambda: answers.HELLO,
        "chat.thanks": lambda: answers.THANKS,
        "chat.other": lambda: answers.OTHER,
    }
    message.replies.append(replies[reading.act]())


def _ask(reading: Reading, message: _Message) -> None:
    """A new picture or a change of the old one? Two buttons instead of a guess."""
    message.note(IntentKind.ITERATE, reading)
    name = _name(reading.binding.refs[0], message) if reading.binding.refs else "the picture"
    refs = list(reading.binding.refs)
    message.question = Clarification(
        f"Shall I change {name}, or make a new picture of that?",
        (
            Choice("change", f"Change {name}", {"act": "edit", "text": reading.clause, "on": refs}),
            Choice("new", "Make a new picture", {"act": "create", "text": reading.clause}),
        ),
    )


def _which(reading: Reading, request: PlanningRequest) -> Clarification:
    newest = [item for item in request.shown if item.handle][-3:]
    choices = tuple(
        Choice(f"on-{item.handle}", f"Use {item.handle}", {"text": f"{reading.clause} {item.handle}", "replace": reading.binding.missing})
        for item in reversed(newest)
    )
    return Clarification(f"There is no {reading.binding.missing} here. Which picture do you mean?", choices)


def _what_with_it(request: PlanningRequest, reading: Reading) -> Clarification:
    handle = reading.binding.refs[0] if reading.binding.refs else "it"
    ideas = ("make it more vibrant", "black and white", "crop it square", "upscale it 2x")
    choices = tuple(Choice(f"idea-{n}", idea.capitalize(), {"text": idea}) for n, idea in enumerate(ideas, 1))
    return Clarification(f"Got it, this is {handle}. What shall I do with it?", choices)


def _without_picture(reading: Reading, message: _Message) -> None:
    message.note(IntentKind.ITERATE if reading.act != "operate" else IntentKind.TRANSFORM, reading)
    message.question = Clarification(
        answers.NO_PICTURE, (Choice("new", "Make a picture of that", {"act": "create", "text": reading.clause}),)
    )


def _planned(message: _Message, check: Check) -> Planned:
    plan = None
    if message.work.steps and message.question is None:
        summary = _in_one_sentence(message.doing)
        draft = Draft(summary, tuple(message.work.steps), tuple(message.work.notes))
        plan = check(draft, message.request)
        message.replies.insert(0, f"{summary}.")
    return Planned(
        intents=tuple(message.intents), confidence=round(message.confidence, 2), plan=plan,
        reply="\n\n".join(message.replies), clarification=message.question, controls=tuple(message.controls),
    )  # fmt: skip


def _in_one_sentence(doing: list[str]) -> str:
    """`Making A1 black and white, then cropping it square`."""
    return ", then ".join([doing[0], *(part[0].lower() + part[1:] for part in doing[1:])])


def _name(source: str, message: _Message) -> str:
    item = find(message.request, source)
    if item is None:
        return "it"
    return item.handle or "the picture being made"


def _doing(look: bool, saying: str, name: str) -> str:
    if look:
        return f"Making {name} {saying}"
    return saying[0].upper() + saying[1:].replace(" it", f" {name}", 1)


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:77].rstrip() + "…"


def _lack(request: PlanningRequest, tool: str) -> str:
    found = next((f for f in request.found if f.tool.name == tool), None)
    return f"{found.tool.title}: {found.availability.reason}." if found else ""


def with_choice_text(request: PlanningRequest) -> PlanningRequest:
    """A clicked button that only stands for words is as if the person had said them."""
    if request.choice is None or "act" in request.choice:
        return request
    return replace(request, text=request.choice.get("text", request.text))
