"""What an event looks like in a terminal: pure, an event in, something for rich to print out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

Event = dict[str, Any]

SOON_S = 3.0  # not worth a word
EXIT_CODES = {"done": 0, "answered": 0, "asked": 2}
"""Of a turn's status; everything else is 1."""


def exit_code(status: str) -> int:
    """What the process ends with after one turn."""
    return EXIT_CODES.get(status, 1)


def render(event: Event) -> RenderableType | None:
    """One event for the person; None for what is shown otherwise (reply, progress) or not at all."""
    show = _SHOWN.get(event["type"])
    return None if show is None else show(event)


def intent(event: Event) -> RenderableType:
    """`editing A1 · more vibrant`: first of all, what was understood, and on which picture."""
    return Group(*(_intent_line(one) for one in event["intents"]))


def plan(event: Event) -> RenderableType:
    """The steps with parameters and inputs, what it will take, and its warnings; the reply has said the summary."""
    body = event["plan"]
    lines = [_step_line(number, step) for number, step in enumerate(body["steps"], start=1)]
    lines.append(Text(f"about {estimate(body['estimate'])}", style="dim"))
    lines += [Text(f"! {clean(warning['message'])}", style="yellow") for warning in body.get("warnings", [])]
    return Padding(Group(*lines), (0, 0, 0, 2))


def without_said(event: Event, reply: str) -> Event:
    """A plan without the warnings that the reply has said already."""
    body = event["plan"]
    news = [warning for warning in body.get("warnings", []) if warning["message"] not in reply]
    return {**event, "plan": {**body, "warnings": news}}


def estimate(body: dict[str, Any]) -> str:
    """`2 to 3 s, free` or `20 to 30 s, 4 to 6 credits`."""
    low, high = body["credits"]
    price = "free" if high == 0 else f"{_span(low, high)} credits"
    return f"{_time(*body['seconds'])}, {price}"


def clarification(event: Event) -> RenderableType:
    """The question with its choices numbered, as they may be answered."""
    choices = [
        Text.assemble((f"  {number}. ", "cyan"), clean(choice["label"]))
        for number, choice in enumerate(event["choices"], start=1)
    ]
    return Group(Text(clean(event["question"]), style="bold"), *choices)


def confirmation(event: Event) -> RenderableType:
    return Text(f"This may take {estimate(event['estimate'])}. Start it? /yes or /no", style="bold yellow")


def queued(event: Event) -> RenderableType | None:
    """The place in the queue, where there is a queue to speak of, or why nothing starts yet."""
    if reason := event.get("reason"):
        return Text(f"  waiting: {clean(reason)}{_how_long(event)}", style="yellow")
    if message := event.get("message"):
        return Text(f"  {clean(message)}", style="yellow")
    low, high = event["eta_s"]
    if event["place"] <= 1 and high <= SOON_S:
        return None
    where = f"place {event['place']} in the queue" if event["place"] > 1 else "next in line"
    return Text(f"  {where}, starts in about {_time(low, high)}", style="dim")


def _how_long(event: Event) -> str:
    """Beside a reason: the place in the line, and how long it is tried."""
    said = f" Place {place} in the queue." if (place := event.get("place") or 1) > 1 else ""
    if event.get("until") and event.get("at"):
        left = (datetime.fromisoformat(event["until"]) - datetime.fromisoformat(event["at"])).total_seconds()
        said += f" It is tried for {_time(left, left)}."
    return said


def output(event: Event) -> RenderableType:
    """The handle, where the file is, and what it is; `path` was added when it was saved."""
    asset = event["asset"]
    size = f"{asset['width']}×{asset['height']}" if asset.get("width") else asset["media_type"]
    note = " · sketch preview" if asset.get("sketch") else ""
    note += " · already made: no cost" if event.get("cached") else ""
    note += " · finished before the cancel" if event.get("unfinished") else ""
    line = Text.assemble((f"{clean(event['handle'])} ", "bold green"), clean(str(event.get("path", ""))))
    return line.append(f"  {size}{note}", style="dim")


def failed(event: Event) -> RenderableType:
    return _fault(event, " Nothing was charged." if event.get("refunded") else "")


def cancelled(_event: Event) -> RenderableType:
    return Text("cancelled", style="yellow")


def completed(event: Event) -> RenderableType | None:
    cost = event["cost"] or {}
    said = [f"{cost['credits']:.2g} credits"] if cost.get("credits") else []
    said += [f"took {_time(cost['gpu_s'], cost['gpu_s'])}"] if cost.get("credits") and cost.get("gpu_s", 0) >= 1 else []
    return Text(f"  {' · '.join(said)}", style="dim") if said else None


def ended(event: Event) -> RenderableType | None:
    """Only an ending with an error is worth a line: the others were seen."""
    error = event.get("error")
    return _fault(error) if error else None


def refusal(problem: Mapping[str, Any]) -> str:
    """A problem's title, detail and action in sentences for a person."""
    title, detail, action = (clean(str(problem.get(key) or "")).strip() for key in ("title", "detail", "action"))
    return " ".join(part for part in (f"{title}:" if title else "", detail, action) if part)


def progress_text(event: Event) -> str:
    """What stands before the bar."""
    if event.get("total_steps"):
        done = f"step {event.get('current_step') or 0} of {event['total_steps']}"
    else:
        done = clean(str(event.get("message") or event.get("status") or "working")).lower()
    left = float(event.get("left_s") or 0)
    return done if left < SOON_S else f"{done}, about {_duration(left)} left"


class Typing:
    """A reply that comes in pieces: `**bold**` becomes bold, wherever the pieces are cut."""

    def __init__(self) -> None:
        self._bold = False
        self._held = ""

    def feed(self, piece: str) -> Text:
        """What can be shown now; a star at the end waits for its neighbour."""
        text, self._held = self._held + clean(piece), ""
        if text.endswith("*") and not text.endswith("**"):
            text, self._held = text[:-1], "*"
        shown = Text()
        for number, part in enumerate(text.split("**")):
            self._bold ^= number > 0
            shown.append(part, style="bold" if self._bold else "")
        return shown


def clean(text: str) -> str:
    """Without control characters, which could move the cursor or change the window's title."""
    return "".join(character for character in text if character.isprintable() or character in "\n\t")


def _fault(error: Mapping[str, Any], more: str = "") -> Text:
    """What went wrong and what to do; the action may be the end of the message already."""
    message, action = (clean(str(error.get(key) or "")) for key in ("message", "action"))
    said = message if action in message else f"{message} {action}".strip()
    return Text(f"✗ {said or 'failed'}{more} [{clean(str(error.get('code', '')))}]", style="red")


def _intent_line(one: dict[str, Any]) -> Text:
    handles = ", ".join(clean(handle) for handle in one.get("on", []))
    verb = {"create": "making something new", "transform": "editing", "iterate": "editing", "chain": "continuing with"}
    if one["kind"] not in verb:
        return Text(f"→ {clean(one['summary'])}", style="dim")
    return Text.assemble(
        (f"→ {verb[one['kind']]}{' ' + handles if handles else ''}", "cyan"), (f" · {clean(one['summary'])}", "dim")
    )


def _step_line(number: int, step: dict[str, Any]) -> Text:
    line = Text.assemble(f"{number}. {clean(step['title'])}", (f" ({clean(step['tool'])})", "dim"))
    parameters = ", ".join(f"{name}={_short(value)}" for name, value in step["params"].items() if value is not None)
    if parameters:
        line.append(f"  {parameters}", style="dim")
    sources = ", ".join(_sources(step["inputs"]))
    return line.append(f"  ← {sources}", style="cyan") if sources else line


def _sources(inputs: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    for references in inputs.values():
        for reference in references:
            yield clean(str(reference.get("handle") or reference.get("step_id") or "a picture"))


def _short(value: object) -> str:
    text = clean(str(value)).replace("\n", " ")
    return text if len(text) <= 60 else f"{text[:59]}…"


def _duration(seconds: float) -> str:
    """In steps, so that it does not tremble."""
    return f"{5 * math.ceil(seconds / 5)} s" if seconds < 90 else f"{math.ceil(seconds / 60)} min"


def _time(low: float, high: float) -> str:
    """`4 to 9 s`, `40 s to 3 min`, `20 to 40 min`, `90 min to 4 h`: in the largest units that say enough."""
    (first, unit), (last, other) = _unit(low), _unit(high)
    if unit == other:
        return f"{_span(first, last)} {unit}"
    return f"{_span(first, first)} {unit} to {_span(last, last)} {other}" if low >= 1 else f"up to {_span(last, last)} {other}"


def _unit(seconds: float) -> tuple[float, str]:
    if seconds < 100:
        return seconds, "s"
    return (seconds / 60, "min") if seconds < 6000 else (seconds / 3600, "h")


def _span(low: float, high: float) -> str:
    first, last = (f"{value:.0f}" if value >= 1 or value == 0 else f"{value:.1f}" for value in (low, high))
    return first if first == last else f"{first} to {last}"


_SHOWN = {
    "intent": intent,
    "plan": plan,
    "clarification": clarification,
    "run.awaiting_confirmation": confirmation,
    "run.queued": queued,
    "run.output": output,
    "run.completed": completed,
    "run.failed": failed,
    "run.cancelled": cancelled,
    "turn.completed": ended,
}
