"""The conversation around a case, as plain values: what is shown, and what is shown after an answer. Pure.

Handles are made by the agent's own rules (`agent.shown`): a case's media become rows and assets as the database would
give them, and a plan's results are added as the conversation would add them, inner results included.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from agent.model import Action, Exchange, PlanningRequest, Shown
from agent.recipes import recipe_of
from agent.shown import shown_handles
from base.errors import Problem
from evals.model import Answer, Case, CaseTurn, ShownCase
from evals.scorers import how_many
from executor.model import Asset, Owner, Parent
from tools.model import AssetRef, Capabilities, MediaKind, Plan, Size, Step, StepRef, Tool
from tools.protocols import Found
from tools.service import output_size
from tools.spells.making import made
from tools.spells.model import Spell

HISTORY = 6
SIDE = 768
OWNER = Owner("person", "standard", "conversation:case")
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
SEED = 7_700_000
"""Seeds of a case's turns count up from here, far from those of the scenes."""


@dataclass(frozen=True)
class Stage:
    """A conversation at rest between two messages."""

    rows: tuple[dict[str, Any], ...] = ()
    assets: Mapping[str, Asset] = field(default_factory=dict)
    rendering: tuple[Shown, ...] = ()
    focus: str | None = None
    running: tuple[str, ...] = ()
    waiting: str | None = None
    history: tuple[Exchange, ...] = ()
    last_plan: Plan | None = None
    choices: tuple[tuple[str, dict[str, Any]], ...] = ()
    """Label and meaning of the buttons that were offered last."""
    own: tuple[Tool, ...] = ()
    """The person's spells."""
    turn: int = 0

    def shown(self) -> tuple[Shown, ...]:
        """What a planner may refer to, in order of the handles, then what still renders."""
        return (*shown_handles(self.rows, self.assets), *self.rendering)


def opening(case: Case) -> Stage:
    """The conversation that a case begins in."""
    stage = Stage(
        focus=case.focus, running=case.running, waiting=case.waiting,
        history=tuple(Exchange(h.text, h.reply, h.handles) for h in case.history),
        rendering=tuple(_rendering(item) for item in case.shown if item.ref is not None),
        last_plan=_last_plan(case.shown), own=tuple(_as_tool(spell, number) for number, spell in enumerate(case.spells)),
    )  # fmt: skip
    sent = case.dialogue()[0].attached
    for item in case.shown:
        if item.ref is None:
            stage = _with(stage, item, "turn-0" if item.handle in sent else f"before-{item.set or item.handle}")
    return stage


def arrived(stage: Stage, turn: CaseTurn) -> Stage:
    """The conversation when a message has come: its new uploads have their handles."""
    for item in turn.attached:
        if isinstance(item, ShownCase):
            stage = _with(stage, item.model_copy(update={"origin": "upload"}), f"turn-{stage.turn}")
    return stage


def request(
    stage: Stage, turn: CaseTurn, found: Sequence[Found], capabilities: Sequence[Capabilities]
) -> PlanningRequest:
    """What a planner is given for a message that has arrived."""
    shown, choice = stage.shown(), _clicked(stage, turn)
    named = [ref for ref in turn.attached if isinstance(ref, str)]
    new = [f"A{row['number']}" for row in stage.rows if row["turn_id"] == f"turn-{stage.turn}"]
    return PlanningRequest(
        text=text_of(stage, turn), shown=shown,
        attached=tuple(dict.fromkeys(ref for ref in (turn.reply_to, *named, *new) if ref)),
        focus=stage.focus or (shown[-1].ref if shown else None), running=stage.running, waiting=stage.waiting,
        last_plan=stage.last_plan, history=stage.history[-HISTORY:], found=tuple(found),
        capabilities=tuple(capabilities), seed=SEED + stage.turn, choice=choice, own=stage.own,
    )  # fmt: skip


def text_of(stage: Stage, turn: CaseTurn) -> str:
    """The words of a message: its own, or those that the clicked button stands for."""
    return str((_clicked(stage, turn) or {}).get("text") or turn.text)


def after(stage: Stage, turn: CaseTurn, answer: Answer, tools: Mapping[str, Tool]) -> Stage:
    """The conversation when the answer is given and everything it planned has been delivered."""
    now = stage if answer.plan is None else _delivered(stage, answer, answer.plan, tools)
    new = tuple(f"A{row['number']}" for row in now.rows[len(stage.rows) :])
    went_back = next((c.target for c in answer.controls if c.action is Action.SELECT and c.target), None)
    brought = any(row["turn_id"] == f"turn-{stage.turn}" for row in now.rows)
    said = "\n".join(part for part in (answer.reply, answer.question) if part)
    return replace(
        _saved(_runs_after(now, answer), answer, tools),
        focus=went_back or (None if brought else stage.focus),
        history=(*stage.history, Exchange(text_of(stage, turn), said, new, asked=answer.question is not None)),
        last_plan=answer.plan or stage.last_plan,
        choices=tuple((choice.label, choice.then) for choice in answer.choices),
        turn=stage.turn + 1,
    )


def _saved(stage: Stage, answer: Answer, tools: Mapping[str, Tool]) -> Stage:
    """What was saved as a spell is one from here on."""
    for control in answer.controls:
        made_from = next((row["asset_id"] for row in stage.rows if f"A{row['number']}" == control.target), None)
        if control.action is Action.SAVE_SPELL and made_from is not None:
            with suppress(Problem):  # the person is told why it cannot be saved
                spell = made(control.title, recipe_of(made_from, stage.assets), tools.__getitem__)
                stage = replace(stage, own=(_as_tool(spell, len(stage.own)), *stage.own))
    return stage


def _as_tool(spell: Spell, number: int) -> Tool:
    return spell.as_tool().model_copy(update={"name": f"my/spell-{number:06x}", "owner": OWNER.account_id})


def _runs_after(stage: Stage, answer: Answer) -> Stage:
    """What was cancelled is gone with all that it would have made; what was confirmed is at work."""
    for control in answer.controls:
        if control.action is Action.CANCEL:
            stage = _cancelled(stage, control.target)
        elif control.action is Action.CONFIRM and stage.waiting:
            stage = replace(stage, running=(*stage.running, stage.waiting), waiting=None)
    return stage


def _cancelled(stage: Stage, run: str | None) -> Stage:
    """Without that run; where none is named, without any."""
    return replace(
        stage,
        running=tuple(other for other in stage.running if run not in (None, other)),
        waiting=stage.waiting if run not in (None, stage.waiting) else None,
        rendering=tuple(item for item in stage.rendering if run not in (None, item.run_id)),
    )


def _clicked(stage: Stage, turn: CaseTurn) -> dict[str, Any] | None:
    if turn.click is None:
        return None
    wanted = turn.click.lower()
    return next((then for label, then in stage.choices if wanted in label.lower()), None)


def _with(stage: Stage, item: ShownCase, turn_id: str) -> Stage:
    """One more medium, under its own handle or the next."""
    number = int(item.handle[1:]) if item.handle else 1 + max((row["number"] for row in stage.rows), default=0)
    run_id = None if item.origin == "upload" else f"run-{item.set or f'A{number}'}"
    size = Size(*item.size) if item.size else _planned_size(item.params)
    asset = _asset(
        f"asset-A{number}", MediaKind(item.kind), size, origin=item.origin, run_id=run_id, tool=item.tool,
        params=_params(item), parents=[f"asset-{parent}" for parent in item.parents], name=_file_name(item),
    )  # fmt: skip
    row = _row(number, asset, turn_id)
    return replace(stage, rows=(*stage.rows, row), assets={**stage.assets, asset.id: asset})


def _params(item: ShownCase) -> dict[str, Any] | None:
    """An output's words are its prompt, unless it has words from what it was made from."""
    if item.origin == "upload":
        return None
    if item.words and "prompt" not in item.params and not item.parents:
        return {"prompt": item.words, **item.params}
    return dict(item.params)


def _file_name(item: ShownCase) -> str | None:
    return (item.words or "photo.png") if item.origin == "upload" else None


def _planned_size(params: Mapping[str, Any]) -> Size:
    return Size(int(params.get("width", SIDE)), int(params.get("height", SIDE)))


def _asset(
    id: str, kind: MediaKind, size: Size | None, *, origin: str = "output", run_id: str | None = None,
    step_id: str | None = "s1", tool: str | None = None, params: dict[str, Any] | None = None,
    parents: Iterable[str] = (), name: str | None = None,
) -> Asset:  # fmt: skip
    return Asset(
        id=id, owner=OWNER, kind=kind, media_type="image/png", bytes=1000, sha256="0" * 64,
        width=size.width if size else None, height=size.height if size else None, duration_s=None, origin=origin,
        sketch=False, created_at=BEGAN, run_id=run_id, step_id=step_id if run_id else None, tool=tool, params=params,
        parents=tuple(Parent(parent, "image") for parent in parents), name=name,
    )  # fmt: skip


def _row(number: int, asset: Asset, turn_id: str) -> dict[str, Any]:
    """A row of the table of handles."""
    return {
        "conversation_id": "case", "number": number, "account_id": OWNER.account_id, "tier": OWNER.tier,
        "asset_id": asset.id, "turn_id": turn_id, "run_id": asset.run_id, "step_id": asset.step_id,
    }  # fmt: skip


def _rendering(item: ShownCase) -> Shown:
    _, run, step = (item.ref or "").split(":")
    size = Size(*item.size) if item.size else _planned_size(item.params)
    return Shown(
        ref=item.ref or "", handle=None, kind=item.kind, origin="output", size=size, run_id=run, step_id=step,
        tool=item.tool, params=_params(item) or {}, parents=item.parents, set=run,
        words=item.words or str(item.params.get("prompt", "")),
    )  # fmt: skip


def _last_plan(shown: Sequence[ShownCase]) -> Plan | None:
    """The plan that made the newest output, as far as the scene tells."""
    last = next((item for item in reversed(shown) if item.origin == "output" and item.tool), None)
    if last is None:
        return None
    inputs = tuple(AssetRef(asset_id=f"asset-{parent}", handle=parent) for parent in last.parents)
    step = Step(
        id="s1", tool=last.tool or "", title=last.tool or "", params=_params(last) or {},
        inputs={"image": inputs} if inputs else {}, outputs={"image": MediaKind.IMAGE},
    )  # fmt: skip
    return Plan(id="before", summary="", steps=(step,))


def _delivered(stage: Stage, answer: Answer, plan: Plan, tools: Mapping[str, Tool]) -> Stage:
    """Every step's results as assets; those that are delivered get the next handles, batches in order."""
    rows, assets = list(stage.rows), dict(stage.assets)
    made: dict[tuple[str, int], str] = {}
    many = how_many(answer)
    number = max((row["number"] for row in rows), default=0)
    for step in plan.steps:
        sources = {port: [_source(ref, made) for ref in refs] for port, refs in step.inputs.items()}
        size = _size(tools[step.tool], step, sources, assets)
        parents = [source for found in sources.values() for source in found if source in assets]
        for place in range(many[step.id]):
            asset = _asset(
                f"asset-turn{stage.turn}-{step.id}-{place}", next(iter(step.outputs.values())), size,
                run_id=f"run-turn{stage.turn}", step_id=step.id, tool=step.tool, params=dict(step.params), parents=parents,
            )  # fmt: skip
            assets[asset.id] = asset
            made[step.id, place] = asset.id
            if step.deliver:
                number += 1
                rows.append(_row(number, asset, f"turn-{stage.turn}"))
    return replace(stage, rows=tuple(rows), assets=assets)


def _source(ref: AssetRef | StepRef, made: Mapping[tuple[str, int], str]) -> str:
    return ref.asset_id if isinstance(ref, AssetRef) else made.get((ref.step_id, ref.index or 0), "")


def _size(tool: Tool, step: Step, sources: Mapping[str, Sequence[str]], assets: Mapping[str, Asset]) -> Size | None:
    sizes = {
        port: Size(asset.width, asset.height)
        for port, found in sources.items()
        if found and (asset := assets.get(found[0])) and asset.width and asset.height
    }
    return output_size(tool, step.params, sizes) if sizes.keys() >= tool.inputs.keys() else None
