"""The handle table as a model is shown it: every picture, the older the shorter. Pure.

It is exact however long the conversation is: no handle is left out, only words about old ones are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from agent.model import PlanningRequest, Shown

MAX_WHOLE = 8
"""The newest, told whole; so is whatever the message names."""
WORDS_CHARS = 300
OLD_CHARS = 2_400
"""Characters of words that all older rows share."""
OLD_ROW = (6, 48)
"""Fewest and most of them for one row."""
MANY = 16
"""Of more old rows, a chain of the same tool is one."""
CHAINED = "each of the one before"

_HANDLE = re.compile(r"\b[Aa](\d+)\b")


def named_in(request: PlanningRequest) -> set[str]:
    """Handles and refs that a message is about by its words, its attachments or what "it" means."""
    words = {f"A{int(number)}" for number in _HANDLE.findall(request.text)}
    return {*request.attached, *words, *([request.focus] if request.focus else [])}


def rows(request: PlanningRequest) -> list[Any]:
    """One row `[handle, what it is, parameters]` for each picture that matters now; before them, shortened, the others."""
    about = named_in(request)
    newest = {item.ref for item in request.shown[-MAX_WHOLE:]}
    whole = [item for item in request.shown if item.ref in newest or item.ref in about or item.asset_id is None]
    old = [item for item in request.shown if item not in whole]
    roots = _roots(request.shown)
    return [*([_shortened(old)] if old else []), *(_whole(item, roots) for item in whole)]


def _whole(item: Shown, roots: Mapping[str, tuple[str, int]]) -> list[str]:
    made = " ".join([item.tool or item.origin, *(["of", ",".join(item.parents)] if item.parents else [])])
    size = "" if item.size is None else f"{item.size.width}x{item.size.height}"
    root, number = roots.get(item.ref, (item.ref, 1))
    facts = [
        made, "" if item.kind == "image" else item.kind, size, f"v{number} of {root}" if number > 1 else "",
        "still rendering" if item.asset_id is None else "",
    ]  # fmt: skip
    params = [f"{name}={_clipped(value)}" for name, value in item.params.items() if value not in (None, "", False)]
    words = item.words if item.words and item.words != item.params.get("prompt") else ""
    return [item.ref, ", ".join(filter(None, facts)), "; ".join([*params, *([_clipped(words)] if words else [])])]


def _shortened(old: Sequence[Shown]) -> dict[str, dict[str, str]]:
    """`{tool: {"A1": "a castle by", "A2-A5": "A1 warmer"}}`; neighbours that say the same share an entry."""
    low, high = OLD_ROW
    room = min(high, max(low, OLD_CHARS // len(old)))
    found: dict[str, dict[str, str]] = {}
    for tool, words, handles in _runs(old, room):
        name = handles[0] if len(handles) == 1 else f"{handles[0]}-{handles[-1]}"
        found.setdefault(tool, {})[name] = words
    return found


def _runs(old: Sequence[Shown], room: int) -> Iterable[tuple[str, str, list[str]]]:
    """Neighbouring handles that were made in the same way, together."""
    tool, words, handles, before = "", "", list[str](), ""
    for item in old:
        made, said = item.tool or item.origin, _short(item, room)
        if len(old) > MANY and item.parents == (before,) and made == tool:
            said = CHAINED
        before = item.ref
        if handles and (made, said) == (tool, words) and _number(item.ref) == _number(handles[-1]) + 1:
            handles.append(item.ref)
            continue
        if handles:
            yield tool, words, handles
        tool, words, handles = made, said, [item.ref]
    if handles:
        yield tool, words, handles


def _short(item: Shown, room: int) -> str:
    """What it was made from and what was set, or the words that made it."""
    changed = " ".join(f"{name}={_plain(value)}" for name, value in item.params.items() if name not in ("prompt", "seed"))
    if item.parents:
        return f"{','.join(item.parents)} {changed}"[:room].rstrip()
    return (item.words or changed)[:room].rstrip()


def _roots(shown: Sequence[Shown]) -> dict[str, tuple[str, int]]:
    """Ref -> its first ancestor, and its number among the versions of that one."""
    found: dict[str, tuple[str, int]] = {}
    counts: dict[str, int] = {}
    for item in shown:
        parent = found.get(item.parents[0]) if item.parents else None
        root = parent[0] if parent is not None else item.ref
        counts[root] = counts.get(root, 0) + 1
        found[item.ref] = (root, counts[root])
    return found


def _clipped(value: Any) -> str:
    return _plain(value)[:WORDS_CHARS]


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _number(handle: str) -> int:
    return int(handle[1:]) if handle[1:].isdigit() else -1
