"""The shapes of CONTRACTS that the agent gives out: turns from rows. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from base.clock import rfc3339
from base.crypto import DataKey
from executor.model import Asset


def scope(conversation_id: str) -> str:
    """The scope whose data key seals everything of a conversation."""
    return f"conversation:{conversation_id}"


def stream(conversation_id: str) -> str:
    """The event stream that surfaces read."""
    return f"conversation:{conversation_id}"


def about(turn: Any) -> dict[str, Any]:
    """What every event of a turn says first."""
    return {"turn_id": turn["id"], "correlation_id": turn["correlation_id"]}


def turn(row: Any, key: DataKey, handles: Sequence[Any], assets: Mapping[str, Asset]) -> dict[str, Any]:
    """The Turn of CONTRACTS."""
    message, planned = key.open(row["message"]), key.open(row["planned"]) or {}
    numbers = {h["asset_id"]: h["number"] for h in handles}
    outputs = [
        h
        for h in handles
        if h["turn_id"] == row["id"] and h["run_id"] is not None and h["asset_id"] in assets
    ]
    return {
        "id": row["id"],
        "text": message["text"],
        "status": row["status"] or row["state"],
        "attachments": [
            {"asset_id": asset_id, "handle": f"A{numbers[asset_id]}"}
            for asset_id in message["attachments"]
            if asset_id in numbers
        ],
        "intents": planned.get("intents", []),
        "reply": planned.get("reply", ""),
        "plan": planned.get("plan"),
        "run_id": row["run_id"],
        "outputs": [
            {"asset": with_handles(assets[h["asset_id"]], row["conversation_id"], h["number"]), "handle": f"A{h['number']}"}
            for h in outputs
        ],
        "feedback": row["rating"],
        "error": planned.get("error"),
        "created_at": rfc3339(row["created_at"]),
    }  # fmt: skip


def with_handles(asset: Asset, conversation_id: str, number: int) -> dict[str, Any]:
    """The Asset of CONTRACTS with the handle it has in this conversation."""
    return {**asset.shape(), "handles": [{"conversation_id": conversation_id, "handle": f"A{number}"}]}
