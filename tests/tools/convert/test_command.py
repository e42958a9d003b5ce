"""`stationthis tools convert`, as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.tools.convert.comparing import templates
from tests.tools.convert.drawing import INFO, Sheet
from tools.commands import app
from tools.errors import BadFacts, BadWorkflow, NodesUnknown, NotAWorkflow


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    sheet = Sheet()
    sheet.node(1, "Load", ["b.png"])
    sheet.node(3, "Save", ["out \ud83d"], sockets={"image": "IMAGE"})
    sheet.link(1, 0, 3, "image")
    file = tmp_path / "ui.json"
    file.write_text(json.dumps(sheet.workflow()), encoding="utf-8")
    (tmp_path / "info.json").write_text(json.dumps(INFO), encoding="utf-8")
    return file


def test_it_prints_the_graph_for_the_server_that_is_given(drawn: Path) -> None:
    result = CliRunner().invoke(app, ["convert", str(drawn), "--object-info", str(drawn.parent / "info.json"), "--json"])

    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["3"] == {
        "class_type": "Save", "inputs": {"prefix": "out \ud83d", "image": ["1", 0]}, "_meta": {"title": "Save Image"},
    }  # fmt: skip


def test_it_reads_standard_input_and_knows_the_newest_comfyui() -> None:
    result = CliRunner().invoke(app, ["convert", "-"], input=json.dumps(templates()["text_to_video_wan"]))

    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["3"]["class_type"] == "KSampler"


def test_nodes_that_are_not_known_are_named(drawn: Path) -> None:
    result = CliRunner().invoke(app, ["convert", str(drawn)])

    assert isinstance(result.exception, NodesUnknown)
    assert result.exception.as_dict()["nodes"] == {"1": "Load", "3": "Save"}
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("file", "facts", "problem"),
    [("gone.json", "info.json", BadWorkflow), ("bad.json", "info.json", NotAWorkflow), ("ui.json", "bad.json", BadFacts)],
)
def test_files_that_cannot_be_used_are_refused(
    drawn: Path, file: str, facts: str, problem: type[Exception]
) -> None:
    (drawn.parent / "bad.json").write_text("{", encoding="utf-8")
    result = CliRunner().invoke(app, ["convert", str(drawn.parent / file), "--object-info", str(drawn.parent / facts)])

    assert type(result.exception) is problem


def test_a_file_that_cannot_be_read_is_told_apart(drawn: Path, tmp_path: Path) -> None:
    lost = str(tmp_path / "lost.json")

    assert "The workflow" in str(CliRunner().invoke(app, ["convert", lost]).exception)
    assert "--object-info" in str(CliRunner().invoke(app, ["convert", str(drawn), "--object-info", lost]).exception)
