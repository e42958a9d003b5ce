"""`stationthis loras`, as a person types it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tools.models import commands, loras
from tools.registry.errors import ModelExists, NotRegistered


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STATIONTHIS_DATA", str(tmp_path / "data"))


def told(*words: str) -> Any:
    result = CliRunner().invoke(loras.app, [*words, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def failed(*words: str) -> BaseException | None:
    return CliRunner().invoke(loras.app, list(words)).exception


def test_list_and_show_tell_the_public_ones_and_write_nothing(tmp_path: Path) -> None:
    assert [lora["name"] for lora in told("list", "watercolor")] == ["krea2-softwatercolor"]
    assert told("show", "pixel-art")["triggers"] == ["pixel art style", "pixel art"]
    assert "pixel-art-xl" in CliRunner().invoke(loras.app, ["list"]).stdout
    assert "z-image" in CliRunner().invoke(loras.app, ["show", "pixel-art"]).stdout
    assert isinstance(failed("show", "nothing"), NotRegistered)
    assert not (tmp_path / "data").exists()


def test_one_that_is_added_waits_is_approved_and_goes() -> None:
    made = told("add", "Paper town", "--file", "paper.safetensors", "--base", "sdxl", "--trigger", "paper town")
    assert made["name"] == "paper-town"
    assert told("show", "paper-town")["visibility"] == "proposed"
    assert isinstance(failed("add", "Paper town", "--file", "paper.safetensors", "--base", "sdxl"), ModelExists)
    assert CliRunner().invoke(commands.app, ["approve", "paper-town"]).exit_code == 0
    assert told("show", "paper-town")["visibility"] == "public"
    assert told("remove", "paper-town") == {"removed": "paper-town"}
    assert isinstance(failed("show", "paper-town"), NotRegistered)
    assert isinstance(failed("remove", "pixel-art"), NotRegistered)
