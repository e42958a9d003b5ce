"""Carry readings out: each becomes steps, a reply, a control or a question of the message."""

from __future__ import annotations

from agent.embedded import answers, asking, drafting
from agent.embedded.binding import find
from agent.embedded.message import Understanding
from agent.embedded.reading import Reading
from agent.model import Action, Clarification, Control, IntentKind, PlanningRequest

_LOOKS = frozenset({"adjust_color", "invert_image"})
MAKING = frozenset({"create", "operate", "edit", "vary"})


def carry_out(reading: Reading, message: Understanding) -> None:
    """Add what one reading means to the message."""
    if reading.act in MAKING:
        _make(reading, message)
    elif reading.act.startswith("control."):
        _CONTROLS[reading.act](reading, message)
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
        _answer(reading, message)


def short(text: str) -> str:
    """A text for one line of a sentence."""
    return text if len(text) <= 80 else text[:77].rstrip() + "…"


def _make(reading: Reading, message: Understanding) -> None:
    if reading.act == "create":
        _create(reading, message)
        return
    if reading.binding.missing:
        message.note(IntentKind.CHAIN, reading)
        message.question = asking.which(reading, message.request)
        return
    sources = _sources(reading, message)
    if not sources:
        message.note(_kind_of_work(reading), reading)
        message.question = asking.without_picture(reading)
        return
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
    message.note(_kind(reading, source, message), reading, (source,))
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


def _cancel(reading: Reading, message: Understanding) -> None:
    request = message.request
    message.note(IntentKind.CONTROL, reading)
    target = request.waiting or (request.running[-1] if request.running else None)
    if target is None:
        message.replies.append(answers.NOTHING_RUNS)
    else:
        message.controls.append(Control(Action.CANCEL, target))
        message.replies.append("Cancelling it.")


def _decline(reading: Reading, message: Understanding) -> None:
    """`No` answers a run that waits for a yes; otherwise it is only talk."""
    if message.request.waiting is not None:
        _cancel(reading, message)
    else:
        message.note(IntentKind.CONTROL, reading)
        message.replies.append(answers.NOTHING_WAITS_NO)


def _confirm(reading: Reading, message: Understanding) -> None:
    message.note(IntentKind.CONTROL, reading)
    if message.request.waiting is None:
        message.replies.append(answers.NOTHING_WAITS)
    else:
        message.controls.append(Control(Action.CONFIRM, message.request.waiting))
        message.replies.append("Starting it now.")


def _save(reading: Reading, message: Understanding) -> None:
    message.note(IntentKind.CONTROL, reading)
    message.replies.append(answers.SAVED)


def _forget(reading: Reading, message: Understanding) -> None:
    message.note(IntentKind.CONTROL, reading, reading.binding.refs if reading.binding.named else ())
    message.replies.append(answers.FORGET)


def _undo(reading: Reading, message: Understanding) -> None:
    request = message.request
    item = find(request, request.focus) if request.focus else None
    target = item.parents[0] if item and item.parents else None
    message.note(IntentKind.CONTROL, reading, (target,) if target else ())
    _go_to(target, message)


def _select(reading: Reading, message: Understanding) -> None:
    named = reading.binding.spoken and reading.binding.refs
    target = reading.binding.refs[0] if named else None
    message.note(IntentKind.CONTROL, reading, (target,) if target else ())
    if target is None and reading.binding.missing and message.request.shown:
        message.question = asking.which(reading, message.request)
        return
    _go_to(target, message)


def _go_to(target: str | None, message: Understanding) -> None:
    item = find(message.request, target) if target else None
    if item is None or item.handle is None:
        message.replies.append(answers.NOTHING_BEFORE if item is None else answers.NOT_READY)
        return
    message.controls.append(Control(Action.SELECT, item.handle))
    message.replies.append(f"Back to {item.handle}. What you say next works on it.")


_CONTROLS = {
    "control.cancel": _cancel,
    "control.confirm": _confirm,
    "control.decline": _decline,
    "control.forget": _forget,
    "control.save": _save,
    "control.select": _select,
    "control.undo": _undo,
}


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


def _answer(reading: Reading, message: Understanding) -> None:
    request: PlanningRequest = message.request
    kinds = {"discover": IntentKind.DISCOVER, "query": IntentKind.QUERY, "chat": IntentKind.CHAT}
    about = reading.binding.refs if reading.act in ("query.params", "query.made", "query.why") else ()
    message.note(kinds[reading.act.partition(".")[0]], reading, about)
    replies = {
        "discover": lambda: answers.discover(reading, request),
        "discover.upload": lambda: answers.UPLOAD,
        "query.made": lambda: answers.parameters(reading, request),
        "query.cost": lambda: answers.cost(request),
        "query.time": lambda: answers.duration(request),
        "query.status": lambda: answers.status(request),
        "query.params": lambda: answers.parameters(reading, request),
        "query.why": lambda: answers.why(reading, request),
        "chat.hello": lambda: answers.HELLO,
        "chat.thanks": lambda: answers.THANKS,
        "chat.leave": lambda: answers.LEAVE,
        "query.blend": lambda: answers.BLEND,
        "chat.other": lambda: answers.OTHER,
    }
    message.replies.append(replies[reading.act]())
