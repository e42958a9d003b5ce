"""What every operation's documentation shares: tags, problem responses, the idempotency header."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Header

from web.shapes import ProblemShape

TAGS = [
    {"name": "conversations", "description": "Chats, their messages and their events."},
    {"name": "turns", "description": "One message of the person and everything done about it."},
    {"name": "assets", "description": "Pictures and other media: what was brought and what came out."},
    {"name": "runs", "description": "Executions of plans."},
    {"name": "tools", "description": "What can be done."},
    {"name": "spells", "description": "Saved plans with named blanks, to be cast again and shared."},
    {"name": "workflows", "description": "ComfyUI workflows that people bring, as tools of their own."},
    {"name": "models", "description": "Weight files and LoRAs, with their licences."},
    {"name": "me", "description": "The account that asks, its tokens and credits."},
    {"name": "studio", "description": "This installation."},
    {"name": "admin", "description": "For the operator, with the admin key."},
]
_TITLES = {
    400: "Not understood", 401: "No account, or a token that is not accepted", 403: "Refused",
    404: "Not found, or somebody else's", 409: "In conflict with what is already so", 410: "Forgotten, or a link that is over",
    413: "Too large", 415: "Content type not taken", 416: "Beyond the end", 422: "A field is missing or wrong",
    429: "Too much waits already, or too many accounts were made from one address; `Retry-After` says when to come again",
    503: "Not now",
}  # fmt: skip


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documentation of error answers."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": _TITLES[status], "content": {"application/problem+json": {"schema": schema}}}
        for status in statuses
    }


READ = problems(401, 404, 422)
WRITE = problems(400, 401, 403, 404, 409, 413, 415, 422, 429)
MODELS = (ProblemShape,)


def _key(
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=255,
            description="Repeats under the same key within 24 hours hear the first success. A refusal takes no key.",
        ),
    ] = None,
) -> None:
    """Only for the documentation: `web.idempotency` reads the header before any handler runs."""


Once = Depends(_key)
