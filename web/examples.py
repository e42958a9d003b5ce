"""Examples for OpenAPI, true to one another: the first two turns of a conversation."""

from __future__ import annotations

from typing import Any

_AT = "2026-11-21T10:00:00.000Z"
_CONVERSATION = "0193f000-0000-7000-8000-000000000001"
_ASSET = "0193f000-0000-7000-8000-00000000000a"
_RUN = "0193f000-0000-7000-8000-00000000000b"
_SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

PLAN: dict[str, Any] = {
    "id": "0193f000-0000-7000-8000-00000000000c",
    "summary": "A cyberpunk cityscape at night",
    "steps": [
        {
            "id": "s1",
            "tool": "text_to_image",
            "title": "Text to image",
            "params": {"prompt": "cyberpunk cityscape at night", "width": 768, "height": 768},
            "inputs": {},
            "outputs": {"image": "image"},
            "deliver": True,
        }
    ],
    "estimate": {"credits": [0, 0], "seconds": [1, 3]},
    "warnings": [{"code": "sketch", "message": "Sketch preview - connect a GPU for real renders."}],
}

ASSET: dict[str, Any] = {
    "id": _ASSET, "kind": "image", "media_type": "image/png", "bytes": 482113, "sha256": _SHA, "width": 768,
    "height": 768, "duration_s": None, "facts": {}, "tier": "standard", "origin": "output", "sketch": True, "created_at": _AT,
    "expires_at": None, "run_id": _RUN, "step_id": "s1", "tool": "text_to_image",
    "params": {"prompt": "cyberpunk cityscape at night"}, "parents": [],
    "handles": [{"conversation_id": _CONVERSATION, "handle": "A1"}],
}  # fmt: skip

TURN: dict[str, Any] = {
    "id": "0193f000-0000-7000-8000-00000000000d",
    "text": "Generate a cyberpunk cityscape at night",
    "status": "done",
    "attachments": [],
    "intents": [{"kind": "create", "summary": "a cyberpunk cityscape at night", "on": [], "constraints": {}}],
    "reply": "Here is your cityscape.",
    "plan": PLAN,
    "run_id": _RUN,
    "outputs": [{"asset": ASSET, "handle": "A1"}],
    "feedback": None,
    "error": None,
    "created_at": _AT,
}

CONVERSATION: dict[str, Any] = {
    "id": _CONVERSATION, "title": "Cyberpunk cityscape", "pinned": False, "tier": "standard", "created_at": _AT,
    "active_at": _AT, "last_event_id": 9, "activity": None, "turns": [TURN],
}  # fmt: skip

TOOL: dict[str, Any] = {
    "name": "scale", "title": "Scale", "description": "Make a picture larger or smaller.", "family": "edit",
    "tags": ["resize"], "inputs": {"image": {"kind": "image", "description": "", "count": [1, 1]}},
    "outputs": {"image": {"kind": "image", "description": "", "count": [1, 1]}}, "available": True, "reason": None,
    "score": 0.83,
}  # fmt: skip
