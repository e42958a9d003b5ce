"""From verdicts to what the page shows of a case: a chat with handles and plan cards. Plain values, pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent.model import Shown
from evals import words
from evals.comparing import Comparison
from evals.matching import reference
from evals.model import Answer, CaseTurn, TurnVerdict, Verdict
from evals.scorers import LAYERS
from evals.stage import Stage, after, arrived, opening
from tools.model import Plan, Tool

FOUND = 10


def cases(verdicts: Sequence[Verdict], compared: Comparison | None, tools: Mapping[str, Tool]) -> list[dict[str, Any]]:
    """A view a case, in the order of the suites; of a case asked several times the first failing answer."""
    grouped: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        grouped.setdefault(verdict.case.key, []).append(verdict)
    fell = {pair.case.key for pair in compared.fell} if compared else set()
    rose = {pair.case.key for pair in compared.rose} if compared else set()
    found = []
    for key in sorted(grouped, key=lambda name: grouped[name][0].case.suite):
        asked = grouped[key]
        worst = next((verdict for verdict in asked if not verdict.passed), asked[0])
        change = "fell" if key in fell else "rose" if key in rose else ""
        passed = sum(verdict.passed for verdict in asked)
        found.append({**_case(worst, tools), "passed": passed, "asked": len(asked), "change": change})
    return found


def _case(verdict: Verdict, tools: Mapping[str, Tool]) -> dict[str, Any]:
    case = verdict.case
    stage, turns = opening(case), []
    first = stage.shown()
    for asked, turn in zip(case.dialogue(), verdict.turns, strict=True):
        stage = arrived(stage, asked)
        then = after(stage, asked, turn.answer, tools)
        turns.append(_turn(asked, turn, stage, then))
        stage = then
    wrong = {part for turn in verdict.turns for part, score in turn.scores.items() if not score}
    return {
        "suite": case.suite, "name": case.name, "tags": list(case.tags), "note": case.note, "held": case.held_out,
        "ok": verdict.passed, "wrong": sorted(wrong),
        "layers": [layer for layer, parts in LAYERS.items() if wrong & set(parts)],
        "scene": [_shown(item) for item in first], "focus": case.focus, "turns": turns,
        "patched": {name: str(change.get("description", change)) for name, change in case.tools_patch.items()},
        "history": [f"{h.text} → {h.reply}" for h in case.history],
    }  # fmt: skip


def _turn(asked: CaseTurn, turn: TurnVerdict, stage: Stage, then: Stage) -> dict[str, Any]:
    answer = turn.answer
    before = {item.ref for item in stage.shown()}
    attached = [ref if isinstance(ref, str) else ref.words or "upload" for ref in asked.attached]
    return {
        "said": asked.text, "click": asked.click, "attached": attached, "reply_to": asked.reply_to,
        "intents": [{"kind": i.kind, "on": list(i.on), "words": i.summary, "constraints": i.constraints} for i in answer.intents],
        "confidence": answer.confidence, "reply": answer.reply, "question": answer.question,
        "choices": [choice.label for choice in answer.choices],
        "controls": [f"{c.action.value} {c.target or ''}".strip() for c in answer.controls],
        "plan": None if answer.plan is None else _plan(answer.plan),
        "made": [_shown(item) for item in then.shown() if item.ref not in before],
        "pictures": [{"src": p.thumbnail, "size": list(p.size)} for p in answer.pictures or () if p.thumbnail],
        "error": f"{answer.error}: {answer.detail}" if answer.error else None,
        "parts": dict(turn.scores), "want": words.wanted(asked.expect), "came": words.came(answer),
        "alternatives": len(asked.alt), "found": list(answer.found[:FOUND]), "took": answer.took.plan, "tokens": _spent(answer),
    }  # fmt: skip


def _plan(plan: Plan) -> dict[str, Any]:
    return {
        "summary": plan.summary, "credits": list(plan.estimate.credits),
        "warnings": [warning.code for warning in plan.warnings],
        "steps": [
            {
                "id": step.id, "tool": step.tool, "deliver": step.deliver, "params": {n: str(v) for n, v in step.params.items()},
                "inputs": [[port, [reference(ref) for ref in refs]] for port, refs in step.inputs.items()],
            }
            for step in plan.steps
        ],
    }  # fmt: skip


def _shown(item: Shown) -> dict[str, Any]:
    return {
        "name": item.handle or item.ref, "renders": item.handle is None, "upload": item.origin == "upload",
        "tool": item.tool, "size": f"{item.size.width}×{item.size.height}" if item.size else "", "kind": item.kind,
        "words": item.words, "parents": list(item.parents),
    }  # fmt: skip


def _spent(answer: Answer) -> int:
    return answer.spent.prompt_tokens + answer.spent.completion_tokens
