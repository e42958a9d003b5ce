"""The frames of the event stream, typed: OpenAPI has no words for a stream, so they stand there as schemas."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from web.run_shapes import Cost
from web.shapes import Asset, Attachment, Estimate, Fault, Intent, Plan, Range, Shape


class Frame(Shape):
    """What every frame's `data:` holds. Transient frames (progress, preview) have no `id`."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    id: int | None = None
    turn_id: str
    at: str
    correlation_id: str | None = None
    run_id: str | None = None
    job_id: str | None = None


class TurnStartedEvent(Frame):
    """A turn's first event."""

    type: Literal["turn.started"]
    text: str
    attachments: list[Attachment]


class Notice(Shape):
    """Something that did not go as set up: another model answered, a planner stood in, a budget is used up."""

    code: str
    message: str


class IntentEvent(Frame):
    """What was understood, when references are bound: `on` is what is being edited."""

    type: Literal["intent"]
    intents: list[Intent]
    confidence: float
    notices: list[Notice] = Field(default=[])


class ReplyDeltaEvent(Frame):
    """More of the reply's text."""

    type: Literal["reply.delta"]
    text: str


class Choice(Shape):
    """A button of a question."""

    id: str
    label: str


class ClarificationEvent(Frame):
    """A question back."""

    type: Literal["clarification"]
    question: str
    choices: list[Choice]


class PlanEvent(Frame):
    """What will be done."""

    type: Literal["plan"]
    plan: Plan


class AwaitingConfirmationEvent(Frame):
    """The run waits for a yes."""

    type: Literal["run.awaiting_confirmation"]
    estimate: Estimate
    expires_at: str | None


class QueuedEvent(Frame):
    """The place in the queue, and between how many seconds from now it starts (low, high). With a `reason` nobody knows when."""

    type: Literal["run.queued"]
    place: int | None
    eta_s: Range | None
    reason: str | None = None
    """Why it does not start yet, when that is not the queue: a render server that is away."""
    until: str | None = None
    """When that is waited for no longer, and the run fails; null where there is no such moment."""
    message: str | None = None
    """Said when an earlier promise was wrong: how much longer it takes."""


class ProgressEvent(Frame):
    """How far a step is; transient."""

    type: Literal["run.progress"]
    step_id: str | None
    status: str
    fraction: Annotated[float, Field(ge=0, le=1)]
    current_step: int | None
    total_steps: int | None
    message: str | None
    left_s: float | None = None
    """Seconds until it is done, probably."""


class PreviewEvent(Frame):
    """A small picture of the unfinished result as a data URL; transient."""

    type: Literal["run.preview"]
    step_id: str | None
    image: str


class OutputEvent(Frame):
    """A result with its handle."""

    type: Literal["run.output"]
    step_id: str | None
    asset: Asset
    handle: str
    cached: bool = False
    """The step had been done before: this is what it gave then, for nothing."""
    unfinished: bool = False
    """The run was cancelled: this is how far it came, not what was asked for."""


class CompletedEvent(Frame):
    """The run is done."""

    type: Literal["run.completed"]
    cost: Cost | None
    cached: Annotated[list[str], Field(default_factory=list)]
    """Ids of the steps that had been done before and were not done again."""


class FailedEvent(Frame):
    """The run failed; `refunded` are credits."""

    type: Literal["run.failed"]
    code: str
    message: str
    refunded: float | bool | None


class CancelledEvent(Frame):
    """The run was cancelled."""

    type: Literal["run.cancelled"]
    refunded: float | bool | None


class TurnCompletedEvent(Frame):
    """A turn's last event, exactly once."""

    type: Literal["turn.completed"]
    status: Literal["answered", "asked", "done", "failed", "cancelled"]
    error: Fault | None = None


Event = Annotated[
    TurnStartedEvent | IntentEvent | ReplyDeltaEvent | ClarificationEvent | PlanEvent | AwaitingConfirmationEvent
    | QueuedEvent | ProgressEvent | PreviewEvent | OutputEvent | CompletedEvent | FailedEvent | CancelledEvent
    | TurnCompletedEvent,
    Field(discriminator="type"),
]  # fmt: skip


def schemas(ref_template: str) -> dict[str, Any]:
    """The JSON schemas of all frames and of `Event`, the union of them."""
    whole = TypeAdapter[Any](Event).json_schema(ref_template=ref_template, mode="serialization")
    parts: dict[str, Any] = whole.pop("$defs")
    return {**parts, "Event": whole}
