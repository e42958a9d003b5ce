"""Carry out a join: find the pictures that become one, in their order, and draft the steps. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

from agent.embedded import asking, joining
from agent.embedded.drafting import available, described
from agent.embedded.lineage import find
from agent.embedded.lineage import together as set_at_hand
from agent.embedded.message import Understanding
from agent.embedded.reading import Reading
from agent.model import IntentKind

SHEET = 9
"""Pictures that one collage takes."""
_SHEET = re.compile(r"\bcollage\b|\bcontact sheet\b|\bmood ?board\b|\bphoto wall\b", re.I)
_TURNED = {"right": "left", "down": "up"}


def join(reading: Reading, message: Understanding) -> None:
    """Blend or put together what the clause names, what this message has made, or the set at hand; asks for a second."""
    join = joining.recognise(reading.clause, several=True) or joining.Join("combine_images", {"direction": "right"})
    sources, join = _sources(reading, message, join)
    on = tuple(dict.fromkeys(source for source in sources if find(message.request, source)))
    if (absent := asking.nowhere(reading.clause, message.request)) is not None:
        message.note(IntentKind.CHAIN, reading, on)
        message.question = asking.second_picture(reading, message.request, on, absent)
        return
    if len(sources) < 2:
        message.note(IntentKind.CHAIN, reading, on)
        message.question = asking.second_picture(reading, message.request, on)
        return
    items = [find(message.request, ref) for ref in on]
    brought = bool(items) and all(item is not None and item.origin == "upload" for item in items)
    message.note(IntentKind.TRANSFORM if brought else IntentKind.CHAIN, reading, on)
    if 2 < len(sources) <= SHEET and _SHEET.search(reading.clause) and available(message.request, "collage"):
        message.heads, message.base = (_collage(sources, join, message, _columns(reading.clause)),), sources
        message.doing.append(f"Arranging {len(sources)} pictures as a collage")
        if (told := _too_many(reading.clause, len(sources))) is not None:
            message.tell(told)
        return
    rows = _rows(sources) if re.search(r"\bgrid\b", reading.clause, re.I) else [sources]
    below = _joined([_joined(row, join, message) for row in rows], replace(join, params={"direction": "down"}), message)
    message.heads, message.base = (below,), sources
    message.doing.append(f"{join.saying}: {' and '.join(message.name(source) for source in sources)}")


_CELLS = re.compile(r"\b([1-9]) ?(?:x|×|by) ?([1-9])\b", re.I)


def _too_many(clause: str, many: int) -> str | None:
    """`2x2` of five pictures: not all have a place in it."""
    said = _CELLS.search(clause)
    if said is None or many <= (room := int(said[1]) * int(said[2])):
        return None
    rows = math.ceil(many / int(said[1]))
    return f"{said[1]} x {said[2]} has room for {room}, and these are {many}: I took all of them, in {rows} rows. Name {room} to have just those."


def _columns(clause: str) -> int | None:
    """How many stand in a row, where that is said."""
    said = _CELLS.search(clause)
    return int(said[1]) if said else None


def _collage(sources: Sequence[str], join: joining.Join, message: Understanding, columns: int | None) -> str:
    told = (("columns", columns), ("gap", join.params.get("gap")), ("color", join.params.get("gap_color")))
    ports = {f"image_{place}" if place > 1 else "image": (source,) for place, source in enumerate(sources, 1)}
    return message.work.feed("collage", {name: value for name, value in told if value is not None}, ports)


def _joined(sources: Sequence[str], join: joining.Join, message: Understanding) -> str:
    """One after the other, each to what came of those before."""
    below = sources[0]
    for above in sources[1:]:
        below = message.work.add(join.tool, dict(join.params), below, second=above)
    return below


def _rows(sources: tuple[str, ...]) -> list[tuple[str, ...]]:
    """As square as it gets."""
    across = math.ceil(math.sqrt(len(sources)))
    return [sources[start : start + across] for start in range(0, len(sources), across)]


def _sources(
    reading: Reading, message: Understanding, join: joining.Join
) -> tuple[tuple[str, ...], joining.Join]:
    """The pictures in the order in which they go into the join."""
    named = tuple(dict.fromkeys(reading.binding.refs))
    made = message.heads
    if not message.work.steps:
        return _ordered(
            reading, message, join, named if len(named) > 1 else _several(reading, message, named)
        ), join
    if "before" in reading.clause.lower() and "after" in reading.clause.lower() and message.base and made:
        return (message.base[0], made[0]), join
    leaves = made if len(made) > 1 else message.work.leaves()
    if len(leaves) > 1 and not (reading.binding.named and len(named) == 1 and join.beside_last):
        return _ordered(reading, message, join, leaves), join
    if named and made:
        turned = _TURNED.get(str(join.params.get("direction")))
        swapped = join.beside_last and not join.reverse and turned is not None
        params = {**join.params, "direction": turned} if swapped else join.params
        return (named[0], made[-1]), replace(join, params=params)
    return leaves, join


def _several(reading: Reading, message: Understanding, named: tuple[str, ...]) -> tuple[str, ...]:
    """What `the two` are when no two are named: the set at hand, else the last two, if there are two at all."""
    request = message.request
    pointed = reading.binding.named and not re.search(r"\b(?:them|these|those|both|all|one|the other)\b", reading.clause, re.I)
    if not pointed and (members := set_at_hand(request)):
        return tuple(item.ref for item in members)
    if pointed or reading.binding.missing or len(request.shown) < 2:
        return named
    return tuple(item.ref for item in request.shown[-2:])


def _ordered(
    reading: Reading, message: Understanding, join: joining.Join, sources: tuple[str, ...]
) -> tuple[str, ...]:
    told = [_words(source, message) for source in sources]
    return tuple(sources[place] for place in joining.ordered(reading.clause, told, join))


def _words(source: str, message: Understanding) -> str:
    """What a picture, or the picture behind a step, is known by."""
    item = described(source, message.work, message.request)
    return item.words if item is not None else ""
