"""What requests hold."""

from __future__ import annotations

from math import isfinite
from typing import Annotated, Any, Literal, LiteralString, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from web.paths import Id
from web.shapes import Tier
from web.walking import walked


def _words(text: str) -> str:
    """JSON may hold half of a surrogate pair, which is no text and cannot be stored."""
    if not text.isascii():
        text.encode()  # UnicodeEncodeError is a ValueError
    return text


Words = Annotated[str, AfterValidator(_words)]


class Body(BaseModel):
    """What a request holds. Unknown fields are refused, because a misspelt one would be silently lost."""

    model_config = ConfigDict(extra="forbid")


class NewConversation(Body):
    """A new conversation; the tier cannot be changed later."""

    tier: Tier = "standard"


class ConversationChange(Body):
    """What may be changed about a conversation; what is left out stays."""

    title: Annotated[Words, Field(min_length=1, max_length=200)] | None = None
    pinned: StrictBool | None = None


class NewMessage(Body):
    """What a person says. `text` may be empty only with an attachment or a choice."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"text": "Generate a cyberpunk cityscape at night"}}
    )

    text: Annotated[Words, Field(description="At most 8,000 characters (see /info).")] = ""
    attachments: Annotated[list[Id], Field(max_length=20, description="Ids of own assets.")] = []
    reply_to: Annotated[Id | None, Field(description="The asset that the message is about.")] = None
    choice: Annotated[Words, Field(max_length=200, description="Id of a choice that was offered.")] | None = (
        None
    )


class NewFeedback(Body):
    """Thumbs up, down, or null to take it back."""

    rating: Literal["up", "down"] | None
    comment: Annotated[Words, Field(max_length=2000)] | None = None


class NewTokenBody(Body):
    """A name by which the person will know the token again."""

    name: Annotated[Words, Field(min_length=1, max_length=100)]


def _plain_json(value: dict[str, Any]) -> dict[str, Any]:
    """What cannot be kept is refused with its place: numbers that are none, NUL, half a surrogate pair."""
    for path, item in walked(value):
        reason = _unfit(item)
        if reason is not None:
            raise PydanticCustomError("plain_json", reason, {"at": path})
    return value


def _unfit(item: Any) -> LiteralString | None:
    if isinstance(item, float) and not isfinite(item):
        return "NaN and Infinity are no numbers here."
    if not isinstance(item, str):
        return None
    if "\0" in item:
        return "A text holds no NUL character."
    try:
        item.encode()
    except UnicodeEncodeError:
        return "This is not valid text: it holds half of a surrogate pair."
    return None


PlainJson = Annotated[dict[str, Any], AfterValidator(_plain_json)]
StepId = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9]{0,7}$")]
ToolName = Annotated[Words, Field(min_length=1, max_length=100)]


class OrderedSource(Body):
    """An input of an ordered step: an own asset, or an earlier step (`index` one picture of its several, from 0)."""

    asset_id: Id | None = None
    step_id: StepId | None = None
    index: Annotated[int, Field(ge=0, le=99)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _an_object(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            raise PydanticCustomError("source", 'Name an asset as {"asset_id": ...}, or a step as {"step_id": ...}.')
        return given

    @property
    def name(self) -> str:
        """As a draft names it."""
        if self.asset_id is not None:
            return self.asset_id
        return f"{self.step_id}" if self.index is None else f"{self.step_id}.{self.index + 1}"

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.asset_id is None) == (self.step_id is None):
            raise PydanticCustomError("source", 'Name either an asset, {"asset_id": ...}, or a step, {"step_id": ...}.')
        return self


Sources = dict[Annotated[Words, Field(max_length=40)], Annotated[list[OrderedSource], Field(max_length=20)]]


class OrderedStep(Body):
    """A step of an ordered plan."""

    id: StepId
    tool: ToolName
    params: PlainJson = {}
    inputs: Sources = {}
    deliver: StrictBool | None = None
    fresh: Annotated[StrictBool, Field(description="Do it again even where the very same was done before.")] = False


class OrderedPlan(Body):
    """Steps in an order in which they can run."""

    summary: Annotated[Words, Field(max_length=300)] = ""
    steps: Annotated[list[OrderedStep], Field(min_length=1, max_length=12)]


_FORMS = ("plan", "tool", "spell")
_BELONGS = {"params": ("tool",), "version": ("spell",), "blanks": ("spell",), "inputs": ("tool", "spell")}
"""Fields of a run that only some of its forms have; empty ones say nothing and hurt nobody."""


class NewRun(Body):
    """One of: a plan; a tool with `params` and `inputs`; a spell with `blanks` and `inputs`."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"tool": "text_to_image", "params": {"prompt": "a fox in the snow"}}}
    )

    plan: OrderedPlan | None = None
    tool: ToolName | None = None
    params: PlainJson = {}
    spell: Id | None = None
    version: Annotated[int, Field(ge=1, le=999_999, description="Of the spell; the newest when left out.")] | None = None
    blanks: PlainJson = {}
    inputs: Sources = {}
    lane: Annotated[
        Literal["high", "normal", "low"] | None,
        Field(description="Who goes first: `high` with the operator's key, `normal` where somebody waits for it, `low` for the "
                          "rest. Left out: `low` with a token, `normal` from the page."),
    ] = None  # fmt: skip
    fresh: Annotated[StrictBool, Field(description="Do it all again even where the very same was done before.")] = False

    @model_validator(mode="after")
    def _one_of_three(self) -> Self:
        if [self.plan, self.tool, self.spell].count(None) != 2:
            raise PydanticCustomError("order", "Give one of plan, tool and spell.")
        form = next(name for name in _FORMS if getattr(self, name) is not None)
        for name, forms in _BELONGS.items():
            if form not in forms and getattr(self, name) not in (None, {}):
                facts = {"at": (name,), "name": name, "form": form, "forms": " or a ".join(forms)}
                raise PydanticCustomError("stray", "`{name}` belongs to a {forms}, not to a {form}.", facts)
        return self


class NewSpell(Body):
    """From what a conversation made (`conversation_id` and `handle`), from an asset, or from a plan."""

    title: Annotated[Words, Field(min_length=1, max_length=80)]
    conversation_id: Id | None = None
    handle: Annotated[Words, Field(max_length=10)] | None = None
    asset_id: Id | None = None
    plan: OrderedPlan | None = None
    same_seed: StrictBool = False
    from_incognito: Annotated[StrictBool, Field(description="It may leave an incognito conversation.")] = False

    @model_validator(mode="after")
    def _one_of_three(self) -> Self:
        if [self.conversation_id, self.asset_id, self.plan].count(None) != 2 or (
            (self.conversation_id is None) != (self.handle is None)
        ):
            raise PydanticCustomError("origin", "Give one of conversation_id with handle, asset_id, and plan.")
        return self


class SpellChange(Body):
    """What a new version has instead; what is left out stays."""

    title: Annotated[Words, Field(min_length=1, max_length=80)] | None = None
    description: Annotated[Words, Field(max_length=500)] | None = None
    blanks: PlainJson | None = None
    ports: PlainJson | None = None
    steps: Annotated[list[PlainJson], Field(min_length=1, max_length=12)] | None = None
    note: Annotated[Words, Field(max_length=300, description="What changed, for the list of versions.")] = ""


class SpellCopy(Body):
    """The title of a copy; without one it keeps its own."""

    title: Annotated[Words, Field(min_length=1, max_length=80)] | None = None


class SpellSharing(Body):
    """Who may see it."""

    visibility: Literal["private", "link", "public"]
