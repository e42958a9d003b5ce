"""How servers of language models put an answer on the wire: what `agent.testing.ScriptedModel` speaks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

Tokens = tuple[int, int]
"""Of the prompt and of the answer."""


class Wire(Protocol):
    """One protocol. Each method gives bytes to send."""

    content_type: str

    def begin(self, tokens: Tokens) -> bytes: ...

    def piece(self, text: str) -> bytes: ...

    def refusal(self, text: str) -> bytes: ...

    def end(self, why: str, tokens: Tokens) -> bytes: ...


class OpenAI:
    """`POST /v1/chat/completions`, as server-sent events."""

    content_type = "text/event-stream"

    def begin(self, tokens: Tokens) -> bytes:
        return self._chunk({"role": "assistant", "content": ""})

    def piece(self, text: str) -> bytes:
        return self._chunk({"content": text})

    def refusal(self, text: str) -> bytes:
        return self._chunk({"refusal": text})

    def end(self, why: str, tokens: Tokens) -> bytes:
        usage = {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)}
        return self._chunk({}, why) + self._chunk(None, usage=usage) + b"data: [DONE]\n\n"

    def _chunk(self, delta: Mapping[str, Any] | None, finish_reason: str | None = None, **more: Any) -> bytes:
        choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish_reason}]
        head = {"id": "chatcmpl-scripted", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": "test"}
        return b"data: " + json.dumps({**head, "choices": choices, **more}).encode() + b"\n\n"


class Ollama:
    """`POST /api/chat`, a line of JSON a piece. It has no word for a refusal."""

    content_type = "application/x-ndjson"

    def begin(self, tokens: Tokens) -> bytes:
        return b""

    def piece(self, text: str) -> bytes:
        return self._line(text, done=False)

    def refusal(self, text: str) -> bytes:
        return self.piece(text)

    def end(self, why: str, tokens: Tokens) -> bytes:
        return self._line("", done=True, done_reason=why, prompt_eval_count=tokens[0], eval_count=tokens[1])

    def _line(self, text: str, **more: Any) -> bytes:
        head = {"model": "test", "created_at": "2026-01-01T00:00:00Z", "message": {"role": "assistant", "content": text}}
        return json.dumps({**head, **more}).encode() + b"\n"


class Anthropic:
    """`POST /v1/messages`, as named server-sent events."""

    content_type = "text/event-stream"
    _REASONS: Mapping[str, str] = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}

    def begin(self, tokens: Tokens) -> bytes:
        usage = {"input_tokens": tokens[0], "output_tokens": 1, "cache_read_input_tokens": 0}
        message: dict[str, Any] = {
            "id": "msg_scripted", "type": "message", "role": "assistant", "content": [], "model": "test", "stop_reason": None,
            "stop_sequence": None, "usage": usage,
        }  # fmt: skip
        block = {"index": 0, "content_block": {"type": "text", "text": ""}}
        return self._event("message_start", message=message) + self._event("content_block_start", **block)

    def piece(self, text: str) -> bytes:
        return self._event("content_block_delta", index=0, delta={"type": "text_delta", "text": text})

    def refusal(self, text: str) -> bytes:
        return self.piece(text)

    def end(self, why: str, tokens: Tokens) -> bytes:
        delta = {"stop_reason": self._REASONS.get(why, why), "stop_sequence": None}
        closing = self._event("content_block_stop", index=0)
        told = self._event("message_delta", delta=delta, usage={"output_tokens": tokens[1]})
        return closing + told + self._event("message_stop")

    def _event(self, name: str, **data: Any) -> bytes:
        return f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n".encode()


WIRES: Mapping[str, Wire] = {
    "/v1/chat/completions": OpenAI(),
    "/api/chat": Ollama(),
    "/v1/messages": Anthropic(),
}
"""Path -> what is spoken there."""
