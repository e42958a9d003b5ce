"""What is said to the work itself: cancel, yes, no, go back, keep, forget."""

from __future__ import annotations

import re

from agent.embedded import answers, asking
from agent.embedded.binding import find
from agent.embedded.described import before_that
from agent.embedded.finders import COUNTS
from agent.embedded.lineage import after, versions
from agent.embedded.message import Understanding
from agent.embedded.reading import Reading
from agent.model import Action, Control, IntentKind, PlanningRequest


def carry_out(reading: Reading, message: Understanding) -> None:
    """Add a control to the message: what happens outside any plan, and what the person is told."""
    _CONTROLS[reading.act](reading, message)


def _cancel(reading: Reading, message: Understanding) -> None:
    """The run of what is named, else the one that waits, else the newest."""
    request, binding = message.request, reading.binding
    message.note(IntentKind.CONTROL, reading)
    meant = find(request, binding.refs[0]) if binding.named and binding.refs else None
    runs = [*([request.waiting] if request.waiting else []), *reversed(request.running)]
    target = meant.run_id if meant is not None and meant.run_id in runs else next(iter(runs), None)
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


def undone(reading: Reading, request: PlanningRequest) -> str | None:
    """The version that an undo goes back to: one step, or as many as are said."""
    what = re.match(
        r"(?:please )?(?:undo|revert|reverse) (?:the |my )?(?P<what>(?!last\b|previous\b|latest\b|change\b|edit\b|undo\b)[\w ]{3,40})$",
        reading.clause,
        re.I,
    )
    if what is not None and (ref := before_that(what["what"], request)) is not None:
        return ref
    said = re.search(r"\b(two|three|four|\d)\b|\b(twice)\b", reading.clause, re.I)
    steps = 1 if said is None else 2 if said[2] else COUNTS.get(said[1].lower(), 0) or int(said[1])
    line = versions(request, request.focus)
    return line[-1 - steps].ref if 0 < steps < len(line) else None


def _undo(reading: Reading, message: Understanding) -> None:
    target = undone(reading, message.request)
    message.note(IntentKind.CONTROL, reading, (target,) if target else ())
    _go_to(target, message)


def _redo(reading: Reading, message: Understanding) -> None:
    """Forward again, to the newest version that came from the picture at hand."""
    later = after(message.request, message.request.focus)
    message.note(IntentKind.CONTROL, reading, (later.ref,) if later else ())
    if later is None:
        message.replies.append(answers.NOTHING_AFTER)
    else:
        _go_to(later.ref, message)


def select(reading: Reading, message: Understanding) -> None:
    """Make a picture the one at hand, or ask which where the words fit none or several."""
    named = reading.binding.spoken and reading.binding.refs
    target = reading.binding.refs[0] if named else None
    message.note(IntentKind.CONTROL, reading, (target,) if target else ())
    if target is None and reading.binding.asks and message.request.shown:
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
    "control.select": select,
    "control.redo": _redo,
    "control.undo": _undo,
}
