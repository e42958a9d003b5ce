"""The types of understanding: intents, handles, what a planner is given and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tools.loras.resolving import Loras
from tools.model import Capabilities, Plan, Size, Tool
from tools.protocols import Found, Timings


class IntentKind(StrEnum):
    """What a turn asks for."""

    #: no existing media is an input
    CREATE = "create"
    #: the first operation on something the person brought
    TRANSFORM = "transform"
    #: the latest result, changed in look or content
    ITERATE = "iterate"
    #: a further operation of another kind on an earlier result
    CHAIN = "chain"
    #: what can I do?
    DISCOVER = "discover"
    #: how much, how long, why?
    QUERY = "query"
    #: cancel, select, go back, undo, retry, confirm
    CONTROL = "control"
    CHAT = "chat"


@dataclass(frozen=True)
class Intent:
    """One request within a message. `on` is bound before any tool is chosen."""

    kind: IntentKind
    summary: str = field(repr=False)
    on: tuple[str, ...] = ()
    constraints: dict[str, Any] = field(default_factory=dict, repr=False)

    def shape(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value, "summary": self.summary, "on": list(self.on), "constraints": self.constraints,
        }  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """A picture (or a picture still rendering) that a person can refer to in a conversation.

    `ref` is what a draft's inputs say: the handle, or `run:RUN_ID:STEP_ID` while it renders.
    """

    ref: str
    handle: str | None
    kind: str
    origin: str
    """`upload` or `output`."""
    size: Size | None = None
    asset_id: str | None = None
    run_id: str | None = None
    step_id: str | None = None
    tool: str | None = None
    params: dict[str, Any] = field(default_factory=dict, repr=False)
    parents: tuple[str, ...] = ()
    """Handles it was made from, in the order of the tool's inputs."""
    words: str = field(default="", repr=False)
    """The prompt that made it, or the file name: data, never instructions."""
    index: int | None = None
    """Which picture of its step it will be, where the step makes several and still renders."""
    version_of: str | None = None
    """The handle it refines, where that was no input of it."""
    file_bytes: int = 0
    """What has to be sent where it enters a step; 0 where that is not known yet, or nothing is sent as a file."""
    set: str | None = None
    """What it was made or sent together with: everything of one message has the same."""


@dataclass(frozen=True)
class Exchange:
    """An earlier turn in short, for a model's context."""

    text: str = field(repr=False)
    reply: str = field(repr=False)
    handles: tuple[str, ...] = ()
    asked: bool = False
    """It ended in a question to the person."""


@dataclass(frozen=True)
class PlanningRequest:
    """All that a planner may know. Values only, so that planning can be tested with plain data."""

    text: str = field(repr=False)
    shown: tuple[Shown, ...]
    """Everything with a handle in order of the handles, then what still renders, oldest first."""
    attached: tuple[str, ...] = ()
    """Handles that came with this message, the replied-to picture first."""
    focus: str | None = None
    """The ref that "it" means when nothing else says otherwise: the newest, unless the person went back to another."""
    running: tuple[str, ...] = ()
    """Ids of this conversation's runs at work, oldest first."""
    waiting: str | None = None
    """The run that waits for a yes."""
    last_plan: Plan | None = None
    history: tuple[Exchange, ...] = ()
    """The last exchanges, oldest first."""
    memory: tuple[str, ...] = field(default=(), repr=False)
    """What was said before those, shortened, oldest first."""
    found: tuple[Found, ...] = ()
    """Tools by search for this text, best first."""
    own: tuple[Tool, ...] = ()
    """The person's own spells and workflows, the newest first, and what own tools their steps use."""
    capabilities: tuple[Capabilities, ...] = ()
    seed: int = 0
    """Randomness of this turn: the seed of new pictures."""
    again: bool = False
    """The same request once more, because the first answer to it was not liked."""
    timings: Timings | None = field(default=None, repr=False)
    """How long work was measured to take; None: only the tools' own estimates."""
    resumed: Plan | None = None
    """What came of the request the first time, where that ended without its results: to be gone on with."""
    likeness: dict[str, dict[str, float]] = field(default_factory=dict, repr=False)
    """How near in meaning a description in the text is to the words of each ref (0..1.5), where a planner measured it."""
    loras: Loras = field(default=Loras(), repr=False)
    """What the person may load into a model, by trigger words or by tag."""
    choice: dict[str, Any] | None = None
    """What the clicked button stands for, from the clarification that offered it."""
    conversation_id: str = ""
    """Whose budget this is planned on; empty where nothing is kept."""
    without_model: bool = False
    """The person chose to go on without the language model when its budget was used up."""


@dataclass(frozen=True)
class DraftStep:
    """A step as a planner proposes it. Inputs name a handle (`A1`), a ref of Shown, or an earlier step's id (`s1`)."""

    id: str
    tool: str
    params: dict[str, Any] = field(default_factory=dict, repr=False)
    inputs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    deliver: bool | None = None
    """None: delivered unless another step uses it."""
    version_of: str | None = None
    """The handle or ref that this step refines without taking it as an input."""
    fresh: bool = False
    """Another try at what was done before: not to be answered with what it gave then."""


@dataclass(frozen=True)
class Draft:
    """A plan before it is checked."""

    summary: str = field(repr=False)
    steps: tuple[DraftStep, ...]
    notes: tuple[tuple[str, str], ...] = ()
    """Warnings (code, message) that the planner itself has to give."""


@dataclass(frozen=True)
class Order:
    """Work without a conversation: steps as a draft has them, whose inputs name own assets by id or earlier steps."""

    steps: tuple[DraftStep, ...]
    summary: str = field(default="", repr=False)


@dataclass(frozen=True)
class Choice:
    """A button. `then` is what clicking it means to the next turn: `{text}`, and what else its planner needs to finish."""

    id: str
    label: str = field(repr=False)
    then: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Clarification:
    """A question with choices, instead of a guess."""

    question: str = field(repr=False)
    choices: tuple[Choice, ...] = ()


class Action(StrEnum):
    """What a control intent does outside any plan."""

    CANCEL = "cancel"
    CONFIRM = "confirm"
    SELECT = "select"
    RETRY = "retry"
    SAVE_SPELL = "save_spell"
    SHARE_SPELL = "share_spell"


@dataclass(frozen=True)
class Control:
    """An action on what is there: cancel or confirm a run, make a handle the focus, keep how a handle was made as a spell."""

    action: Action
    target: str | None = None
    """A run, a handle, or the name of an own tool."""
    title: str = field(default="", repr=False)
    """What the spell shall be called."""
    same_seed: bool = False


@dataclass(frozen=True)
class Usage:
    """What a planner spent."""

    model: str | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    repairs: int = 0
    cached_tokens: int = 0
    """Those of the prompt that a provider's cache had."""
    dollars: float = 0.0
    """As far as prices are known."""


@dataclass(frozen=True)
class Notice:
    """Something that did not go as set up, told with a stable code: another model answered, a planner stood in."""

    code: str
    message: str


@dataclass(frozen=True)
class Planned:
    """A planner's answer: any of a reply, a checked plan, a clarification, controls; with the intents in order."""

    intents: tuple[Intent, ...]
    confidence: float
    reply: str = field(default="", repr=False)
    plan: Plan | None = field(default=None, repr=False)
    clarification: Clarification | None = field(default=None, repr=False)
    controls: tuple[Control, ...] = ()
    planner: str = "embedded"
    usage: Usage = Usage()
    notices: tuple[Notice, ...] = ()
