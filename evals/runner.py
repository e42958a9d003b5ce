"""Ask a subject every case and score what it says; or score again what it said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from evals.model import Answer, Case, CaseTurn, TurnVerdict, Verdict
from evals.protocols import Darkroom, Subject
from evals.scorers import Known, score
from evals.stage import Stage, after, arrived, opening
from tools.model import Tool


async def ask(case: Case, subject: Subject, repeat: int = 0, darkroom: Darkroom | None = None) -> Verdict:
    """One case from its first message to its last. With a darkroom its plans are run, if any turn looks at pictures."""
    stage, turns = opening(case), []
    looks = darkroom is not None and any(turn.expect.picture for turn in case.dialogue())
    for turn in case.dialogue():
        stage = arrived(stage, turn)
        answer = await subject.answer(case, turn, stage)
        if looks and darkroom is not None:
            answer = await darkroom.develop(case, stage, answer)
        turns.append(TurnVerdict(answer=answer, scores=score(turn, answer, known(stage, subject.tools))))
        stage = after(stage, turn, answer, subject.tools)
    return Verdict(case=case, turns=tuple(turns), repeat=repeat)


def again(verdict: Verdict, case: Case, tools: Mapping[str, Tool]) -> Verdict:
    """The same answers against what the case says now, without asking. `case` must say the same words."""
    turns = [
        TurnVerdict(answer=answer, scores=score(turn, answer, known(stage, tools)))
        for turn, answer, stage in replayed(case, [turn.answer for turn in verdict.turns], tools)
    ]
    return verdict.model_copy(update={"case": case, "turns": tuple(turns)})


def replayed(
    case: Case, answers: Sequence[Answer], tools: Mapping[str, Tool]
) -> Iterator[tuple[CaseTurn, Answer, Stage]]:
    """Each turn with its answer and the stage on which it was given."""
    stage = opening(case)
    for turn, answer in zip(case.dialogue(), answers, strict=True):
        stage = arrived(stage, turn)
        yield turn, answer, stage
        stage = after(stage, turn, answer, tools)


def same_words(old: Case, new: Case) -> bool:
    """Whether answers to one are answers to the other: only what is expected, tags and notes may differ."""
    told = {"suite", "name", "tags", "note", "scene", "expect", "alt", "turns"}
    alike = old.model_dump(exclude=told) == new.model_dump(exclude=told)
    said = [[turn.model_dump(exclude={"expect", "alt"}) for turn in case.dialogue()] for case in (old, new)]
    return alike and said[0] == said[1]


def known(stage: Stage, tools: Mapping[str, Tool]) -> Known:
    """What scoring is told of a stage and of the tools."""
    defaults = {name: {p: spec.default for p, spec in tool.params.items()} for name, tool in tools.items()}
    return Known(stage.shown(), defaults)
