"""Who plans a turn, and how it is said when that is not who should. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from agent.errors import ModelBudgetSpent
from agent.model import Choice, Clarification, Notice, Planned, PlanningRequest
from agent.planning import Planner
from executor.errors import NotAdmitted

AGAIN = "Try again"
WITHOUT = "Go on without the language model"


def planners_for(request: PlanningRequest, planners: Sequence[Planner]) -> Sequence[Planner]:
    """All in order, or only the last, which is the embedded one: for a button of its own, and for one that chose it."""
    choice = request.choice or {}
    return planners[-1:] if "act" in choice or choice.get("planner") == "embedded" else planners


def as_said(request: PlanningRequest) -> PlanningRequest:
    """The request as its message alone would be: a button that only chose the planner is done with that."""
    return replace(request, choice=None) if (request.choice or {}).get("planner") == "embedded" else request


def goes_on_without(request: PlanningRequest) -> bool:
    """Whether the person just chose to have the rest of the conversation planned without the language model."""
    choice = request.choice or {}
    return choice.get("planner") == "embedded" and choice.get("scope") == "conversation"


def out_of_budget(problem: ModelBudgetSpent, request: PlanningRequest) -> Planned:
    """A question instead of a silent swap; its button has this very message planned without the language model."""
    then: dict[str, Any] = {"text": request.text, "planner": "embedded", "scope": problem.facts["scope"]}
    question = f"{problem.detail} {problem.next_step}"
    return Planned(
        intents=(), confidence=1.0, clarification=Clarification(question, (Choice("c1", WITHOUT, then),)), planner="llm",
        notices=(Notice(problem.code, problem.detail),),
    )  # fmt: skip


def put_off(problem: NotAdmitted, turn_id: str, text: str) -> Clarification:
    """A question instead of a failure: its button, or the same words typed, has this very message done once more."""
    then: dict[str, Any] = {"text": text, "again": turn_id}
    return Clarification(f"{problem.detail} {problem.next_step}", (Choice("c1", AGAIN, then),))


def says_again(text: str) -> bool:
    """Whether somebody types what the button says."""
    return " ".join(text.lower().strip(" .!?").split()) in {"try again", "again", "retry", "try it again", "please try again"}


def with_excuses(planned: Planned, excuses: Sequence[Notice]) -> Planned:
    """The answer of a planner that stands in for others, which says so first."""
    if not excuses:
        return planned
    reply = "\n\n".join([*(notice.message for notice in excuses), planned.reply]).strip()
    return replace(planned, reply=reply, notices=(*planned.notices, *excuses))
