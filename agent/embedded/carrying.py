"""Carry readings out: each becomes steps, a reply, a control or a question of the message."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from agent.embedded import (
    answers,
    asking,
    bounds,
    changing,
    constraints,
    controls,
    correcting,
    creating,
    drafting,
    naming,
    producing,
    replying,
    sizing,
    spellcasting,
    together,
)
from agent.embedded.binding import find
from agent.embedded.message import Understanding
from agent.embedded.reading import Reading
from agent.model import Clarification, DraftStep, IntentKind, PlanningRequest

_LOOKS = frozenset({"adjust_color", "invert_image"})
MAKING = frozenset({"create", "operate", "edit", "vary", "retake", "go_on", "join", "studio"})

_Work = Callable[[drafting.Drafting, Reading, PlanningRequest, str], bool]
_Saying = Callable[[Reading, str, Understanding], list[str]]
_Refusal = Callable[[PlanningRequest], str]


def carry_out(reading: Reading, message: Understanding) -> None:
    """Add what one reading means to the message."""
    if reading.act in MAKING:
        _make(reading, message)
    elif reading.act in ("control.correct", "again"):
        correcting.carry_out(reading, message)
    elif reading.act == "spell":
        spellcasting.carry_out(reading, message)
    elif reading.act.startswith("control."):
        controls.carry_out(reading, message)
    elif reading.act.startswith("media."):
        _other_media(reading, message)
    elif reading.act == "unclear":
        _unclear(reading, message)
    elif reading.act == "disliked":
        _disliked(reading, message)
    elif reading.act == "subject":
        message.note(IntentKind.CREATE, reading)
        message.question = asking.what_picture()
    elif reading.act == "attached":
        _attached(reading, message)
    else:
        replying.carry_out(reading, message)


def _attached(reading: Reading, message: Understanding) -> None:
    message.note(IntentKind.TRANSFORM, reading, reading.binding.refs)
    if (other := _no_picture(reading.binding.refs, message)) == "text":
        message.replies.append(answers.pictures_only(other))
    else:
        message.question = asking.what_with(reading)


def short(text: str) -> str:
    """A text for one line of a sentence."""
    return text if len(text) <= 80 else text[:77].rstrip() + "…"


def _make(reading: Reading, message: Understanding) -> None:
    if reading.act == "create":
        _create(reading, message)
        return
    if reading.act == "studio":
        producing.carry_out(reading, message)
        return
    if reading.act == "join":
        together.join(reading, message)
        return
    if reading.binding.asks:
        brought = reading.binding.missing in ("photo", "upload")
        message.note(IntentKind.TRANSFORM if brought else _kind_of_work(reading), reading)
        message.question = asking.which(reading, message.request)
        return
    if (impossible := next((op for op in reading.operations if op.instead), None)) is not None:
        message.note(_kind(reading, reading.binding.refs[0], message) if reading.binding.refs else IntentKind.CHAIN, reading, reading.binding.refs)
        message.question = asking.nearest(impossible, reading, message.request.text, _there(reading, message))
        return
    sources = message.base if reading.apart and message.base else _sources(reading, message)
    if not sources:
        message.note(_kind_of_work(reading), reading)
        message.question = asking.without_picture(reading)
        return
    if (other := _no_picture(sources, message)) and not _made_here(reading, sources, message):
        message.note(_kind(reading, sources[0], message), reading, sources)
        message.replies.append(answers.pictures_only(other))
        return
    if not _same_slider(reading, message, sources):
        on = (*sources, *reading.binding.roles.values())
        message.note(_kind(reading, sources[0], message), reading, on)
    heads, said = [], len(message.doing)
    for source in sources:
        fit = _fitted(reading, source, message)
        _make_on(source, fit, message)
        heads.append(message.work.last or source)
    message.doing[said:] = dict.fromkeys(message.doing[said:])  # done to each of several, said once
    message.base = sources
    message.heads = (*message.heads, *heads) if reading.apart else tuple(heads)


def _there(reading: Reading, message: Understanding) -> tuple[str, ...]:
    """What a clause works on, unless it is what an earlier clause of the message makes."""
    return () if message.work.steps and not reading.binding.named else reading.binding.refs


def _fitted(reading: Reading, source: str, message: Understanding) -> Reading:
    """With the numbers that this picture allows."""
    size = sizing.size_of(source, message.work, message.request) if reading.operations else None
    return replace(reading, operations=tuple(sizing.fitted(operation, size) for operation in reading.operations))


def _made_here(reading: Reading, sources: tuple[str, ...], message: Understanding) -> bool:
    """Whatever was made here from words can be made again, with other settings or another seed."""
    items = [find(message.request, source) for source in sources]
    return reading.act in ("retake", "vary") and all(item is not None and item.origin == "output" for item in items)


def _no_picture(sources: tuple[str, ...], message: Understanding) -> str | None:
    """The kind of a source that is a video or a sound, on which nothing here works."""
    kinds = [item.kind for source in sources if (item := find(message.request, source)) is not None]
    return next((kind for kind in kinds if kind not in ("image", "mask")), None)


def _same_slider(reading: Reading, message: Understanding, sources: tuple[str, ...]) -> bool:
    """`The colours are loud, tone them down`: more words for one step are no further request."""
    last = message.work.steps[-1] if message.work.steps else None
    return (
        last is not None
        and sources == (last.id,)
        and reading.act == "operate"
        and all(operation.tool == last.tool == "adjust_color" for operation in reading.operations)
    )


def _create(reading: Reading, message: Understanding) -> None:
    if not (reading.apart and message.intents and message.intents[-1].kind is IntentKind.CREATE):
        message.note(IntentKind.CREATE, reading)
    begun = len(message.work.steps)
    if (offer := _named_and_away(reading, message.request)) is not None:
        message.question = offer
        return
    if creating.create(message.work, reading, message.request):
        bounds.keep(reading, message, begun, new=True)
        made = tuple(step.id for step in message.work.steps[begun:])
        message.heads = (*message.heads, *made) if reading.apart else made
        message.doing.append(_told_from(message.doing, _painting(message.work.steps[begun:]), message.work.steps[begun]))
    else:
        message.replies.append(answers.nothing_generates(message.request.found))


def _told_from(doing: Sequence[str], painting: str, step: DraftStep) -> str:
    """What is painted, with its size where the same is painted in another already."""
    width, height = step.params.get("width"), step.params.get("height")
    return f"{painting} in {width} x {height} pixels" if painting in doing and width and height else painting


def _painting(steps: Sequence[DraftStep]) -> str:
    """`Painting a castle`, of more than one picture `Painting 8 pictures: a castle`."""
    what = short(steps[-1].params["prompt"])
    many = sum(int(step.params.get("count", 1)) for step in steps)
    return f"Painting {what}" if many == 1 else f"Painting {many} pictures: {what}"


def _named_and_away(reading: Reading, request: PlanningRequest) -> Clarification | None:
    """A model was asked for by name and cannot run: why, and what could paint it instead on a button."""
    wanted = naming.named_generator(reading.clause, request)
    other = creating.generator(request, reading.clause)
    if wanted is None or wanted.availability.available or other is None:
        return None
    rest = naming.without_name(reading.clause, wanted.tool)
    return asking.instead(wanted, other.title, rest, ())


def _make_on(source: str, reading: Reading, message: Understanding) -> None:
    """One piece of work on one picture; what the person bounded it by is kept in the steps it added."""
    begun = len(message.work.steps)
    name = message.name(source)
    work, saying, refusal = _WORKS[reading.act]
    if not work(message.work, reading, message.request, source):
        message.tell(constraints.unkept(reading.constraints) or refusal(message.request))
        return
    bounds.keep(reading, message, begun, new=False)
    message.doing += saying(reading, name, message)


def _changing(clause: str, name: str) -> str:
    """`Painting A1 in red` where the words only say how it is then, else `Editing A1: give it a hat`."""
    how = re.sub(r"^(?:the |this )?same\b[ ,]*(?:but |again )?(?=\S)", "", clause, flags=re.I)
    return f"Painting {name} {short(how)}" if _HOW.match(how) else f"Editing {name}: {short(clause)}"


_HOW = re.compile(r"(?:in|at|with|without|as|on|under|by|during)\s+(?!the (?:left|right|top|bottom|back|fore|middle)|front\b)", re.I)
_CHANGE = "change what a picture shows"
_ANEW = "paint that picture again"
_WORKS: dict[str, tuple[_Work, _Saying, _Refusal]] = {
    "operate": (
        drafting.operate,
        lambda reading, name, _m: [_doing(op.look, op.saying, name) for op in reading.operations],
        lambda request: answers.cannot(_CHANGE, "edit_image", request),
    ),
    "edit": (
        changing.edit,
        lambda reading, name, _m: [_changing(reading.clause, name)],
        lambda request: answers.cannot(_CHANGE, "edit_image", request),
    ),
    "vary": (
        changing.vary,
        lambda _r, name, message: [f"Trying {name} again with {changing.other_seeds(_tried(message))}"],
        lambda request: answers.cannot("paint a variation of that picture", "image_to_image", request),
    ),
    "retake": (
        changing.retake,
        lambda reading, name, _m: [f"Painting {name} again{f': {short(reading.clause)}' if reading.clause else ''}"],
        answers.not_painted,
    ),
    "go_on": (
        changing.go_on,
        lambda reading, name, message: [f"Doing the last step of {name} again: {_last_saying(message)}"],
        lambda request: answers.cannot(_CHANGE, "edit_image", request),
    ),
}  # fmt: skip


def _tried(message: Understanding) -> int:
    """How many tries of one picture the newest steps are: those of the last tool, each with as many as it counts."""
    last = message.work.steps[-1]
    same = [step for step in message.work.steps if (step.tool, step.inputs, step.version_of) == (last.tool, last.inputs, last.version_of)]
    return sum(int(step.params.get("count", 1)) for step in same)


def _last_saying(message: Understanding) -> str:
    """`vibrance 0.6`: what the newest step is set to."""
    params = message.work.steps[-1].params
    told = [f"{name} {value:g}" for name, value in params.items() if isinstance(value, float)]
    return ", ".join(told) or "with other settings"


def _sources(reading: Reading, message: Understanding) -> tuple[str, ...]:
    """What has a name of its own, else the step before it in this message, else what the clause was bound to."""
    if message.work.last is not None and not reading.binding.named:
        return message.heads or (message.work.last,)
    return reading.binding.refs


def _kind(reading: Reading, source: str, message: Understanding) -> IntentKind:
    """transform: on something brought; iterate: look or content of the latest changes; chain: a further operation."""
    item = find(message.request, source)
    if item is None:
        return IntentKind.CHAIN
    if item.origin == "upload":
        return IntentKind.TRANSFORM
    return _kind_of_work(reading)


def _kind_of_work(reading: Reading) -> IntentKind:
    """Colours and content are the same picture looking different; cutting, turning, enlarging and sharpening are further work."""
    plain = reading.act == "operate" and not any(operation.tool in _LOOKS for operation in reading.operations)
    return IntentKind.CHAIN if plain else IntentKind.ITERATE


def _doing(look: bool, saying: str, name: str) -> str:
    if look and saying.startswith("with "):  # `giving it a white border`
        return f"Giving {name} {saying.removeprefix('with ')}"
    if look:
        return f"Making {name} {saying}"
    its = "its" if name == "it" else f"{name}'s"
    return (
        (saying[0].upper() + saying[1:])
        .replace(" its ", f" {its} ", 1)
        .replace(" it", f" {name}", 1 if " its " not in saying else 0)
    )


def _other_media(reading: Reading, message: Understanding) -> None:
    """A video, a sound, a 3D model: the kind of request stays what it is, and the reply says what is missing."""
    kind = reading.act.partition(".")[2]
    on = reading.binding.refs if reading.binding.spoken else ()
    message.note(IntentKind.CHAIN if on else IntentKind.CREATE, reading, on)
    message.replies.append(answers.no_media(kind))


def _unclear(reading: Reading, message: Understanding) -> None:
    """Asked about when it is all that was said; beside work that was understood, it is named and left out."""
    if message.work.steps:
        message.replies.append(
            f"I left out “{short(reading.clause)}”, because I could not tell what to do with it."
        )
        return
    refs = reading.binding.refs[:1]
    message.note(_kind(reading, refs[0], message) if refs else IntentKind.ITERATE, reading, refs)
    name = message.name(reading.binding.refs[0]) if reading.binding.refs else "the picture"
    message.question = asking.change_or_new(reading, name)


def _disliked(reading: Reading, message: Understanding) -> None:
    """What is wrong with it, only the person knows; another try is the one thing that can be offered."""
    refs = reading.binding.refs[:1]
    message.note(_kind(reading, refs[0], message) if refs else IntentKind.ITERATE, reading, refs)
    message.question = asking.what_else(reading, message.name(refs[0]) if refs else "it")
