"""Carry a wish out: the tool that fits, fed and told; else what is missing, and the nearest offer on a button."""

from __future__ import annotations

from collections.abc import Sequence

from agent.embedded import answers, asking, bounds, creating, fitting, naming, wording, words
from agent.embedded.binding import find
from agent.embedded.drafting import described
from agent.embedded.fitting import Fit, Source
from agent.embedded.message import Understanding
from agent.embedded.reading import Reading
from agent.embedded.wishes import Wish
from agent.model import IntentKind

MOVEMENT = "gentle, natural movement"


def carry_out(reading: Reading, message: Understanding) -> None:
    """One more piece of work, a question, or an honest answer."""
    if reading.binding.asks:
        message.note(IntentKind.CHAIN, reading)
        message.question = asking.which(reading, message.request)
        return
    assert reading.wish is not None
    sources = _sources(reading, message)
    message.note(_kind(reading.wish, sources, message), reading, tuple(source.name for source in sources))
    begun = len(message.work.steps)
    heads = _made(reading, reading.wish, sources, message)
    if heads:
        message.base = tuple(source.name for source in sources)
        message.heads = (*message.heads, *heads) if reading.apart else heads
        message.work.last = heads[-1]
        bounds.keep(reading, message, begun, new=not sources)


def _made(reading: Reading, wish: Wish, sources: Sequence[Source], message: Understanding) -> tuple[str, ...]:
    """The steps whose results these are; none where it cannot be done, and the message says why."""
    request, text = message.request, reading.clause
    asked = wording.wanted(text)
    found = fitting.fits(wish, sources, request, asked=text, params=asked)
    if not found and len(sources) > 1:
        alone = [_made(reading, wish, (source,), message) for source in sources]
        return tuple(head for heads in alone for head in heads)
    if not found and not sources and wish.makes in ("video", "model3d"):
        return _from_a_picture(reading, wish, message)
    chosen = fitting.able(found)
    if chosen is None:
        _refuse(reading, wish, found, sources, message)
        return ()
    return (_add(reading, wish, chosen, sources, message),)


def _add(reading: Reading, wish: Wish, chosen: Fit, sources: Sequence[Source], message: Understanding) -> str:
    tool, text = chosen.found.tool, _without_name(reading.clause, chosen)
    prompt = _prompt(text, wish, sources, message)
    spec = tool.params.get("prompt")
    params = wording.params_of(text, tool, message.request.seed + len(message.work.steps), prompt)
    if spec is not None and not params.get("prompt"):
        params.pop("prompt", None)
        if spec.required:
            params["prompt"] = _words_of(sources, message) or words.bare(text)
    params = {**creating.also_told(tool, str(params.get("prompt", ""))), **params}
    message.doing.append(_doing(wish, tool.title, sources, message))
    return message.work.feed(tool.name, params, chosen.inputs)


def _prompt(text: str, wish: Wish, sources: Sequence[Source], message: Understanding) -> str:
    if not sources:
        return wording.of_new(text, wish.makes)
    if not wish.told:
        return ""
    kinds = {source.kind for source in sources}
    if wish.look or (wish.makes == "image" and kinds == {"image"}):
        return words.bare(text)
    return wording.of_change(text)


def _words_of(sources: Sequence[Source], message: Understanding) -> str:
    """Nothing was said of how it moves: what is seen, in gentle movement."""
    item = described(sources[0].name, message.work, message.request) if sources else None
    known = item.words if item is not None and item.origin == "output" else ""
    return f"{known}, {MOVEMENT}" if known else MOVEMENT


def _from_a_picture(reading: Reading, wish: Wish, message: Understanding) -> tuple[str, ...]:
    """Nothing makes it from words alone: a picture of it first."""
    subject = wording.of_new(reading.clause, wish.makes)
    begun = len(message.work.steps)
    if not _possible_from_picture(reading, wish, message) or not creating.create(
        message.work, Reading("create", subject), message.request
    ):
        nearest = fitting.fits(wish, [Source("s1", "image")], message.request, asked=reading.clause)
        _refuse(reading, wish, nearest, (), message)
        return ()
    painted = message.work.steps[begun].id
    return _made(reading, wish, (Source(painted, "image"),), message)


def _possible_from_picture(reading: Reading, wish: Wish, message: Understanding) -> bool:
    found = fitting.fits(wish, [Source("s1", "image")], message.request, asked=reading.clause)
    return fitting.able(found) is not None


def _refuse(
    reading: Reading, wish: Wish, found: Sequence[Fit], sources: Sequence[Source], message: Understanding
) -> None:
    """What it would take; where a model was asked for by name and another could do it now, that one on a button."""
    request = message.request
    if not found:
        message.tell(answers.no_media(wish.makes))
        return
    message.lacking = True
    nearest = min((fit.found for fit in found), key=answers.distance)
    if found[0].named:
        other = fitting.able(fitting.fits(wish, sources, request, params=wording.wanted(reading.clause)))
        said = naming.heard(reading.clause, [fit.found for fit in found])
        rest = naming.without(reading.clause, said) if said is not None else reading.clause
        title = None if other is None else other.found.tool.title
        message.question = asking.instead(nearest, title, rest, [source.name for source in sources])
        return
    message.tell(answers.needs(wish.makes, nearest, len(found)))


def _sources(reading: Reading, message: Understanding) -> tuple[Source, ...]:
    """What has a name of its own, else the step before it in this message, else what the clause was bound to."""
    if message.work.last is not None and not reading.binding.named and reading.about:
        names = message.heads or (message.work.last,)
    else:
        names = reading.binding.refs
    return tuple(Source(name, _kind_of(name, message)) for name in names)


def _kind_of(name: str, message: Understanding) -> str:
    item = find(message.request, name)
    if item is not None:
        return item.kind
    step = next((step for step in message.work.steps if step.id == name), None)
    tool = next((f.tool for f in message.request.found if step is not None and f.tool.name == step.tool), None)
    return "image" if tool is None else next(iter(tool.outputs.values())).kind.value


def _kind(wish: Wish, sources: Sequence[Source], message: Understanding) -> IntentKind:
    if not sources:
        return IntentKind.CREATE
    item = find(message.request, sources[0].name)
    if item is not None and item.origin == "upload":
        return IntentKind.TRANSFORM
    return IntentKind.ITERATE if wish.look else IntentKind.CHAIN


def _without_name(text: str, chosen: Fit) -> str:
    said = naming.heard(text, [chosen.found]) if chosen.named else None
    return text if said is None else naming.without(text, said)


def _doing(wish: Wish, title: str, sources: Sequence[Source], message: Understanding) -> str:
    kind = {"image": "a picture", "audio": "sound", "model3d": "a 3D model", "text": "a text", "mask": "a mask"}.get(wish.makes, "a video")
    names = " and ".join(dict.fromkeys(message.name(source.name) for source in sources))
    return f"Making {kind} from {names} with {title}" if names else f"Making {kind} with {title}"

