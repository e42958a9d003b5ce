"""What a person's own tools are called. Pure.

`my/sticker-maker-3fa9c1` is a spell or workflow as it is now; `my/3fa9c1@2` is its second version, which never changes.
Plans and rows hold the second form: it fixes what runs, and has no word of the person in it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

PREFIX = "my/"
SHORT = 6  # characters of an id's random end
SLUG_CHARS = 40
_OWN = re.compile(rf"my/(?:[a-z0-9]+(?:-[a-z0-9]+)*-)?([0-9a-f]{{{SHORT}}})(?:@([1-9]\d{{0,5}}))?")


@dataclass(frozen=True)
class OwnName:
    """An own tool by the short form of its id; without a version the newest is meant."""

    short: str
    version: int | None = None


def is_own(name: str) -> bool:
    """Whether a tool name is one of a person's own tools."""
    return name.startswith(PREFIX)


def parsed(name: str) -> OwnName | None:
    """None for what is no name of an own tool."""
    found = _OWN.fullmatch(name)
    return None if found is None else OwnName(found[1], int(found[2]) if found[2] else None)


def short(item_id: str) -> str:
    """The end of an id: its beginning is the time, and the same for all of an hour."""
    return item_id.replace("-", "")[-SHORT:]


def short_of(name: str) -> str | None:
    """The short id within a tool's name; None for a tool of the catalogue."""
    own = parsed(name)
    return None if own is None else own.short


def own_name(slug: str, item_id: str) -> str:
    return f"{PREFIX}{slug}-{short(item_id)}"


def pinned(name: str, version: int) -> str:
    """The name by which a step means exactly this version. Catalogue tools keep their name."""
    own = parsed(name)
    return name if own is None else f"{PREFIX}{own.short}@{version}"


def slug_of(title: str) -> str:
    """`Sticker Maker!` -> `sticker-maker`; letters beyond ASCII lose their marks, and what is nothing then is `tool`."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:SLUG_CHARS].strip("-") or "tool"
