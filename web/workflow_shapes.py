"""Shapes and bodies of workflows."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from tools.workflows.model import ParameterChange, PortChange
from web.bodies import Body, PlainJson, Words
from web.shapes import ParameterShape, PortShape, Shape

Visibility = Literal["private", "link", "asked", "public"]
"""`asked`: it shall be public, and the operator has not answered."""
Named = Annotated[Words, Field(max_length=80)]
OfParameters = Annotated[dict[Named, ParameterChange | None], Field(max_length=100)]
OfPorts = Annotated[dict[Named, PortChange | None], Field(max_length=40)]


class NewDraft(Body):
    """A workflow to be looked at."""

    workflow: Annotated[PlainJson, Field(description="What ComfyUI's page saved or exported, as it is.")]
    title: Annotated[Words, Field(max_length=80)] = ""
    object_info: Annotated[
        PlainJson | None, Field(description="What one's own server says of the nodes, by class: how values are read.")
    ] = None


class WorkflowChanges(Body):
    """What a person makes of it; parameters and ports by the names under which they were found. Null takes a change back."""

    title: Annotated[Words, Field(min_length=1, max_length=80)] | None = None
    description: Annotated[Words, Field(max_length=1000)] | None = None
    examples: Annotated[
        list[Annotated[Words, Field(min_length=1, max_length=300)]] | None,
        Field(max_length=8, description="Sentences by which it is asked for."),
    ] = None
    params: OfParameters = Field(default_factory=dict)
    inputs: OfPorts = Field(default_factory=dict)
    outputs: OfPorts = Field(default_factory=dict)


class NewWorkflow(WorkflowChanges):
    """A workflow to be kept."""

    workflow: PlainJson
    object_info: PlainJson | None = None


class WorkflowChange(WorkflowChanges):
    """What a new version has instead; what is left out stays."""

    workflow: Annotated[PlainJson | None, Field(description="Another workflow in its place.")] = None
    note: Annotated[Words, Field(max_length=300, description="What changed, for the list of versions.")] = ""


class WorkflowCopy(Body):
    """The title of a copy; without one it keeps its own."""

    title: Annotated[Words, Field(min_length=1, max_length=80)] | None = None


class WorkflowSharing(Body):
    """Who may see it. `public` is asked for: the operator decides."""

    visibility: Literal["private", "link", "public"]


class WorkflowDecision(Body):
    """The operator's answer for the version that was looked at."""

    version: Annotated[int, Field(ge=1, le=999_999)]
    visibility: Literal["private", "public"]


class FindingShape(Shape):
    """One thing to know. With an `error` it cannot be kept; with a `warning` it may not run here."""

    level: Literal["error", "warning", "note"]
    code: str
    message: str
    node: str | None
    class_type: str | None


class NeededFile(Shape):
    """A weight file that it loads."""

    file: str
    folder: str
    url: str | None
    bytes: int | None
    licence: str | None
    gated: bool


class FoundShape(Shape):
    """What was found in the workflow, before any change."""

    params: dict[str, ParameterShape]
    inputs: dict[str, PortShape]
    outputs: dict[str, PortShape]


class DraftShape(FoundShape):
    """What a workflow would be as a tool; nothing of it is kept. `title` and `description` are proposals."""

    form: Literal["ui", "api"]
    keepable: bool
    title: str | None
    description: str | None
    family: str | None
    base: str | None
    vram_gb: float | None
    models: list[NeededFile]
    samples: dict[str, str]
    nodes: int
    missing: list[str]
    findings: list[FindingShape]
    available: bool
    reason: str | None


class FileDraft(DraftShape):
    """A draft, and the workflow that was in the file."""

    workflow: dict[str, Any]


class WorkflowHead(Shape):
    """A workflow in lists; `name` is its name as a tool."""

    id: str
    name: str
    title: str
    description: str
    family: str
    version: int
    newest: int
    visibility: Visibility
    mine: bool
    inputs: dict[str, PortShape]
    outputs: dict[str, PortShape]
    available: bool
    reason: str | None
    created_at: str
    updated_at: str


class WorkflowShape(WorkflowHead):
    """A workflow with what may be set, and how that was made of what was found."""

    params: dict[str, ParameterShape]
    examples: list[str]
    form: Literal["ui", "api"]
    base: str | None
    vram_gb: float | None
    models: list[NeededFile]
    found: FoundShape
    changes: dict[str, Any]
    note: str


class WorkflowVersion(Shape):
    """A version, in the words of whoever made it. `source_changed`: it is another workflow."""

    version: int
    title: str
    note: str
    source_changed: bool


class WorkflowVisibility(Shape):
    """Who may see it now, and by which link."""

    visibility: Visibility
    link: str | None
