"""Carry readings out: each becomes steps, a reply, a control or a question of the message."""

from __future__ import annotations

from agent.embedded import answers, asking, controls, correcting, drafting, replying
from agent.embedded.binding import find
from agent.embedded.message import Understanding
from agent.embedded.reading import Reading
from agent.model import Clarification, IntentKind

_LOOKS = frozenset({"adjust_color", "invert_image"})
MAKING = frozenset({"create", "operate", "edit", "vary"})


def carry_out(reading: Reading, message: Understanding) -> None:
    """Add what one reading means to the message."""
    if reading.act in MAKING:
        _make(reading, message)
    elif reading.act == "control.correct":
        correcting.carry_out(reading, message)
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
        message.question = Clarification("What shall the new picture show?")
    elif reading.act == "attached":
        message.note(IntentKind.TRANSFORM, reading, reading.binding.refs)
        message.question = asking.what_with(reading)
    else:
        replying.carry_out(reading, message)


def short(text: str) -> str:
    """A text for one line of a sentence."""
    return text if len(text) <= 80 else text[:77].rstrip() + "…"


def _make(reading: Reading, message: Understanding) -> None:
    if reading.act == "create":
        _create(reading, message)
        return
    if reading.binding.missing or reading.binding.candidates:
        message.note(_kind_of_work(reading), reading)
        message.question = asking.which(reading, message.request)
        return
    sources = _sources(reading, message)
    if not sources:
        message.note(_kind_of_work(reading), reading)
        message.question = asking.without_picture(reading)
        return
    message.note(_kind(reading, sources[0], message), reading, (*sources, *reading.binding.roles.values()))
    heads = []
    for source in sources:
        _make_on(source, reading, message)
        heads.append(message.work.last or source)
    message.heads = tuple(heads)


def _create(reading: Reading, message: Understanding) -> None:
    message.note(IntentKind.CREATE, reading)
    if drafting.create(message.work, reading, message.request):
        message.heads = ()
        message.doing.append(f"Painting {short(message.work.steps[-1].params['prompt'])}")
    else:
        message.replies.append(answers.nothing_generates(message.request.found))


def _make_on(source: str, reading: Reading, message: Understanding) -> None:
    request, work = message.request, message.work
    name = message.name(source)
    if reading.act == "operate":
        drafting.operate(work, reading, request, source)
        message.doing += [_doing(operation.look, operation.saying, name) for operation in reading.operations]
    elif reading.act == "edit":
        if drafting.edit(work, reading, request, source):
            message.doing.append(f"Editing {name}: {short(reading.clause)}")
        else:
            message.replies.append(answers.cannot("change what a picture shows", "edit_image", request))
    elif drafting.vary(work, reading, request, source):
        message.doing.append(f"Trying {name} again with another seed")
    else:
        message.replies.append(answers.cannot("paint a variation of that picture", "image_to_image", request))


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
