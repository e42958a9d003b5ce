"""`stationthis models`, as a person types it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tools.errors import ToolNotFound
from tools.models.commands import app
from tools.models.wanted import Meter, compared, wanted
from tools.registry.errors import BadModelUrl, GpuTooSmall, ModelNotFound, NotWaiting
from tools.registry.gpu import Gpu

URL = "https://huggingface.co/o/sdxl-styles/blob/main/loras/ink.safetensors"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STATIONTHIS_DATA", str(tmp_path / "data"))


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def told(*words: str) -> Any:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_list_tells_the_most_used_first_and_writes_nothing(tmp_path: Path) -> None:
    listed = told("list", "--base", "flux1")
    assert [m["popularity"] for m in listed] == sorted((m["popularity"] for m in listed), reverse=True)
    assert {m["base"] for m in listed} == {"flux1"}
    assert [m["file"] for m in told("list", "schnell diffusion")] == ["flux1-schnell.safetensors"]
    assert "may be sold" in run("list").stdout
    assert not (tmp_path / "data").exists()


def test_show_tells_one_model() -> None:
    assert told("show", "flux1-dev.safetensors")["commercial"] == "no"
    assert "Non-Commercial" in run("show", "flux1-dev.safetensors").stdout
    assert isinstance(run("show", "nothing").exception, ModelNotFound)


def test_check_finds_nothing_wrong_and_tells_what_is_missing() -> None:
    assert {finding["level"] for finding in told("check")} == {"note"}
    assert "No entry is wrong." in run("check").stdout


def test_import_shows_the_difference_to_the_installed_package() -> None:
    shown = told("import")
    assert shown["models"] > 300
    assert (shown["added"], shown["changed"], shown["removed"], shown["written"]) == ([], [], [], False)
    assert "added: 0" in run("import").stdout


def test_what_is_added_waits_until_it_is_approved() -> None:
    added = told("add", URL, "--licence", "MIT")
    assert (added["base"], added["state"]) == ("sdxl", "proposed")
    assert [m["id"] for m in told("list", "--proposed")] == ["loras-ink"]
    assert told("approve", "loras-ink") == {"approved": "loras-ink"}
    assert told("show", "loras-ink")["state"] == "approved"
    assert "loras-ink" in {m["id"] for m in told("list", "ink")}
    assert isinstance(run("approve", "loras-ink").exception, NotWaiting)


def test_what_is_refused_is_gone() -> None:
    told("add", URL)
    assert "stays" in run("refuse", "loras-ink").stdout
    assert told("list", "--proposed") == []
    assert isinstance(run("show", "loras-ink").exception, ModelNotFound)


def test_an_address_nearby_is_refused() -> None:
    assert isinstance(run("add", "https://192.168.0.1/x.safetensors").exception, BadModelUrl)


def test_a_tools_files_are_looked_up_in_the_registry(tmp_path: Path) -> None:
    assert [m.file for m in wanted("sdxl", tmp_path)] == ["sd_xl_base_1.0.safetensors"]
    assert wanted("sdxl", tmp_path)[0].vram_gb == 8
    assert wanted("crop_image", tmp_path) == []
    assert "wan_2.1_vae.safetensors" in [m.file for m in wanted("video_wan2_2_14b_t2v", tmp_path)]
    with pytest.raises(ToolNotFound):
        wanted("teleport", tmp_path)


def test_a_card_that_is_too_small_stops_and_an_unknown_one_is_said(tmp_path: Path) -> None:
    (model,) = wanted("sdxl", tmp_path)
    with pytest.raises(GpuTooSmall):
        compared(model, (Gpu("Small", 4.0),))
    assert "nvidia-smi" in compared(model, ())


def test_a_tool_that_needs_nothing_fetches_nothing() -> None:
    assert told("download", "--tool", "crop_image") == []
    assert run("download").exit_code == 2


def test_the_meter_moves_by_percents(capsys: pytest.CaptureFixture[str]) -> None:
    meter = Meter("x", talk=True)
    for done in (0, 1, 500, 1000):
        meter(done, 1000)
    Meter("quiet", talk=False)(1, 2)
    assert capsys.readouterr().err == "\rx: 0 % of 1.0 kB\rx: 50 % of 1.0 kB\rx: 100 % of 1.0 kB\n"
