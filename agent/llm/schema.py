"""The form of an answer: what was meant and how sure that is, then what is done, then the reply that is spoken.

Within what strict modes allow: every key required, nothing else permitted, and parameters as texts `name=value`, because
an object with free keys is not allowed there and pairs cost twice the tokens. The same for every request, so that
providers compile it once.
"""

from __future__ import annotations

from typing import Any

from agent.model import Action, IntentKind


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


_TEXT = {"type": "string"}
_TEXTS = _list(_TEXT)
_PAIRS = {**_TEXTS, "description": "name=value"}

_ACTIONS = [action.value for action in Action if action is not Action.SHARE_SPELL]
"""What a model may set going. To show something to others is for the person's own words alone."""

_STEP = _object(
    id=_TEXT, tool=_TEXT, again=_or_null(_TEXT), inputs=_PAIRS, params=_PAIRS, deliver=_or_null({"type": "boolean"})
)  # fmt: skip

SCHEMA: dict[str, Any] = _object(
    intents=_list(
        _object(
            kind={"type": "string", "enum": [kind.value for kind in IntentKind]},
            on=_TEXTS,
            maybe=_TEXTS,
            confidence={"type": "number"},
            summary=_TEXT,
            constraints=_PAIRS,
        )
    ),
    search=_or_null(_TEXT),
    steps=_list(_STEP),
    clarification=_or_null(_object(question=_TEXT, choices=_list(_object(label=_TEXT, steps=_list(_STEP))))),
    controls=_list(_object(action={"type": "string", "enum": _ACTIONS}, target=_or_null(_TEXT), title=_or_null(_TEXT))),
    reply=_TEXT,
)

RESPONSE_FORMAT: dict[str, Any] = {
    "type": "json_schema",
    "json_schema": {"name": "turn", "strict": True, "schema": SCHEMA},
}
