"""What is found out about a workflow that a person brings, and what they may change about the tool it becomes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from tools.graph import Graph
from tools.model import Tool

MAX_BYTES = 1_000_000
"""Of a workflow's JSON: five times the largest official template."""


class Form(StrEnum):
    """How a workflow was saved."""

    UI = "ui"
    """As ComfyUI's page keeps it, with places and colours."""
    API = "api"
    """As the server runs it."""


class Level(StrEnum):
    """What a finding means for the person."""

    ERROR = "error"
    """It cannot be kept like this."""
    WARNING = "warning"
    """It can be kept, and may not run here."""
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One thing that the person should know. `message` may quote their file: it is for them, never for a log."""

    level: Level
    code: str
    message: str = field(repr=False)
    node: str | None = field(default=None, repr=False)
    class_type: str | None = field(default=None, repr=False)

    def shape(self) -> dict[str, Any]:
        return {
            "level": self.level.value, "code": self.code, "message": self.message,
            "node": self.node, "class_type": self.class_type,
        }  # fmt: skip


@dataclass(frozen=True)
class Draft:
    """What a workflow would be as a tool. Nothing of it is stored anywhere."""

    form: Form
    graph: Graph = field(repr=False)
    """As it was understood, in API format; {} when nodes of it are not known."""
    tool: Tool | None = field(repr=False)
    """None when errors say why not."""
    findings: tuple[Finding, ...] = ()
    missing: tuple[str, ...] = ()
    """Node classes that no server of the pool has."""
    samples: dict[str, str] = field(default_factory=dict, repr=False)
    """The texts that stand in the workflow, by parameter."""

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.level is Level.ERROR)


class _Change(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*")
    @classmethod
    def _is_text(cls, value: Any) -> Any:
        """JSON may hold half of a surrogate pair, which is no text and cannot be stored."""
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str):
                text.encode()  # UnicodeEncodeError is a ValueError
        return value


_Name = Field(default=None, pattern=r"^[a-z][a-z0-9_]{0,39}$")


class ParameterChange(_Change):
    """What is other than it was found. `hidden`: it keeps its default, and nobody is asked for it."""

    name: str | None = _Name
    description: str | None = Field(default=None, max_length=300)
    hidden: bool = False
    default: str | int | float | bool | None = None
    minimum: float | None = None
    maximum: float | None = None
    required: bool | None = None
    advanced: bool | None = None


class PortChange(_Change):
    """Another name, or other words."""

    name: str | None = _Name
    description: str | None = Field(default=None, max_length=300)


class Changes(_Change):
    """What a person makes of a draft. Parameters and ports by the names under which they were found."""

    title: str | None = Field(default=None, min_length=1, max_length=80)
    description: str | None = Field(default=None, max_length=1000)
    examples: tuple[str, ...] | None = Field(default=None, max_length=8)
    """Sentences by which it is asked for."""
    params: dict[str, ParameterChange] = Field(default_factory=dict, max_length=100)
    inputs: dict[str, PortChange] = Field(default_factory=dict, max_length=40)
    outputs: dict[str, PortChange] = Field(default_factory=dict, max_length=40)


class Kept(_Change):
    """What the shelf holds of a workflow besides the tool: where it came from, and how the tool was made of it."""

    form: Form
    source: dict[str, Any] = Field(repr=False)
    digest: str
    """sha256 of the graph's canonical JSON."""
    found: Tool = Field(repr=False)
    """The tool as it was drafted, before the person's changes."""
    samples: dict[str, str] = Field(default={}, repr=False)
    changes: Changes = Field(default=Changes(), repr=False)
