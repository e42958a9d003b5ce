"""The flywheel's record: one outcome a turn, from its first day. Values in, rows out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from agent import store
from agent.model import Planned, PlanningRequest
from base.crypto import DataKey
from base.db import Tx
from tools.model import Plan

OFFERED = 10  # how many of the tools offered are recorded with their scores


def offered(request: PlanningRequest) -> list[dict[str, Any]]:
    """The tools that search put first, with scores."""
    return [{"tool": found.tool.name, "score": round(found.score, 4)} for found in request.found[:OFFERED]]


def plan_hash(plan: Plan | None) -> str | None:
    """The same tools, links and parameters give the same hash, whatever the seed and the assets."""
    if plan is None:
        return None
    shape = [
        [step.tool, {k: v for k, v in sorted(step.params.items()) if k != "seed"}, sorted(step.inputs)] for step in plan.steps
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(shape, sort_keys=True, default=str).encode()).hexdigest()


async def record(
    tx: Tx, turn: Any, key: DataKey, planned: Mapping[str, Any], *, at: datetime, status: str, error_code: str | None,
    assets: Sequence[str], cost: Mapping[str, float],
) -> None:  # fmt: skip
    """Write the outcome of a turn that is over. `planned` is what the turn's row keeps."""
    plan = Plan.model_validate(planned["plan"]) if planned.get("plan") else None
    content = {
        "user_message": key.open(turn["message"])["text"],
        "intents": planned.get("intents", []),
        "bindings": [handle for intent in planned.get("intents", []) for handle in intent["on"]],
        "tools_offered": planned.get("offered", []),
        "tools_selected": [step.tool for step in plan.steps] if plan else [],
        "parameters": [step.params for step in plan.steps] if plan else [],
        "asset_ids": list(assets),
        "refinement": None,
    }
    planned_at, run_ms = turn["planned_at"] or at, None
    if turn["run_id"] is not None:
        run_ms = round((at - planned_at).total_seconds() * 1000)
    await store.add_outcome(
        tx,
        {
            "turn_id": turn["id"], "conversation_id": turn["conversation_id"], "account_id": turn["account_id"],
            "tier": turn["tier"], "at": at, "planner": planned.get("planner"), "model": planned.get("model"),
            "content": key.seal(content), "plan_hash": plan_hash(plan), "run_id": turn["run_id"],
            "success": status in ("answered", "done"), "error_code": error_code, "repairs": planned.get("repairs", 0),
            "feedback": turn["rating"], "understand_ms": planned.get("understand_ms"),
            "plan_ms": round((planned_at - turn["created_at"]).total_seconds() * 1000), "run_ms": run_ms,
            "tokens": planned.get("tokens", 0), "cost_credits": cost.get("credits", 0.0),
            "gpu_seconds": cost.get("gpu_s", 0.0),
        },
    )  # fmt: skip


async def note_refinement(tx: Tx, earlier_turn_id: str, key: DataKey, words: str) -> None:
    """The next turn iterates on this one's result: its words are what was missing the first time."""
    row = await store.outcome(tx, earlier_turn_id)
    if row is None:
        return
    content = key.open(row["content"]) | {"refinement": words}
    await store.change_outcome(tx, earlier_turn_id, content=key.seal(content))


def as_kept(planned: Planned, request: PlanningRequest, understand_ms: int) -> dict[str, Any]:
    """What a turn's row keeps of a planner's answer."""
    question = planned.clarification
    return {
        "intents": [intent.shape() for intent in planned.intents],
        "confidence": planned.confidence,
        "reply": planned.reply,
        "plan": None if planned.plan is None else planned.plan.model_dump(mode="json"),
        "question": None if question is None else question.question,
        "choices": []
        if question is None
        else [{"id": c.id, "label": c.label, "then": c.then} for c in question.choices],
        "offered": offered(request),
        "planner": planned.planner,
        "model": planned.usage.model,
        "repairs": planned.usage.repairs,
        "tokens": planned.usage.prompt_tokens + planned.usage.completion_tokens,
        "understand_ms": understand_ms,
        "error": None,
    }
