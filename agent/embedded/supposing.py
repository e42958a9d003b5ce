"""Questions about work that is not asked for yet: `how much would upscaling A1 4x cost?` Pure."""

from __future__ import annotations

import re

from agent.embedded.frames import imperative

_IF = r"(?:would|will|does|do|might|could|is)"
_PRICED = r"(?:cost|be|take|come to|set me back|run me|need)(?: (?:me|you|in credits|in total|roughly|about))*"
_SHAPES = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"^(?:and |so )?(?:roughly |about )?(?:how (?:much(?: time)?|long|many (?:credits|seconds|minutes)|expensive)|what) {_IF} it (?:be|cost|take)(?: me| you)? (?:to|if (?:i|you|we)) (?P<work>.+)$",
        rf"^(?:and |so )?(?:roughly |about )?(?:how (?:much(?: time)?|long|many (?:credits|seconds|minutes))|what) {_IF} (?P<work>(?!it\b|that\b|this\b|the (?:last|whole|next)\b|i\b|you\b|everything\b|they\b).+?) {_PRICED}$",
        r"^(?:and )?(?:what(?:'s| is| would be)|tell me) the (?:price|cost) (?:of|for|to) (?P<work>(?!it\b|that\b|this\b|the last\b).+)$",
        r"^(?:and )?how (?:much|long|many credits) (?:for|to) (?P<work>(?!it$|that$|this$|the last\b).+)$",
        r"^(?:and )?(?:price|cost|estimate) (?:of|for|to) (?P<work>(?!it$|that$|this$).+)$",
    )
)
_NAMED = re.compile(r"^(?:an? )?(?P<how>\d+(?:\.\d+)?x|\w+) (?P<verb>upscale|crop|resize|blur|flip|rotation|enlargement)(?: of| on| for)? ?(?P<what>.*)$", re.I)


def work(question: str) -> str | None:
    """The work that a price or a time is asked for, as an order; None when it is asked of what was done already."""
    said = question.strip(" ?!.")
    found = next((match for shape in _SHAPES if (match := shape.match(said))), None)
    if found is None:
        return None
    order = imperative(found["work"].strip(" ,"))
    if noun := _NAMED.match(order):
        order = f"{noun['verb']} {noun['what'] or 'it'} {noun['how']}"
    return order
