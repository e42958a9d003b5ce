"""What a conversation remembers of its older turns: the person's words, shortened, the weightier ones longest. Pure.

Extractive, so that it costs no call and invents nothing. One line is added when a turn ends; what pictures there are is
not remembered here, because the handle table always says it exactly.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

LINE_CHARS = 140
KEPT_CHARS = 6_000
"""What is kept; a planner is told less, the weightiest of what lies before the exchanges it is told whole."""
TOLD_CHARS = 1_600

_STANDING = re.compile(
    r"\b(always|never|from now on|remember|call me|my name|prefer|i (?:like|love|hate)|don'?t ever"
    r"|siempre|nunca|recuerda|prefiero|toujours|jamais|désormais|préfère|immer|nie(?:mals)?|ab jetzt|lieber"
    r"|sempre|prefiro|всегда|никогда|запомни|отныне)\b|总是|永远|从现在|记住|いつも|絶対|今後|覚えて",
    re.IGNORECASE,
)
"""A wish that outlives its message."""
_MAKING = frozenset({"create", "transform"})

Line = dict[str, Any]
"""`{turn, said, weight}`, as it is sealed."""


def line(turn: int, said: str, kinds: Iterable[str]) -> Line:
    """What is kept of a turn: a standing wish weighs most, then what began something new."""
    weight = 2 if _STANDING.search(said) else 1 if _MAKING & set(kinds) else 0
    return {"turn": turn, "said": " ".join(said.split())[:LINE_CHARS], "weight": weight}


def remembered(kept: Sequence[Line], new: Line) -> list[Line]:
    """With one more line, in order of the turns, and the lightest and oldest dropped when it gets too much."""
    lines = sorted([*(one for one in kept if one["turn"] != new["turn"]), new], key=lambda one: int(one["turn"]))
    return _within(lines, KEPT_CHARS)


def told(kept: Sequence[Line], before: int) -> tuple[str, ...]:
    """The lines of turns below that number, oldest first, as many as a planner is told."""
    return tuple(str(one["said"]) for one in _within([one for one in kept if one["turn"] < before and one["said"]], TOLD_CHARS))


def _within(lines: Sequence[Line], room: int) -> list[Line]:
    kept: list[Line] = []
    for one in sorted(lines, key=lambda one: (-one["weight"], -one["turn"])):
        room -= len(one["said"]) + 1
        if room < 0:
            break
        kept.append(one)
    return sorted(kept, key=lambda one: int(one["turn"]))
