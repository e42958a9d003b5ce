"""The benchmark's commands and measures, on an inventory of a kitchen: TaskBench's own data is not the project's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.taskplan.training import Schedule
from base.errors import Problem
from evals.commands import app
from evals.errors import BenchmarkBroken
from evals.taskbench import data, judging, teaching
from evals.taskbench.scoring import Outline, outline, pooled
from tests.agent.taskplan.kitchen import KITCHEN, lessons
from tools.testing import HashEncoder


@pytest.fixture
def kitchen(tmp_path: Path) -> Path:
    """A folder with `tools.jsonl`, `requests.jsonl` and `gold.jsonl`."""
    tools = [
        {"id": t.name, "desc": t.description, "input_type": t.inputs, "output_type": t.outputs} for t in KITCHEN.tools
    ]
    golds = [
        {
            "id": str(number), "user_request": lesson.request, "type": "chain" if lesson.links else "single",
            "nodes": [{"task": KITCHEN.tools[tool].name} for tool in sorted(lesson.tools)],
            "links": [[KITCHEN.tools[a].name, KITCHEN.tools[b].name] for a, b in sorted(lesson.links)],
        }
        for number, lesson in enumerate(lessons())
    ]  # fmt: skip
    asked = [{"id": gold["id"], "user_request": gold["user_request"]} for gold in golds]
    for name, rows in (("tools", tools), ("requests", asked), ("gold", golds)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return tmp_path


def test_measures_agree_with_a_plan_worked_out_by_hand() -> None:
    gold = outline(
        {"nodes": [{"task": "Washer", "arguments": ["carrot.jpg"]}, {"task": "Chopper", "arguments": ["<node-0>"]}],
         "links": [["Washer", "Chopper"], ["Chopper", "Washer"]]}, KITCHEN,
    )  # fmt: skip
    said = outline(
        {"nodes": [{"task": "Chopper", "arguments": ["<node-1>"]}, {"task": "Washer", "arguments": ["leek.jpg"]},
                   {"task": "Nobody"}], "links": []}, KITCHEN,
    )  # fmt: skip
    assert gold.links == {("Washer", "Chopper")}  # what the arguments say, not what the list says
    assert said.tools == {"Washer", "Chopper"}
    assert pooled([(gold, said)]) == {"n": 100, "e": 100, "t": 100, "v": 50}


def test_without_arguments_the_list_of_links_counts_and_arguments_are_not_measured() -> None:
    gold = outline({"nodes": ["Washer", "Chopper"], "links": [["Washer", "Chopper"]]}, KITCHEN)
    said = outline({"nodes": [{"task": "Washer", "arguments": ["x.jpg"]}], "links": []}, KITCHEN)
    assert pooled([(gold, said)]) == {"n": pytest.approx(200 / 3), "e": 0}


def test_a_bad_reference_is_no_link() -> None:
    row = {"nodes": [{"task": "Washer", "arguments": ["<node-0>", "<node-7>"]}]}
    assert outline(row, KITCHEN).links == frozenset()


def test_rare_sorts_weigh_more_in_the_mix() -> None:
    right, wrong = Outline(frozenset({"Washer"}), frozenset()), Outline(frozenset({"Chopper"}), frozenset())
    assert pooled([(right, right), (right, wrong)], [3, 1])["n"] == 75


def test_every_request_gets_a_line_and_zero_shot_is_told(kitchen: Path) -> None:
    out = kitchen / "plans.jsonl"
    result = CliRunner().invoke(
        app, ["taskbench", "--tools", f"{kitchen}/tools.jsonl", "--requests", f"{kitchen}/requests.jsonl", "--out", str(out)]
    )
    assert result.exit_code == 0, result.output
    assert "zero-shot" in result.output
    said = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [line["id"] for line in said] == [str(number) for number in range(len(lessons()))]
    assert all(set(line) == {"id", "nodes", "links"} for line in said)
    assert all(node["task"] in {t.name for t in KITCHEN.tools} for line in said for node in line["nodes"])
    files = ["--gold", f"{kitchen}/gold.jsonl", "--predictions", str(out), "--tools", f"{kitchen}/tools.jsonl"]
    scored = CliRunner().invoke(app, ["taskbench", "score", *files, "--json"])
    assert json.loads(scored.output)["plain"]["n"] > 75


def test_links_agree_with_the_arguments(kitchen: Path) -> None:
    out = kitchen / "plans.jsonl"
    CliRunner().invoke(
        app, ["taskbench", "--tools", f"{kitchen}/tools.jsonl", "--requests", f"{kitchen}/requests.jsonl", "--out", str(out)]
    )
    for line in map(json.loads, out.read_text(encoding="utf-8").splitlines()):
        listed = {tuple(link) for link in line["links"]}
        assert outline(line, KITCHEN).links == listed


async def test_training_is_worth_more_than_zero_shot_and_tells_both(kitchen: Path) -> None:
    golds = data.gold([kitchen / "gold.jsonl"], KITCHEN)
    schedule = Schedule(folds=3, repeats=1, epochs=25, hidden=8, batch=16)
    told: list[str] = []
    trained, worth = await teaching.teach(golds, KITCHEN, HashEncoder(), schedule, told.append)
    assert trained.fingerprint == KITCHEN.fingerprint
    assert worth.plain["n"] > 95
    assert worth.low["n"] <= worth.plain["n"] <= worth.high["n"]
    lines = await teaching.compared(golds, KITCHEN, HashEncoder(), schedule, told.append)
    assert [line.split(":")[0] for line in lines[:2]] == ["zero-shot", "zero-shot, a fifth of the tools left out"]
    assert len(lines) == 6


async def test_leaving_tools_out_expects_nothing_of_them(kitchen: Path) -> None:
    golds = data.gold([kitchen / "gold.jsonl"], KITCHEN)
    pieces, words = await teaching.embedded(golds, KITCHEN, HashEncoder())
    pairs = judging.without_tools(golds, pieces, words, KITCHEN, Schedule())
    assert 0 < len(pairs) < 5 * len(golds)
    for gold, said in pairs:
        assert gold.plan.tools
        assert len(said.tools) <= 4


@pytest.mark.parametrize(
    ("content", "told"), [("{oops", "neither JSON Lines"), ("[1, 2]", "one JSON object"), ('{"id": 1}', "no `user_request`")]
)
def test_a_file_that_cannot_be_read_is_told_by_name(tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "requests.jsonl").write_text(content, encoding="utf-8")
    with pytest.raises(BenchmarkBroken, match=told):
        data.requests(tmp_path / "requests.jsonl")
    with pytest.raises(Problem, match="no file"):
        data.tools(tmp_path / "absent.jsonl")


def test_what_is_read_is_not_written_over_and_a_folder_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkBroken, match="one of the files to read"):
        data.writable(tmp_path / "a.jsonl", tmp_path / "b.jsonl", tmp_path / "." / "a.jsonl")
    with pytest.raises(BenchmarkBroken, match="no folder"):
        data.writable(tmp_path / "absent" / "a.jsonl")


def test_a_broken_line_is_told_by_its_number(tmp_path: Path) -> None:
    (tmp_path / "gold.jsonl").write_text('{"id": "1"}\n\n{"id": \n', encoding="utf-8")
    with pytest.raises(BenchmarkBroken, match=r"Line 3 of gold\.jsonl"):
        data.rows(tmp_path / "gold.jsonl")


def test_a_prediction_of_nonsense_scores_nothing_and_breaks_nothing() -> None:
    row = {"nodes": "Washer", "links": [["Washer"], 7, {"source": "Washer", "target": "Chopper"}]}
    assert outline(row, KITCHEN).tools == frozenset()
    assert outline(row, KITCHEN).links == {("Washer", "Chopper")}


def test_weights_that_were_asked_for_must_fit(kitchen: Path) -> None:
    from agent.taskplan import weights
    from agent.taskplan.general import BARS, LINKER
    from agent.taskplan.weights import Trained
    from tools.embedding import MiniLmEncoder

    weights.save(Trained("0" * 64, MiniLmEncoder.name, (), LINKER, BARS), kitchen / "other.npz")
    files = ["--tools", f"{kitchen}/tools.jsonl", "--requests", f"{kitchen}/requests.jsonl", "--out", f"{kitchen}/o.jsonl"]
    result = CliRunner().invoke(app, ["taskbench", *files, "--model", f"{kitchen}/other.npz"])
    assert isinstance(result.exception, Problem)
    assert result.exception.code == "weights_broken"
    assert not (kitchen / "o.jsonl").exists()
