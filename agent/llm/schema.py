"""The form of an answer: everything that has to be checked comes before the reply that is spoken.

Within what strict modes allow: every key required, nothing else permitted, and parameters as a list of name and value,
because an object with free keys is not allowed there. The same for every request, so that providers compile it once.
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
_VALUE = {"anyOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}]}
_PAIRS = _list(_object(name=_TEXT, value=_VALUE))

SCHEMA: dict[str, Any] = _object(
    intents=_list(
        _object(
            kind={"type": "string", "enum": [kind.value for kind in IntentKind]},
            summary=_TEXT,
            on=_list(_TEXT),
            constraints=_PAIRS,
        )
    ),
    confidence={"type": "number"},
    steps=_list(
        _object(
            id=_TEXT,
            tool=_TEXT,
            params=_PAIRS,
            inputs=_list(_object(port=_TEXT, **{"from": _list(_TEXT)})),
            deliver=_or_null({"type": "boolean"}),
        )
    ),
    summary=_TEXT,
    clarification=_or_null(_object(question=_TEXT, choices=_list(_TEXT))),
    controls=_list(
        _object(action={"type": "string", "enum": [action.value for action in Action]}, target=_or_null(_TEXT))
    ),
    reply=_TEXT,
)

RESPONSE_FORMAT: dict[str, Any] = {
    "type": "json_schema",
    "json_schema": {"name": "turn", "strict": True, "schema": SCHEMA},
}
