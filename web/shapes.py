"""The shapes that leave the house, for OpenAPI and for tests; CONTRACTS in types."""

from __future__ import annotations

from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from web.examples import ASSET, CONVERSATION, PLAN, TOOL, TURN

T = TypeVar("T")
Kind = Literal["image", "mask", "video", "audio", "text", "model3d"]
Tier = Literal["standard", "incognito"]
Low = Annotated[float, Field(ge=0)]
Range = tuple[Low, Low]
"""(low, high)"""


class Shape(BaseModel):
    """What an answer holds. All fields are always there; unknown is null."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


class ProblemShape(Shape):
    """An error: RFC 9457 with a stable `code` and what to do next."""

    model_config = ConfigDict(extra="allow", title="Problem")

    type: str
    title: str
    status: int
    detail: str
    code: str
    action: str
    correlation_id: str | None


class Listed(Shape, Generic[T]):
    """One page of a list. `next` is the `after` of the following page, null at the end."""

    items: list[T]
    next: str | None


class Parent(Shape):
    """Where an asset came from, and by which port it entered the step."""

    asset_id: str
    port: str


class HandleIn(Shape):
    """The short name of an asset in one conversation."""

    conversation_id: str
    handle: str


class Asset(Shape):
    """An immutable media object."""

    model_config = ConfigDict(json_schema_extra={"example": ASSET})

    id: str
    kind: Kind
    media_type: str
    bytes: int
    sha256: str
    width: int | None
    height: int | None
    duration_s: float | None
    facts: dict[str, Any]
    tier: Tier
    origin: Literal["upload", "output"]
    sketch: bool
    created_at: str
    expires_at: str | None
    run_id: str | None
    step_id: str | None
    tool: str | None
    params: dict[str, Any] | None
    parents: list[Parent]
    handles: list[HandleIn]


class Link(Shape):
    """Where anybody may fetch something for a while."""

    url: str


class AssetSource(Shape):
    """An input that exists already."""

    asset_id: str
    handle: str | None = None


class StepSource(Shape):
    """An input that another step makes."""

    step_id: str
    port: str
    run_id: str | None = None
    handle: str | None = None
    index: int | None = None


class Step(Shape):
    """A tool, its parameters and where its inputs come from."""

    id: str
    tool: str
    title: str
    params: dict[str, Any]
    inputs: dict[str, list[AssetSource | StepSource]]
    outputs: dict[str, Kind]
    deliver: bool
    version_of: AssetSource | None = None
    seconds: Range | None = None
    """What it probably takes, by what its tool says."""
    size: int | None = None
    """How much work it is beside others of its tool."""
    fresh: bool = False


class Estimate(Shape):
    """What a run will probably cost, as ranges (low, high)."""

    credits: Range
    seconds: Range


class Warning(Shape):
    """Something to know before the run."""

    code: str
    message: str


class Plan(Shape):
    """A typed DAG of steps."""

    model_config = ConfigDict(json_schema_extra={"example": PLAN})

    id: str
    summary: str
    steps: list[Step]
    estimate: Estimate
    warnings: list[Warning]


class Intent(Shape):
    """One request within a message; `on` are the handles it works on."""

    kind: Literal["create", "transform", "iterate", "chain", "discover", "query", "control", "chat"]
    summary: str
    on: list[str]
    constraints: dict[str, Any]


class Attachment(Shape):
    """What a message brought, with its handle in the conversation."""

    asset_id: str
    handle: str


class Output(Shape):
    """What a turn delivered."""

    asset: Asset
    handle: str | None


class Fault(Shape):
    """Why a turn or run failed, in words for a person."""

    code: str
    title: str | None = None
    message: str
    action: str | None = None


class Turn(Shape):
    """One message of the person together with everything the agent did about it."""

    model_config = ConfigDict(json_schema_extra={"example": TURN})

    id: str
    text: str
    status: str
    attachments: list[Attachment]
    intents: list[Intent]
    reply: str | None
    plan: Plan | None
    run_id: str | None
    outputs: list[Output]
    feedback: Literal["up", "down"] | None
    error: Fault | None
    created_at: str


class ConversationHead(Shape):
    """A conversation in lists. `activity`: the agent is at work in it, or it waits for the person's yes; null: neither."""

    id: str
    title: str | None
    pinned: bool
    tier: Tier
    created_at: str
    active_at: str
    last_event_id: int
    activity: Literal["working", "waiting"] | None


class Conversation(ConversationHead):
    """A conversation with its turns, oldest first."""

    model_config = ConfigDict(json_schema_extra={"example": CONVERSATION})

    turns: list[Turn]


class PortShape(Shape):
    """A typed input or output of a tool; `count` is how many assets it takes (least, most)."""

    kind: Kind
    description: str
    count: tuple[int, int]


class ToolHead(Shape):
    """A tool in lists."""

    model_config = ConfigDict(json_schema_extra={"example": TOOL})

    name: str
    title: str
    description: str
    family: str
    tags: list[str]
    inputs: dict[str, PortShape]
    outputs: dict[str, PortShape]
    available: bool
    reason: str | None
    score: float


class ParameterShape(Shape):
    """Something a person may set."""

    type: Literal["string", "integer", "number", "boolean", "choice", "model"]
    description: str
    default: Any
    minimum: float | None
    maximum: float | None
    step: float | None
    choices: list[str]
    required: bool
    advanced: bool


class ExampleShape(Shape):
    """A sentence that gets this tool, and the parameters it means."""

    text: str
    params: dict[str, Any]


class ToolModel(Shape):
    """A weight file that a tool loads. `commercial` says whether what comes out may be sold."""

    file: str
    folder: str
    bytes: int | None
    licence: str | None
    commercial: Literal["yes", "limited", "no", "unknown"]
    gated: bool


class Variant(Shape):
    """Another tool for the same choice."""

    name: str
    title: str
    available: bool


class Tool(ToolHead):
    """A tool with all that may be set. `models` are those of the first way to run it, `vram_gb` what that needs."""

    params: dict[str, ParameterShape]
    examples: list[ExampleShape]
    generative: bool
    version: int
    base: str | None
    vram_gb: float | None
    models: list[ToolModel]
    variants: list[Variant]


class Capability(Shape):
    """Whether a kind of media can be made here, and if not for real, why."""

    status: Literal["real", "sketch", "unavailable"]
    reason: str | None


class LimitsShape(Shape):
    """What one person may send at once."""

    text_chars: int
    upload_bytes: int
    upload_pixels: int


class Info(Shape):
    """What this installation is. `mode` is `embedded` when no render server and no model are configured."""

    version: str
    mode: Literal["embedded", "connected"]
    planner: Literal["embedded", "model"]
    capabilities: dict[str, Capability]
    limits: LimitsShape
    starting: bool
    """What plans is still being read into memory: what is said now is kept, and answered in about half a minute."""


class Identity(Shape):
    """One of the ways in which an account is known."""

    kind: Literal["web_session", "api_token"]
    id: str
    created_at: str


class Me(Shape):
    """The account that asks."""

    account_id: str
    tier: Tier
    created_at: str
    identities: list[Identity]


class Credits(Shape):
    """What is left. `balance` is null while nothing is charged."""

    balance: float | None
    currency: Literal["credits"]
    note: str


class TokenShape(Shape):
    """An API token, without its secret."""

    id: str
    name: str
    created_at: str
    last_used_at: str | None


class TokenMade(Shape):
    """A token just made; `token` is shown this once."""

    id: str
    token: str


class TurnStarted(Shape):
    """A message was accepted and will be answered."""

    turn_id: str


class AdminStatus(Shape):
    """Rows by table and state, and what the pool is able to."""

    version: str
    counts: dict[str, dict[str, int]]
    instances: int
    capabilities: dict[str, Capability]
    ready: dict[str, bool]
