"""The shapes of spells that leave the house."""

from __future__ import annotations

from typing import Any, Literal

from web.shapes import ParameterShape, PortShape, Shape


class SpellHead(Shape):
    """A spell in lists. `blanks` are what is said to it, `ports` what media it takes; `name` is its name as a tool."""

    id: str
    name: str
    title: str
    description: str
    version: int
    newest: int
    visibility: Literal["private", "link", "public"]
    mine: bool
    blanks: dict[str, ParameterShape]
    ports: dict[str, PortShape]
    outputs: dict[str, PortShape]
    available: bool
    reason: str | None
    created_at: str
    updated_at: str


class RecipeStepShape(Shape):
    """A step; texts hold blanks as `{name}`, inputs name a port as `$name` or an earlier step."""

    id: str
    tool: str
    params: dict[str, Any]
    inputs: dict[str, list[str]]
    deliver: bool | None


class SpellShape(SpellHead):
    """A spell with its recipe."""

    steps: list[RecipeStepShape]
    note: str


class Change(Shape):
    """One difference, by where it is; null where something was not there."""

    what: str
    before: Any
    after: Any


class SpellVersion(Shape):
    """A version, and what it changed."""

    version: int
    title: str
    note: str
    changes: list[Change]


class Sharing(Shape):
    """Who may see a spell, and by which link."""

    visibility: Literal["private", "link", "public"]
    link: str | None


class SpellFile(Shape):
    """An exported spell. `digest` is the sha256 of the canonical JSON of `spell`."""

    format: str
    version: int
    digest: str
    spell: dict[str, Any]
