"""From cases to a journal and back: asked, killed, gone on with, scored again, compared."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from evals import baseline, journal, runner, table, words
from evals.comparing import compare
from evals.errors import JournalBroken, RunNotRecorded
from evals.model import Answer, Case, Figures, Header, Journal, Verdict
from tests.evals.subjects import TOOLS, Told, intents, parsed, planned, step

HEADER = Header(run="r", at="2026-01-01T00:00:00Z", planner="told", suites=("made-up",))
RIGHT = parsed("- {name: right, tags: [easy], text: hello, expect: {kinds: [chat]}}")
WRONG = parsed("- {name: wrong, text: flip it, expect: {kinds: [iterate], steps: [{tool: flip_image, inputs: {image: A1}}]}}")
TALK = parsed(
    "- {name: talk, turns: [{text: a fox, expect: {kinds: [create]}},"
    " {text: flip it, expect: {steps: [{tool: flip_image, inputs: {image: A1}}]}}]}"
)
CHAT = Answer(intents=intents("chat"), reply="Hello.")
ANSWERS = {
    "right": [CHAT],
    "wrong": [planned(step("s1", "crop_image", "A1"), kinds=("iterate",))],
    "talk": [planned(step("s1", "text_to_image", prompt="a fox", seed=1)), planned(step("s1", "flip_image", "A1"))],
}


async def verdicts(*cases: Case, answers: dict[str, list[Answer]] | None = None) -> tuple[Verdict, ...]:
    return tuple([await runner.ask(case, Told(answers or ANSWERS)) for case in cases])


async def test_a_dialogue_goes_on_with_what_was_made() -> None:
    subject = Told(ANSWERS)
    verdict = await runner.ask(TALK, subject)

    assert verdict.passed
    assert [[item.handle for item in stage.shown()] for stage in subject.stages] == [[], ["A1"]]


async def test_a_journal_gives_back_what_was_written(tmp_path: Path) -> None:
    asked = await verdicts(RIGHT, WRONG, TALK)
    times = Figures(concurrent=1, turns=2, understand_p50=1, understand_p95=2, plan_p50=3, plan_p95=4)
    with journal.writing(tmp_path / "r.jsonl", HEADER) as writer:
        for verdict in asked:
            writer.verdict(verdict)
        writer.latency([times])

    assert journal.read(tmp_path / "r.jsonl") == Journal(header=HEADER, verdicts=asked, latency=(times,))


async def test_a_torn_last_line_is_dropped_and_written_over(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    first, second = await verdicts(RIGHT, WRONG)
    with journal.writing(path, HEADER) as writer:
        writer.verdict(first)
        writer.verdict(second)
    path.write_bytes(path.read_bytes()[:-20])

    assert journal.read(path).verdicts == (first,)
    with journal.writing(path, HEADER) as writer:
        writer.verdict(second)
    assert journal.read(path).verdicts == (first, second)


def test_what_is_no_journal_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "notes.jsonl").write_text('{"hello": 1}\n')

    with pytest.raises(JournalBroken, match=r"notes\.jsonl"):
        journal.read(tmp_path / "notes.jsonl")
    with pytest.raises(RunNotRecorded):
        journal.path_of("nothing", tmp_path)
    with pytest.raises(RunNotRecorded):
        journal.path_of("latest", tmp_path / "empty")
    assert journal.path_of("latest", tmp_path) == journal.path_of("notes", tmp_path)


async def test_answers_are_scored_again_against_what_the_case_says_now() -> None:
    (verdict,) = await verdicts(WRONG)
    mended = WRONG.model_copy(update={"alt": ({"steps": [{"tool": "crop_image"}]},)})
    reworded = WRONG.model_copy(update={"text": "mirror it"})

    assert not verdict.passed
    assert runner.again(verdict, mended, TOOLS).passed
    assert runner.same_words(WRONG, mended)
    assert not runner.same_words(WRONG, reworded)


async def test_three_of_three_and_then_two_has_fallen() -> None:
    right, wrong = await verdicts(RIGHT), await verdicts(RIGHT, answers={"right": [Answer(intents=intents("query"))]})
    found = compare(right * 3, (*right * 2, *wrong))

    assert [(pair.before, pair.after) for pair in found.fell] == [((3, 3), (2, 3))]
    assert compare((*right * 2, *wrong), right * 3).rose[0].change > 0
    assert compare(right, right).same == 1


async def test_only_cases_that_say_the_same_are_compared() -> None:
    before = await verdicts(RIGHT, TALK)
    changed = RIGHT.model_copy(update={"alt": ({"kinds": ["query"]},)})
    found = compare(before, await verdicts(changed, WRONG))

    assert (found.changed, found.new, found.gone) == (("made-up/right",), ("made-up/wrong",), ("made-up/talk",))
    assert not found.fell


async def test_the_baseline_lets_nothing_fall_but_what_it_knows(tmp_path: Path) -> None:
    bad = {"right": [Answer()], "wrong": [Answer()]}
    path = tmp_path / "baseline.json"
    baseline.write(await verdicts(RIGHT, WRONG), path)
    known = baseline.read(path)
    changed = RIGHT.model_copy(update={"text": "hi"})

    assert [v.case.name for v in baseline.fallen(await verdicts(RIGHT, WRONG, answers=bad), known)] == ["right"]
    assert baseline.fallen(await verdicts(changed, answers=bad), known) == []
    assert baseline.fallen(await verdicts(RIGHT, answers=bad), {}) == []
    assert baseline.write(await verdicts(TALK), path) == 3
    assert path.read_text().count("\n") == 5


async def test_the_terminal_explains_dev_cases_and_only_counts_held_out_ones() -> None:
    asked = await verdicts(WRONG)
    name = next(f"odd-{n}" for n in range(50) if WRONG.model_copy(update={"name": f"odd-{n}"}).held_out)
    held = asked[0].model_copy(update={"case": WRONG.model_copy(update={"name": name})})
    shown = printed((*asked, held))

    assert not WRONG.held_out
    assert "made-up/wrong" in shown
    assert "want steps: flip_image(A1)" in shown
    assert "crop_image(A1)" in shown
    assert name not in shown
    assert "1 held-out cases are wrong too" in shown


def printed(asked: tuple[Verdict, ...]) -> str:
    console = Console(width=200, record=True, file=io.StringIO())
    table.show(console, Journal(header=HEADER, verdicts=asked))
    return console.export_text()


async def test_wrong_parts_of_a_dialogue_have_the_number_of_their_turn() -> None:
    (verdict,) = await verdicts(TALK, answers={"talk": [ANSWERS["talk"][0], CHAT]})

    assert words.wrong(verdict) == ["2.tools", "2.links"]
