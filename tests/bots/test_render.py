"""What events look like to a person: plain events in, plain text out."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from typing import Any

import pytest
from rich.console import Console

from bots.terminal import render
from bots.terminal.files import names
from bots.terminal.screen import JsonScreen, PersonScreen
from bots.terminal.stream import frames

STEP = {
    "id": "s1", "tool": "adjust_color", "title": "Colour adjust", "params": {"vibrance": 0.35, "seed": None},
    "inputs": {"image": [{"asset_id": "x", "handle": "A1"}]}, "outputs": {"image": "image"}, "deliver": True,
}  # fmt: skip
SECOND = {**STEP, "id": "s2", "title": "Crop", "tool": "crop_image", "params": {}, "inputs": {"image": [{"step_id": "s1"}]}}
ESTIMATE = {"credits": [0, 0], "seconds": [0.4, 1.2]}
PLAN = {"id": "p", "summary": "x", "steps": [STEP, SECOND], "estimate": ESTIMATE, "warnings": [{"code": "c", "message": "Mind."}]}
ASSET = {"id": "a", "media_type": "image/png", "width": 768, "height": 512, "sketch": True}


def text(event: dict[str, Any]) -> str:
    shown = render.render(event)
    return "" if shown is None else plain(shown)


def on_screen(*events: dict[str, Any]) -> str:
    console = Console(width=100, file=io.StringIO(), record=True)
    screen = PersonScreen(console)
    for event in events:
        screen.show(event)
    return console.export_text().strip()


def plain(*shown: Any) -> str:
    console = Console(width=100, file=io.StringIO(), record=True)
    console.print(*shown)
    return console.export_text().strip()


def test_an_edit_names_the_picture_it_is_about() -> None:
    intents = [{"kind": "iterate", "summary": "more vibrant", "on": ["A1"], "constraints": {}}]

    assert text({"type": "intent", "intents": intents, "confidence": 1}) == "→ editing A1 · more vibrant"


@pytest.mark.parametrize(
    ("kind", "on", "begins"),
    [("create", [], "→ making something new"), ("chain", ["A1", "A2"], "→ continuing with A1, A2"), ("query", [], "→ s")],
)
def test_every_kind_has_its_words(kind: str, on: list[str], begins: str) -> None:
    assert text({"type": "intent", "intents": [{"kind": kind, "summary": "s", "on": on}]}).startswith(begins)


def test_a_plan_shows_steps_parameters_inputs_estimate_and_warnings() -> None:
    shown = text({"type": "plan", "plan": PLAN})

    assert "1. Colour adjust (adjust_color)  vibrance=0.35  ← A1" in shown
    assert "2. Crop (crop_image)  ← s1" in shown
    assert "about 0.4 to 1 s, free" in shown
    assert "! Mind." in shown


@pytest.mark.parametrize(
    ("estimate", "words"),
    [
        ({"credits": [0, 0], "seconds": [3, 3]}, "3 s, free"),
        ({"credits": [4, 6.2], "seconds": [20, 30]}, "20 to 30 s, 4 to 6 credits"),
        ({"credits": [0.2, 0.2], "seconds": [0, 1]}, "0 to 1 s, 0.2 credits"),
        ({"credits": [0, 0], "seconds": [40, 150]}, "40 s to 2 min, free"),
        ({"credits": [0, 0], "seconds": [0, 150]}, "up to 2 min, free"),
        ({"credits": [0, 0], "seconds": [1200, 2400]}, "20 to 40 min, free"),
        ({"credits": [0, 0], "seconds": [5400, 14400]}, "90 min to 4 h, free"),
    ],
)
def test_an_estimate_is_a_range_or_a_number(estimate: dict[str, Any], words: str) -> None:
    assert render.estimate(estimate) == words


def test_choices_are_numbered_as_they_may_be_answered() -> None:
    event = {"type": "clarification", "question": "Which?", "choices": [{"id": "x", "label": "A1"}, {"id": "y", "label": "A2"}]}

    assert text(event).split("\n") == ["Which?", "  1. A1", "  2. A2"]


def test_an_output_names_handle_file_size_and_says_when_it_is_a_sketch() -> None:
    shown = text({"type": "run.output", "asset": ASSET, "handle": "A1", "path": "/tmp/A1.png"})

    assert shown == "A1 /tmp/A1.png  768×512 · sketch preview"


def test_an_output_that_was_made_before_says_that_it_cost_nothing() -> None:
    shown = text({"type": "run.output", "asset": {**ASSET, "sketch": False}, "handle": "A2", "path": "A2.png", "cached": True})

    assert shown == "A2 A2.png  768×512 · already made: no cost"


def test_a_failure_says_what_happened_and_that_nothing_was_charged() -> None:
    event = {"type": "run.failed", "code": "out_of_memory", "message": "Too big.", "refunded": True}

    assert text(event) == "✗ Too big. Nothing was charged. [out_of_memory]"


def test_an_ending_without_an_error_adds_nothing() -> None:
    assert text({"type": "turn.completed", "status": "done"}) == ""
    error = {"code": "text_too_long", "title": "Too long", "message": "It is long.", "action": "Shorten it."}
    assert text({"type": "turn.completed", "status": "failed", "error": error}) == "✗ It is long. Shorten it. [text_too_long]"


def test_only_a_real_queue_is_mentioned() -> None:
    assert text({"type": "run.queued", "place": 1, "eta_s": [0, 1]}) == ""
    assert "place 3 in the queue, starts in about 4 to 9 s" in text({"type": "run.queued", "place": 3, "eta_s": [4, 9]})
    assert text({"type": "run.queued", "place": 1, "eta_s": [30, 120]}).strip() == "next in line, starts in about 30 s to 2 min"


def test_beside_a_reason_the_place_is_told_and_how_long_it_is_tried() -> None:
    moments = {"at": "2026-01-01T10:00:00Z", "until": "2026-01-01T10:25:00Z"}
    away = {"type": "run.queued", "place": 20, "eta_s": None, "reason": "It is away.", **moments}
    assert text(away).strip() == "waiting: It is away. Place 20 in the queue. It is tried for 25 min."
    assert text({**away, "place": None, "until": None}).strip() == "waiting: It is away."


def test_what_a_run_took_is_told_where_it_cost_something() -> None:
    assert text({"type": "run.completed", "cost": {"credits": 0.3617, "gpu_s": 17.6}}).strip() == "0.36 credits · took 18 s"
    free = [{"type": "run.completed", "cost": cost} for cost in ({"credits": 0, "gpu_s": 17.6}, None)]
    assert [text(event) for event in free] == ["", ""]


def test_a_warning_that_the_reply_has_said_is_not_said_again() -> None:
    warned = {**PLAN, "warnings": [{"code": "c", "message": "Mind."}, {"code": "d", "message": "Beware."}]}
    reply = {"type": "reply.delta", "text": "Cropping A1. Mind."}
    shown = on_screen({"type": "turn.started"}, reply, {"type": "plan", "plan": warned})
    assert (shown.count("Mind."), shown.count("! Beware.")) == (1, 1)
    assert "! Mind." in on_screen({"type": "turn.started"}, reply, {"type": "turn.started"}, {"type": "plan", "plan": PLAN})


def test_a_wait_that_was_told_too_short_is_taken_back() -> None:
    words = "This takes longer than I said: about 3 minutes more."
    late = {"type": "run.queued", "place": 2, "eta_s": [100, 260], "message": words}
    assert text(late) == words


def test_the_time_left_stands_before_the_bar() -> None:
    running = {"type": "run.progress", "current_step": 3, "total_steps": 20}
    assert render.progress_text({**running, "left_s": 41.2}) == "step 3 of 20, about 45 s left"
    assert render.progress_text({**running, "left_s": 150}) == "step 3 of 20, about 3 min left"
    assert render.progress_text({**running, "left_s": 1.0}) == render.progress_text(running) == "step 3 of 20"


def test_confirmation_cost_and_cancellation_have_a_line_each() -> None:
    assert "/yes or /no" in text({"type": "run.awaiting_confirmation", "estimate": ESTIMATE})
    assert text({"type": "run.completed", "cost": {"credits": 2.5, "gpu_s": 50}}) == "2.5 credits · took 50 s"
    assert text({"type": "run.completed", "cost": {"credits": 0, "gpu_s": 1}}) == ""
    assert text({"type": "run.cancelled", "refunded": True}) == "cancelled"


def test_why_a_run_failed_is_said_once() -> None:
    failed = {"type": "run.failed", "run_id": "r1", "code": "node_failed", "message": "It broke. Retry.", "refunded": True}
    error = {"code": "node_failed", "message": "It broke. Retry."}
    shown = on_screen(failed, {"type": "turn.completed", "run_id": "r1", "status": "failed", "error": error})

    assert shown == "✗ It broke. Retry. Nothing was charged. [node_failed]"


def test_why_a_turn_ended_is_said_where_its_run_said_nothing() -> None:
    failed = {"type": "run.failed", "run_id": "r1", "code": "node_failed", "message": "It broke.", "refunded": False}
    error = {"code": "problem", "message": "Odd.", "action": "Try again."}
    endings = [{"type": "turn.completed", "run_id": run, "status": "failed", "error": error} for run in ("r2", None)]

    assert on_screen(failed, *endings).splitlines()[1:] == ["✗ Odd. Try again. [problem]"] * 2


def test_a_refusal_is_sentences_without_control_characters() -> None:
    body = {"title": "Not a picture", "detail": "It is\x1b[2J broken.", "action": "Send another.", "code": "x"}

    assert render.refusal(body) == "Not a picture: It is[2J broken. Send another."
    assert render.refusal({"detail": "No."}) == "No."


@pytest.mark.parametrize("status", ["done", "answered"])
def test_success_is_zero(status: str) -> None:
    assert render.exit_code(status) == 0


def test_failure_is_one_and_a_question_two() -> None:
    assert [render.exit_code(status) for status in ("failed", "cancelled", "asked")] == [1, 1, 2]


def test_nobody_moves_the_cursor_with_words() -> None:
    assert render.clean("a\x1b[2Jb\x07c\nd") == "a[2Jbc\nd"


@pytest.mark.parametrize("pieces", [["**bo", "ld** and **b**"], ["*", "*bold*", "* and **b**"], ["**bold** and **b**"]])
def test_bold_words_survive_wherever_a_reply_is_cut(pieces: list[str]) -> None:
    typing = render.Typing()
    shown = [typing.feed(piece) for piece in pieces]

    assert "".join(part.plain for part in shown) == "bold and b"
    assert "".join(str(part.plain[span.start : span.end]) for part in shown for span in part.spans if span.style) == "boldb"


def test_progress_is_words_or_steps() -> None:
    assert render.progress_text({"message": "Saving", "status": "running"}) == "saving"
    assert render.progress_text({"current_step": 3, "total_steps": 20, "message": "Step 3"}) == "step 3 of 20"


def test_names_of_files_cannot_lead_out_of_the_folder() -> None:
    tries = names({"handle": "../../etc/passwd", "asset": {"media_type": "image/png"}})

    assert [next(tries), next(tries)] == ["picture.png", "picture-2.png"]
    assert next(names({"handle": "A7", "asset": {"media_type": "image/jpeg"}})) == "A7.jpg"
    assert next(names({"handle": "A7", "asset": {"media_type": "model/gltf-binary"}})) == "A7.glb"
    assert next(names({"handle": "A7", "asset": {"media_type": "nonsense"}})) == "A7.bin"


async def test_frames_are_read_across_comments_and_lines() -> None:
    async def lines() -> AsyncIterator[str]:
        for line in (": ping", "", "id: 1", "event: note", 'data: {"a":', "data: 1}", "", "id: 2", "", 'data:{"b": 2}', ""):
            yield line

    assert [frame async for frame in frames(lines())] == [{"a": 1}, {"b": 2}]


def test_a_screen_for_programs_prints_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    screen = JsonScreen()
    screen.show({"type": "reply.delta", "text": "zwölf\nlines"})
    screen.note("for a person")
    screen.rest()
    printed = capsys.readouterr()

    assert printed.out == '{"type": "reply.delta", "text": "zwölf\\nlines"}\n'
    assert printed.err == "for a person\n"


def test_a_screen_for_people_leaves_whole_lines() -> None:
    console = Console(width=80, file=io.StringIO(), record=True, force_terminal=True)
    screen = PersonScreen(console)
    for event in (
        {"type": "reply.delta", "text": "Making "},
        {"type": "reply.delta", "text": "it."},
        {"type": "run.progress", "status": "running", "message": "Rendering", "fraction": 0.1},
        {"type": "run.progress", "status": "running", "current_step": 1, "total_steps": 2, "fraction": 0.5},
        {"type": "reply.delta", "text": "More."},
        {"type": "run.cancelled", "refunded": True},
        {"type": "run.preview", "image": "data:"},
    ):
        screen.show(event)
    screen.note("end")
    wanted = ["Making it.", "More.", "cancelled", "end"]
    written = [line.rstrip() for line in console.export_text().splitlines()]

    assert [line for line in written if line in wanted] == wanted
