"""What requests hold."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool

from web.paths import Id
from web.shapes import Tier


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
