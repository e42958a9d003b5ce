"""From the stream of a model's answer to its parts, while it is still coming. What has not the form is Unusable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from agent.model import Action, IntentKind

MAX_REASONS = 6


class Unusable(Exception):
    """An answer that cannot be used, with the reasons for the model. Never leaves this package: it may quote the answer."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("the model's answer cannot be used")
        self.reasons = tuple(reasons)


Value = str | int | float | bool


def _as_mapping(given: Any) -> Any:
    """Parameters come as texts `name=value`; models without a strict mode write objects or pairs as well. Null is left out."""
    if not isinstance(given, list):
        return given
    pairs = [_pair(entry, "value") for entry in given]
    return {name: value for name, value in pairs if value is not None}


def _as_ports(given: Any) -> Any:
    """`image=A1,A2`, or an object, or a list of `{port, from}`."""
    if isinstance(given, list):
        given = dict(_pair(entry, "from") for entry in given)
    return {k: _split(v) for k, v in given.items()} if isinstance(given, dict) else given


def _pair(entry: Any, value: str) -> tuple[str, Any]:
    if isinstance(entry, dict) and (name := entry.get("name", entry.get("port"))):
        return str(name), entry.get(value)
    if isinstance(entry, str) and "=" in entry:
        name, _, rest = entry.partition("=")
        return name.strip(), rest.strip()
    if isinstance(entry, dict) and len(entry) == 1:
        return next(iter(entry.items()))
    raise ValueError("each entry is a text name=value")


def _split(names: Any) -> Any:
    return [name.strip() for name in names.split(",") if name.strip()] if isinstance(names, str) else names


def _as_list(given: Any) -> Any:
    return [] if given is None else _split(given)


def _as_choice(given: Any) -> Any:
    return {"label": given} if isinstance(given, str) else given


Names = Annotated[list[str], BeforeValidator(_as_list)]
Values = Annotated[dict[str, Value | None], BeforeValidator(_as_mapping)]
Ports = Annotated[dict[str, Names], BeforeValidator(_as_ports)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class IntentPart(_Part):
    kind: IntentKind
    on: Names = []
    maybe: Names = []
    """Other handles that may be meant instead of the first of `on`."""
    confidence: float = 0.5
    """How sure the model is of kind and binding; one that does not say is not sure."""
    summary: str = ""
    constraints: Values = {}


class StepPart(_Part):
    id: str
    tool: str
    again: str | None = None
    """The handle of a picture whose making is repeated with other parameters."""
    inputs: Ports = {}
    params: Values = {}
    deliver: bool | None = None


class ChoicePart(_Part):
    label: str = Field(min_length=1)
    steps: list[StepPart] = []


class Question(_Part):
    question: str = Field(min_length=1)
    choices: list[Annotated[ChoicePart, BeforeValidator(_as_choice)]] = []


class ControlPart(_Part):
    action: Action
    target: str | None = None
    title: str | None = None
    """What a spell shall be called."""


class Head(_Part):
    """Everything that is checked, which is everything but the reply."""

    intents: list[IntentPart] = Field(min_length=1)
    search: str | None = None
    """English words for tools that are not among the offered ones."""
    steps: list[StepPart] = []
    clarification: Question | None = None
    controls: list[ControlPart] = []


PARTS = frozenset(Head.model_fields) - {"search"}


class Reading:
    """The answer so far."""

    def __init__(self) -> None:
        self.text = ""

    def add(self, piece: str) -> None:
        self.text += piece

    def head(self) -> Head | None:
        """The parts before the reply, once its first letter is there; None before. Raises Unusable.

        A reply that comes before other parts does not count: their ends are only known from the whole.
        """
        if '"reply"' not in self.text:
            return None
        parts = self._so_far()
        if next(reversed(parts), None) != "reply" or not parts["reply"] or not set(parts) >= PARTS:
            return None
        return _head(parts)

    def reply(self) -> str:
        """As much of the reply as is there."""
        reply = self._so_far().get("reply")
        return reply if isinstance(reply, str) else ""

    def whole(self) -> Head:
        """The parts of an answer that is at its end. Raises Unusable."""
        start, end = self.text.find("{"), self.text.rfind("}")
        try:
            parts = from_json(self.text[start : end + 1]) if start >= 0 else None
        except ValueError as error:
            raise Unusable([f"It is not valid JSON: {error}."]) from None
        if not isinstance(parts, dict):
            raise Unusable(["It is not a JSON object."])
        return _head(parts)

    def _so_far(self) -> dict[str, Any]:
        start = self.text.find("{")  # models without a strict mode put it into a code fence
        if start < 0:
            return {}
        try:
            parts = from_json(self.text[start:], allow_partial="trailing-strings")
        except ValueError:
            return {}
        return parts if isinstance(parts, dict) else {}


def _head(parts: dict[str, Any]) -> Head:
    try:
        return Head.model_validate(parts)
    except ValidationError as error:
        reasons = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}." for e in error.errors(include_url=False)]
        raise Unusable(reasons[:MAX_REASONS]) from None
