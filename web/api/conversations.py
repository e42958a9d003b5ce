"""`/conversations`: chats, messages, events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from sse_starlette import EventSourceResponse
from starlette.responses import JSONResponse, Response

from agent.protocols import Message
from base.log import correlation_id
from web.api.docs import READ, WRITE, Once
from web.auth import Reader, Writer
from web.bodies import ConversationChange, NewConversation, NewMessage
from web.errors import InvalidEventNumber
from web.idempotency import Keeping, OnceRoute
from web.paging import Paged
from web.paths import PathId
from web.shapes import Conversation, ConversationHead, Listed, TurnStarted
from web.state import StudioNow
from web.stream import cursor, event_stream

router = APIRouter(prefix="/api/v1/conversations", tags=["conversations"], route_class=OnceRoute)
_FRAME = "id: 1\nevent: turn.started\ndata: {...}\n\n"
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Frames with `id`, `event` and `data`; the data's JSON is an `Event`.",
        "content": {"text/event-stream": {"schema": {"type": "string"}, "example": _FRAME}},
    }
}


@router.post("", status_code=201, response_model=Conversation, responses=WRITE, dependencies=[Once])
async def create_conversation(
    studio: StudioNow, account: Writer, body: NewConversation | None = None
) -> Response:
    """Begin a conversation."""
    made = await studio.conversations.create(account.id, (body or NewConversation()).tier)
    return JSONResponse(made, 201, {"Location": f"/api/v1/conversations/{made['id']}"})


@router.get("", response_model=Listed[ConversationHead], responses=READ)
async def list_conversations(studio: StudioNow, account: Reader, page: Paged) -> Response:
    """Own conversations, pinned ones first, then the newest."""
    found, following = await studio.conversations.page(account.id, page.after, page.limit)
    return page.answer([_head(conversation) for conversation in found], following)


@router.get("/{conversation_id}", response_model=Conversation, responses=READ)
async def get_conversation(studio: StudioNow, account: Reader, conversation_id: PathId) -> Response:
    """One conversation with its turns."""
    return JSONResponse(await studio.conversations.get(conversation_id, account.id))


@router.patch("/{conversation_id}", response_model=ConversationHead, responses=WRITE)
async def change_conversation(
    studio: StudioNow, account: Writer, conversation_id: PathId, body: ConversationChange
) -> Response:
    """Rename or pin."""
    changed = await studio.conversations.change(
        conversation_id, account.id, title=body.title, pinned=body.pinned
    )
    return JSONResponse(_head(changed))


@router.delete("/{conversation_id}", status_code=204, responses=WRITE)
async def delete_conversation(studio: StudioNow, account: Writer, conversation_id: PathId) -> Response:
    """Delete a conversation and everything said in it."""
    await studio.conversations.delete(conversation_id, account.id)
    return Response(status_code=204)


@router.post(
    "/{conversation_id}/messages",
    status_code=202,
    response_model=TurnStarted,
    responses=WRITE,
    dependencies=[Once],
)
async def send_message(
    studio: StudioNow, account: Writer, conversation_id: PathId, body: NewMessage, keep: Keeping
) -> Response:
    """Say something. It is stored before anything else happens; what follows is in the events."""
    message = Message(body.text, tuple(body.attachments), body.reply_to, body.choice)
    turn_id = await studio.conversations.send(
        conversation_id, account.id, message, correlation_id.get() or "",
        lambda tx, turn_id: keep(tx, {"turn_id": turn_id}),
    )  # fmt: skip
    return JSONResponse({"turn_id": turn_id}, 202)


@router.get("/{conversation_id}/events", response_class=EventSourceResponse, responses={**READ, **_STREAM})
async def follow_events(
    studio: StudioNow,
    account: Reader,
    conversation_id: PathId,
    after: Annotated[str | None, Query(description="Begin after this event's number.", max_length=20)] = None,
    last_event_id: Annotated[
        str | None, Header(description="As `after`, and wins over it.", max_length=20)
    ] = None,
) -> Response:
    """Events from the beginning or after a number, then live. The stream stays open; a comment comes every 15 s."""
    start = cursor(last_event_id, after)
    newest = await studio.conversations.last_event_id(conversation_id, account.id)
    if start > newest:
        raise InvalidEventNumber("This conversation has no event of that number yet.", last_event_id=newest)

    def events() -> AsyncIterator[dict[str, Any]]:
        return studio.conversations.events(conversation_id, account.id, start)

    return event_stream(events)


def _head(conversation: dict[str, Any]) -> dict[str, Any]:
    """A conversation as lists show it: without its turns, which are not looked up there."""
    return {name: value for name, value in conversation.items() if name != "turns"}
