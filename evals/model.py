"""The types of measuring: a case, what is expected of it, what came of it. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from agent.model import Action, IntentKind
from evals.naming import names_of
from tools.model import Plan
from tools.spells.model import Spell

Split = Literal["all", "dev", "held"]
PoolCase = Literal["here", "full", "bare", "rented"]
HELD_ONE_IN = 3


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ShownCase(_Frozen):
    """A medium that the conversation has already, or one that still renders: that one has a `ref` and no handle."""

    handle: str | None = Field(None, pattern=r"^A[1-9]\d*$")
    ref: str | None = Field(None, pattern=r"^run:[^:]+:[^:]+$")
    kind: Literal["image", "mask", "video", "audio", "text", "model3d"] = "image"
    origin: Literal["output", "upload"] = "output"
    size: tuple[int, int] | None = None
    tool: str | None = None
    params: dict[str, Any] = {}
    parents: tuple[str, ...] = ()
    words: str = ""
    """The prompt behind it, or an upload's file name."""
    set: str | None = None
    """What was made or sent together has the same."""

    @property
    def name(self) -> str | None:
        """By what `on`, `inputs`, `parents` and `focus` call it."""
        return self.handle or self.ref


class HistoryCase(_Frozen):
    """An earlier turn in short."""

    text: str
    reply: str = ""
    handles: tuple[str, ...] = ()


class StepExpected(_Frozen):
    """A step of the plan. `tool` may be `a|b`, each with stars for any letters (`*_i2v*`); inputs name handles (A1) or
    expected steps by place (s1), the port `any` stands for all ports together."""

    tool: str
    makes: str | None = None
    """The kind of media that comes out first."""
    params: dict[str, Any] = {}
    inputs: dict[str, tuple[str, ...]] = {}
    deliver: bool | None = None

    @field_validator("inputs", mode="before")
    @classmethod
    def _one_is_enough(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return {port: (refs,) if isinstance(refs, str) else refs for port, refs in value.items()}
        return value

    @property
    def tools(self) -> tuple[str, ...]:
        return tuple(self.tool.split("|"))

    def allows(self, tool: str) -> bool:
        """Whether a tool of that name is one of those."""
        return any(fnmatchcase(name, pattern) for name in names_of(tool) for pattern in self.tools)


class PictureExpected(_Frozen):
    """What must be true of every picture that is delivered."""

    size: tuple[int, int] | None = None
    changed: bool | None = None
    """Whether it differs from what it was made from."""
    alpha: bool | None = None
    blank: bool | None = None
    gray: bool | None = None
    unchanged_outside: tuple[int, int, int, int] | None = None
    """x, y, width, height: nothing beyond this box differs from what it was made from."""


class Expected(_Frozen):
    """What is right. A part that is left out is not scored."""

    kinds: tuple[IntentKind, ...] | None = None
    on: tuple[str, ...] | tuple[tuple[str, ...], ...] | None = None
    steps: tuple[StepExpected, ...] | None = None
    kept: tuple[str, ...] | None = None
    changed: tuple[str, ...] | None = None
    asks: bool | None = None
    choices: tuple[str, ...] | None = None
    plans: bool | None = None
    reply: tuple[tuple[str, ...], ...] | None = None
    action: Literal["cancel", "confirm", "select", "retry", "save_spell", "share_spell", "none"] | None = None
    target: str | None = None
    title: str | None = None
    """What a spell is called that is saved."""
    warns: tuple[str, ...] | None = None
    delivered: int | None = None
    offered: tuple[str, ...] | None = None
    picture: PictureExpected | None = None

    @field_validator("reply", mode="before")
    @classmethod
    def _a_word_is_a_group(cls, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [[group] if isinstance(group, str) else group for group in value]
        return value


OF_A_PLAN = ("steps", "kept", "changed", "plans", "warns", "delivered", "picture")
OF_A_QUESTION = ("asks", "choices")


class CaseTurn(_Frozen):
    """One message within a case."""

    text: str = ""
    click: str | None = None
    """Instead of words: the button of the turn before whose label contains this."""
    attached: tuple[str | ShownCase, ...] = ()
    """Handles that came with the message, or new uploads."""
    reply_to: str | None = None
    expect: Expected
    alt: tuple[dict[str, Any], ...] = ()
    """Parts that may be answered otherwise: each replaces those parts of `expect`."""

    @model_validator(mode="after")
    def _alternatives_are_sound(self) -> Self:
        self.right_answers()
        return self

    def right_answers(self) -> tuple[Expected, ...]:
        """Everything that counts as right."""
        first = self.expect.model_dump(exclude_none=True)
        return (self.expect, *(Expected(**_replaced(first, other)) for other in self.alt))


def _replaced(first: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """An alternative that asks has no plan to be scored, and one that plans asks nothing, unless it says so itself."""
    dropped: tuple[str, ...] = ()
    if other.get("asks"):
        dropped = OF_A_PLAN
    elif other.get("steps") and first.get("asks"):
        dropped = OF_A_QUESTION
    return {**{part: value for part, value in first.items() if part not in dropped}, **other}


class Case(_Frozen):
    """A situation and one message in it, or a dialogue that begins in it."""

    suite: str = ""
    name: str = Field(min_length=1)
    tags: tuple[str, ...] = ()
    note: str = ""
    scene: str | None = None
    shown: tuple[ShownCase, ...] = ()
    attached: tuple[str | ShownCase, ...] = ()
    reply_to: str | None = None
    focus: str | None = None
    running: tuple[str, ...] = ()
    waiting: str | None = None
    history: tuple[HistoryCase, ...] = ()
    tools_patch: dict[str, dict[str, Any]] = {}
    pool: PoolCase = "here"
    """`here`: what the run was started with; `full`: everything any tool needs; `bare`: a ComfyUI with all nodes and no file;
    `rented`: nothing but a kind of instance that could be started."""
    spells: tuple[Spell, ...] = ()
    """What the person has saved before."""
    text: str | None = None
    expect: Expected | None = None
    alt: tuple[dict[str, Any], ...] = ()
    turns: tuple[CaseTurn, ...] = ()

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if bool(self.turns) == (self.expect is not None):
            raise ValueError("a case has either text and expect, or turns")
        self.dialogue()
        named = [item.name for item in self.shown]
        if len(set(named)) != len(named) or None in named:
            raise ValueError("what is shown needs names of its own: a handle, or a ref while it renders")
        loose = {ref for ref in (*self._mentioned(), *self._parents()) if ref not in named}
        if loose:
            raise ValueError(f"{', '.join(sorted(loose))} is not shown")
        return self

    @property
    def key(self) -> str:
        return f"{self.suite}/{self.name}"

    @property
    def held_out(self) -> bool:
        """Whoever writes a planner never looks at these."""
        return int(hashlib.sha256(self.key.encode()).hexdigest()[:8], 16) % HELD_ONE_IN == 0

    def hash(self) -> str:
        """Changes whenever the situation, a message or what is right changes."""
        body = self.model_dump(mode="json", exclude={"suite", "name", "tags", "note", "scene"}, exclude_defaults=True)
        return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:8]

    def dialogue(self) -> tuple[CaseTurn, ...]:
        """Its messages in order."""
        if self.expect is not None:
            alone = {"text": self.text or "", "attached": self.attached, "reply_to": self.reply_to}
            return (CaseTurn(**alone, expect=self.expect, alt=self.alt),)
        first = self.turns[0]
        if not first.attached and self.attached:
            first = first.model_copy(update={"attached": self.attached})
        return (first, *self.turns[1:])

    def _mentioned(self) -> list[str]:
        """Handles that must be there from the start; later turns may name what comes in between."""
        attached = [ref for ref in self.attached if isinstance(ref, str)]
        return [ref for ref in (*attached, self.reply_to, self.focus) if ref]

    def _parents(self) -> list[str]:
        return [parent for item in self.shown for parent in item.parents]


class IntentAnswer(_Frozen):
    kind: str
    summary: str = ""
    on: tuple[str, ...] = ()
    constraints: dict[str, Any] = {}


class ChoiceAnswer(_Frozen):
    label: str
    then: dict[str, Any] = {}


class ControlAnswer(_Frozen):
    action: Action
    target: str | None = None
    title: str = ""


class Spent(_Frozen):
    """Tokens as the model's server counted them, dollars as far as prices are known."""

    model: str | None = None
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    repairs: int = 0
    dollars: float = 0.0


class Took(_Frozen):
    """Milliseconds since the message: tools found, intents bound and drafted, plan checked (or all said)."""

    search: float = 0.0
    understand: float = 0.0
    plan: float = 0.0


class PictureFacts(_Frozen):
    """What can be said of a delivered picture without anybody's taste."""

    step: str
    size: tuple[int, int]
    alpha: bool = False
    blank: bool = False
    gray: bool = False
    changed_box: tuple[int, int, int, int] | None = None
    """x, y, width, height of what differs from the first parent; None where nothing does or sizes differ."""
    comparable: bool = False
    """Whether there is a parent of the same size."""
    thumbnail: str = ""
    """A small picture as a data URL, for the report."""


class Answer(_Frozen):
    """Everything a planner said to one message: enough to score it again without asking again."""

    intents: tuple[IntentAnswer, ...] = ()
    confidence: float = 0.0
    reply: str = ""
    question: str | None = None
    choices: tuple[ChoiceAnswer, ...] = ()
    controls: tuple[ControlAnswer, ...] = ()
    plan: Plan | None = None
    found: tuple[str, ...] = ()
    """Tools by search, best first."""
    tokens_offered: int = 0
    """What describing the tools a planner is offered takes, at four characters a token."""
    tokens_catalogue: int = 0
    error: str | None = None
    """The code of the problem, where there was one instead of an answer."""
    detail: str = ""
    spent: Spent = Spent()
    took: Took = Took()
    pictures: tuple[PictureFacts, ...] | None = None
    """None: the plan was not run."""


class TurnVerdict(_Frozen):
    """An answer with a score per part, 1 or 0; a part that is not scored is left out."""

    answer: Answer
    scores: dict[str, int]

    @property
    def passed(self) -> bool:
        return all(self.scores.values())


class Verdict(_Frozen):
    """A case, asked once."""

    case: Case
    turns: tuple[TurnVerdict, ...]
    repeat: int = 0

    @property
    def passed(self) -> bool:
        return all(turn.passed for turn in self.turns)


class Figures(_Frozen):
    """Milliseconds at so many turns at once."""

    concurrent: int
    turns: int
    understand_p50: float
    understand_p95: float
    plan_p50: float
    plan_p95: float


class Header(_Frozen):
    """The first line of a journal: what is run."""

    run: str
    at: str
    planner: str
    suites: tuple[str, ...]
    split: Split = "all"
    repeat: int = 1
    outcome: bool = False
    case: str | None = None
    scripted: bool = False


class Journal(_Frozen):
    """A run, whole or as far as it got."""

    header: Header
    verdicts: tuple[Verdict, ...] = ()
    latency: tuple[Figures, ...] = ()
