"""The types of what can be done: tools, their ports and parameters, plans made of them."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class MediaKind(StrEnum):
    """What flows between tools."""

    IMAGE = "image"
    MASK = "mask"
    VIDEO = "video"
    AUDIO = "audio"
    TEXT = "text"
    MODEL3D = "model3d"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Port(_Frozen):
    """A typed input or output of a tool. `count` is how many assets it takes: (1, 1) is exactly one."""

    kind: MediaKind
    description: str = ""
    count: tuple[int, int] = (1, 1)


class Parameter(_Frozen):
    """Something a person may set. A `model` parameter names a file that the instance must list."""

    type: Literal["string", "integer", "number", "boolean", "choice", "model"]
    description: str = ""
    default: Any = None
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: tuple[str, ...] = ()
    required: bool = False
    advanced: bool = False
    """Shown only when a person opens the details."""


class ModelFile(_Frozen):
    """A weight file that a graph loads: where it goes in ComfyUI's `models` folder and where it comes from."""

    file: str
    """As ComfyUI names it: with subfolders, where there are, under `folder`."""
    folder: str
    url: str | None = None
    bytes: int | None = None
    estimated: bool = False
    """Nobody wrote `bytes` down: it is worked out from what is known."""
    sha256: str | None = None
    licence: str | None = None
    gated: bool = False
    """The source asks for an account before it gives the file."""


class CostModel(_Frozen):
    """Seconds on the reference GPU (an RTX 4090), credits per GPU second.

    Seconds are `fixed + (per_megapixel_step + per_length_step * duration) * megapixels * steps`.
    """

    fixed_s: float = 1.0
    per_megapixel_step_s: float = 0.0
    per_length_step_s: float = 0.0
    """For each second of `duration`, where what comes out has a length."""
    cpu_s: float = 0.5
    """Seconds on the embedded renderer."""
    credits_per_s: float = 0.05


class Example(_Frozen):
    """A sentence a person may say to get this tool, and the parameters it means."""

    text: str
    params: dict[str, Any] = {}


class Implementation(_Frozen):
    """One graph that does the tool's work. The first one whose nodes and models an instance has is used."""

    name: str
    graph: dict[str, dict[str, Any]]
    """API format; a string `$name` stands for a parameter, derived value or input port (see tools.graph)."""
    outputs: dict[str, str]
    """Output port -> id of the node that saves it."""
    models: tuple[ModelFile, ...] = ()
    only_params: tuple[str, ...] | None = None
    """Used only when the parameters that differ from their defaults are among these; None: always."""
    loose_links: tuple[tuple[str, str], ...] = ()
    """Links (node id, input) that may be left out, so that an input port that is left empty takes its loader with it."""


class RecipeStep(_Frozen):
    """A step of a tool that is itself a plan. Texts may hold its parameters as `{name}`; `{{` is a brace."""

    id: str
    tool: str
    params: dict[str, Any] = {}
    inputs: dict[str, tuple[str, ...]] = {}
    """Port -> `$port` of the recipe's own inputs, an earlier step (`s1`), or one picture of it (`s1.2`)."""
    deliver: bool | None = None
    """None: delivered unless another step of the recipe uses it."""


class SourceKind(StrEnum):
    """Who wrote a tool."""

    CURATED = "curated"
    TEMPLATE = "template"
    WORKFLOW = "workflow"
    SPELL = "spell"


class Source(_Frozen):
    """Where a tool comes from, so that a later import can say what changed."""

    kind: SourceKind = SourceKind.CURATED
    name: str | None = None
    """What it is called there, such as the template's own name."""
    package: str | None = None
    version: str | None = None
    digest: str | None = None
    """sha256 of the source's canonical JSON."""


class Tool(_Frozen):
    """Something the agent can do."""

    name: str
    title: str
    description: str
    family: str
    tags: tuple[str, ...] = ()
    inputs: dict[str, Port] = {}
    outputs: dict[str, Port]
    params: dict[str, Parameter] = {}
    implementations: tuple[Implementation, ...]
    """None at all: its nodes are newer than any server whose facts are known; `min_comfyui` says which one has them."""
    either: tuple[tuple[str, ...], ...] = ()
    """Groups of parameters that each say the same in another way: of those that are set, the last group counts."""
    some: tuple[str, ...] = ()
    """With none of these set there is nothing to do."""
    derive: str | None = None
    """Name of the pure rule in tools.derive that computes further values from parameters and input sizes."""
    cost: CostModel = CostModel()
    examples: tuple[Example, ...] = ()
    generative: bool = False
    """Needs a sampler: without weights it can only be a sketch."""
    version: int = 1
    source: Source = Source()
    group: str | None = None
    """Tools that are variants of one choice share it (twelve upscalers); a search shows the best of each group first."""
    base: str | None = None
    """Family of the base model, such as `sdxl` or `flux1`: which LoRAs fit."""
    vram_gb: float | None = None
    """What the largest moment of the graph needs, in 2**30 bytes; None: not known, or none."""
    deadline_s: float | None = Field(None, gt=0)
    """The longest that a job may be rendered; None: by what it makes (tools.rules.deadline_s)."""
    silence_s: float | None = Field(None, gt=0)
    """The longest that a render may show no sign of progress; None: by what it makes (tools.rules.silence_s)."""
    min_comfyui: str | None = None
    """The oldest ComfyUI that has its nodes, such as `0.11.0`."""
    popularity: float = 0.0
    """0 to 1: how much it is used elsewhere. A prior for ranking, no promise."""
    behind: str | None = None
    """The tool that is shown in its place, since it does the same with the same graph; found by its name still."""
    owner: str | None = None
    """Account that it is private to; None: everybody's."""
    withheld: str | None = None
    """Why this installation does not offer it, whatever its servers could do; None: it does."""
    recipe: tuple[RecipeStep, ...] = ()
    """What a spell does: composing puts these steps in its place, so that it needs no implementation of its own."""


class AssetRef(_Frozen):
    """An input that exists already."""

    asset_id: str
    handle: str | None = None


class StepRef(_Frozen):
    """An input that another step makes; `run_id` names the run of an earlier turn that is still at work."""

    step_id: str
    port: str = "image"
    run_id: str | None = None
    handle: str | None = None
    index: int | None = None
    """Which picture of a step that makes several, from 0; None: the only one."""


class Step(_Frozen):
    """A tool, its parameters and where its inputs come from."""

    id: str
    tool: str
    title: str
    params: dict[str, Any] = {}
    inputs: dict[str, tuple[AssetRef | StepRef, ...]] = {}
    outputs: dict[str, MediaKind]
    deliver: bool = True
    version_of: AssetRef | None = None
    """The picture that this one refines, where it is no input: drawn anew with other words, or again from what it was made of."""
    seconds: tuple[float, float] | None = None
    """What it probably takes on a GPU, as a range."""
    size: int | None = None
    """How much work it is beside others of its tool (`tools.rules.size_class`): durations are learned by it."""
    fresh: bool = False
    """Done again even where it was done before: somebody asked for another try."""


class Warning(_Frozen):
    """Something the person should know before the run."""

    code: str
    message: str


class Estimate(_Frozen):
    """What a run will probably cost, as ranges (low, high)."""

    credits: tuple[float, float] = (0.0, 0.0)
    seconds: tuple[float, float] = (0.0, 0.0)


class Plan(_Frozen):
    """A typed DAG of steps in an order in which they can run."""

    id: str
    summary: str
    steps: tuple[Step, ...] = Field(min_length=1)
    estimate: Estimate = Estimate()
    warnings: tuple[Warning, ...] = ()


@dataclass(frozen=True)
class KindOfInstance:
    """An instance that is not there but could be started: what that takes. What it will have stands in its Capabilities."""

    name: str
    disk_bytes: int
    """Room for models."""
    boot_s: tuple[float, float] = (60.0, 180.0)
    """From the order until it answers."""
    bytes_per_s: tuple[float, float] = (50e6, 150e6)
    """How fast it downloads models."""
    credits_per_s: float = 0.05
    """From its start, while it prepares too."""


FORM_BYTES = 1024
"""What a request says around its file, at the most."""


@dataclass(frozen=True)
class Capabilities:
    """What one instance can run: from its `/object_info`. A value, so that rules about it are plain functions."""

    nodes: frozenset[str]
    models: dict[str, frozenset[str]] = field(default_factory=dict)
    """Folder (`checkpoints`, `loras`, ...) -> file names."""
    sketch: bool = False
    """The embedded renderer: its samplers paint, they do not sample."""
    unknown: bool = False
    """Configured, but it has never answered: what it has is not known, so only what any server may have is planned for it."""
    samplers: bool = True
    """False where samplers must not be used (the embedded renderer beside a real ComfyUI)."""
    comfyui: str | None = None
    """The version it told, such as `0.33.0`."""
    vram_gb: float | None = None
    """Of its largest GPU, in 2**30 bytes; None: not known."""
    device: str | None = None
    """Its GPU by name, `cpu`, or `sketch`: what durations are learned for. None: it never told."""
    last_seen: datetime | None = None
    """Set while it is away: this is what it had then."""
    kind: KindOfInstance | None = None
    """Set when it is not there but could be started: files that it does not list are downloaded then."""
    unattended: bool = False
    """No worker is there that would use it: what is planned for it waits until one is."""
    max_upload_bytes: int | None = None
    """The largest request that it takes, file and form together; None: not known, or not sent to it that way."""

    def takes_file(self, size: int) -> bool:
        """Whether a file of so many bytes can be sent to it."""
        return self.max_upload_bytes is None or size + FORM_BYTES <= self.max_upload_bytes

    @cached_property
    def key(self) -> tuple[Hashable, ...]:
        """Equal for instances on which the same can run: what remembered answers go by."""
        files = frozenset(self.models.items())
        return (self.nodes, files, self.sketch, self.unknown, self.samplers, self.comfyui, self.vram_gb, self.kind)


NOBODY = Capabilities(frozenset(), unattended=True)
"""Where no worker ever was, so that nobody knows of any instance."""


@dataclass(frozen=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int


@dataclass(frozen=True)
class Gap:
    """What an instance would need before a tool could run on it."""

    nodes: tuple[str, ...] = ()
    files: tuple[ModelFile, ...] = ()
    """`*` stands for any file of that folder."""
    vram_gb: float | None = None
    """A GPU of at least so much; None: that is not what it lacks, or nobody knows."""
    min_comfyui: str | None = None
    """Empty: a newer one, nobody knows which."""
    prepare_s: tuple[float, float] | None = None
    """Until a fresh instance could start on it: what it downloads, and its own start."""

    @property
    def bytes(self) -> int | None:
        """Of all files together; None when the size of none is known."""
        known = [file.bytes for file in self.files if file.bytes]
        return sum(known) if known else None


@dataclass(frozen=True)
class Availability:
    """Whether a tool can run now, and if not, what is missing in words for a person.

    `prepares` is set when it can, but only on an instance that has to be started for it: what that takes.
    """

    available: bool
    reason: str | None = None
    implementation: str | None = None
    sketch: bool = False
    gap: Gap | None = None
    prepares: Estimate | None = None
