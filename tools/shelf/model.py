"""What lies on a person's shelf."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from tools.model import SourceKind, Tool
from tools.shelf.names import own_name


class Visibility(StrEnum):
    """Who may see an item beside its owner."""

    PRIVATE = "private"
    #: whoever has the link
    LINK = "link"
    #: nobody yet: its owner asked that everybody may, and the operator has not answered
    ASKED = "asked"
    #: everybody, in lists and by search
    PUBLIC = "public"


@dataclass(frozen=True)
class Content:
    """What a version holds. `tool` says how it is found and used; `body` is what its kind needs besides (a workflow's
    source). Name, title, owner, version and source of the tool are set by the shelf."""

    title: str = field(repr=False)
    tool: Tool = field(repr=False)
    body: dict[str, Any] = field(default_factory=dict, repr=False)
    note: str = field(default="", repr=False)
    """What changed, in the person's words."""


@dataclass(frozen=True)
class Item:
    """One version of a spell or workflow."""

    id: str
    account_id: str
    kind: SourceKind
    """`spell` or `workflow`."""
    visibility: Visibility
    version: int
    newest: int
    """The number of the newest version."""
    slug: str = field(repr=False)
    content: Content = field(repr=False)
    created_at: datetime
    updated_at: datetime

    @property
    def name(self) -> str:
        return own_name(self.slug, self.id)

    @property
    def tool(self) -> Tool:
        return self.content.tool
