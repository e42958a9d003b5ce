"""What a model is shown. First what never changes, so that providers' caches work; then the tools, then this turn.

Everything that did not come from us is JSON within a tag, `<` and `>` escaped: it cannot end its tag, and the rules
say that it is data.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib import resources
from typing import Any

from agent.llm import table, toolsheet
from agent.llm.protocols import Message
from agent.model import Exchange, PlanningRequest
from tools.model import Plan

HISTORY_CHARS = 2_400
EXCHANGE_CHARS = 400
QUOTED_CHARS = 4_000
"""As much of a refused answer as the correction quotes."""
MAX_BEST = 3

_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>\x85\u2028\u2029"}
"""What could end a tag or a line."""

offered = toolsheet.offered


def messages(request: PlanningRequest) -> list[Message]:
    """The rules, and one message with tools and turn."""
    sheet = _tagged("tools", toolsheet.lines(offered(request).values(), request.capabilities))
    return [Message("system", stable=system()), Message("user", "\n".join(_turn(request)), stable=f"{sheet}\n")]


def correction(answer: str, reasons: Sequence[str]) -> list[Message]:
    """What goes back when an answer was refused."""
    listed = "\n".join(f"- {reason}" for reason in reasons)
    words = f"That answer was refused:\n{listed}\nAnswer again, with the whole corrected JSON object and nothing else."
    return [Message("assistant", answer[:QUOTED_CHARS] or "{}"), Message("user", words)]


@cache
def system() -> str:
    """The rules, the same bytes for every request."""
    return (resources.files("agent.llm") / "system.md").read_text(encoding="utf-8").strip()


def _turn(request: PlanningRequest) -> Iterator[str]:
    """What is different each time, the slowest to change first. A section without lines is left out."""
    sections: list[tuple[str, Sequence[Any]]] = [
        ("memory", request.memory),
        ("pictures", table.rows(request)),
        ("earlier", _history(request.history)),
        ("unavailable", toolsheet.unavailable(request.found)),
        ("state", [_state(request)]),
        ("message", [request.text]),
    ]
    return (_tagged(tag, lines) for tag, lines in sections if lines)


def _tagged(tag: str, values: Iterable[Any]) -> str:
    return "\n".join([f"<{tag}>", *(_data(value) for value in values), f"</{tag}>"])


def _data(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str).translate(_ESCAPES)


def _history(history: Sequence[Exchange]) -> list[dict[str, Any]]:
    """The last exchanges that fit the budget, oldest first."""
    kept: list[dict[str, Any]] = []
    left = HISTORY_CHARS
    for exchange in reversed(history):
        text, reply = exchange.text[:EXCHANGE_CHARS], exchange.reply[:EXCHANGE_CHARS]
        left -= len(text) + len(reply)
        if left < 0:
            break
        kept.insert(0, _without_empty({"person": text, "you": reply, "gave": list(exchange.handles)}))
    return kept


def _state(request: PlanningRequest) -> dict[str, Any]:
    return _without_empty(
        {
            "it": request.focus,
            "attached": list(request.attached),
            "running": list(request.running),
            "waits_for_yes": request.waiting,
            "last_plan": None if request.last_plan is None else _plan(request.last_plan),
            "sketch_only": any(f.availability.sketch for f in request.found),
            "best": list(offered(request))[:MAX_BEST],
        }
    )


def _plan(plan: Plan) -> dict[str, Any]:
    estimate = plan.estimate
    return {
        "summary": plan.summary[:EXCHANGE_CHARS], "tools": [step.tool for step in plan.steps],
        "credits": estimate.credits, "seconds": estimate.seconds,
    }  # fmt: skip


def _without_empty(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, "", [], {}, False)}
