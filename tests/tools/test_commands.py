"""`stationthis tools`, as a person types it."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from agent.testing import Page, ScriptedModel
from base.errors import Problem
from executor.renderer.config import Config
from executor.renderer.server import running
from tests.builds import built
from tests.patience import PATIENCE_S
from tools.commands import app
from tools.errors import BadParameter, FactsUnavailable, ToolNotFound, ToolUnavailable
from tools.facts import from_server
from tools.service import load_tools


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The build of all tests, in place of one in the data folder of whoever runs them."""
    monkeypatch.setenv("STATIONTHIS_DATA", str(built().parent))


HEAVY = ("torch", "sentence_transformers", "transformers", "litellm", "qdrant_client", "scipy")


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def told(*words: str) -> Any:
    result = run(*words)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_list_tells_all_tools() -> None:
    listed = told("list", "--json")
    assert {"name", "title", "family", "tags"} <= set(listed[0])
    assert "crop_image" in {tool["name"] for tool in listed}
    assert "crop_image" in run("list").stdout


def test_show_tells_one_tool_with_its_files() -> None:
    assert told("show", "crop_image", "--json")["params"]["ratio"]["default"] == "1:1"
    shown = run("show", "sdxl").stdout
    assert "checkpoints/sd_xl_base_1.0.safetensors" in shown
    assert "steps" in shown


def test_a_tool_that_is_not_there_is_a_typed_error() -> None:
    result = run("show", "teleport", "--json")
    assert isinstance(result.exception, ToolNotFound)
    assert isinstance(result.exception, Problem)


def test_graph_gives_what_comfyui_takes() -> None:
    graph = told("graph", "crop_image", "--set", "ratio=16:9")
    assert graph["2"] == {
        "class_type": "ImageCrop",
        "inputs": {"image": ["1", 0], "width": 1024, "height": 576, "x": 0, "y": 96},
    }
    assert (
        told("graph", "sdxl", "--set", "steps=30", "--set", "prompt=a = b")["6"]["inputs"]["text"] == "a = b"
    )


@pytest.mark.parametrize("tool", [*(tool.name for tool in load_tools()), "video_wan2_2_14b_i2v", "audio_ace_step_1_5_checkpoint"])
def test_every_tool_has_a_graph_to_look_at(tool: str) -> None:
    assert told("graph", tool, "--json")


def test_a_template_that_waits_for_a_newer_server_has_no_graph_and_says_so() -> None:
    refused = run("graph", "image_qwen_image_2_1_t2i").exception

    assert isinstance(refused, ToolUnavailable)
    assert "needs ComfyUI 0.37.2 or newer" in refused.detail
    assert "needs ComfyUI 0.37.2 or newer" in run("show", "image_qwen_image_2_1_t2i").stdout


def test_list_filters() -> None:
    def names(*words: str) -> set[str]:
        return {tool["name"] for tool in told("list", *words, "--json")}

    templates, waiting = names("--source", "template"), names("--unavailable")
    assert "crop_image" in names("--source", "curated")
    assert "crop_image" not in templates
    assert waiting < templates
    assert waiting | names("--available") == names()
    assert names("--takes", "audio", "--makes", "video") <= names("--family", "talking video")


def test_a_family_that_is_not_there_names_those_that_are() -> None:
    refused = run("list", "--family", "nope").exception
    assert isinstance(refused, BadParameter)
    assert "inpaint" in refused.next_step


def test_list_promises_nothing_of_a_server_that_was_not_asked() -> None:
    found = {tool["name"]: tool for tool in told("list", "--json")}
    assert found["crop_image"]["has_graph"]
    assert not found["image_qwen_image_2_1_t2i"]["has_graph"]
    assert not any("available" in tool for tool in found.values())


async def test_list_holds_tools_against_a_running_server(tmp_path: Path) -> None:
    async with running(Config(tmp_path)) as port:
        result = await asyncio.to_thread(run, "list", "--server", f"http://127.0.0.1:{port}", "--json")
    found = {tool["name"]: tool for tool in json.loads(result.stdout)}
    assert found["crop_image"]["available"]
    assert "needs" in found["video_hunyuan_video_1_5_720p_i2v"]["reason"]


def test_import_says_what_changed_and_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATIONTHIS_DATA", str(tmp_path))
    first, second = told("import", "--json"), told("import", "--json")

    assert "image_z_image_turbo" in first["added"]
    assert (second["added"], second["removed"], second["changed"]) == ([], [], {})
    assert (tmp_path / "cache" / "templates-reference.json").exists()


def test_import_takes_the_facts_of_another_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATIONTHIS_DATA", str(tmp_path / "data"))
    facts = tmp_path / "object_info-old.json"
    facts.write_bytes((resources.files("tools") / "reference" / "object_info-0.3.64.json").read_bytes())
    told_of = told("import", "--object-info", str(facts), "--json")

    assert told_of["server"] == "old"
    assert len(told_of["faults"]) > 100
    assert "image_pixeldit_t2i" in {tool["name"] for tool in told("list", "--available", "--json")}


def test_import_of_nonsense_is_a_typed_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATIONTHIS_DATA", str(tmp_path / "data"))
    wrong = tmp_path / "wrong.json"
    wrong.write_text("[1, 2", encoding="utf-8")

    assert isinstance(run("import", "--object-info", str(wrong)).exception, Problem)
    assert not (tmp_path / "data").exists()


def test_pin_tells_that_nothing_differs() -> None:
    assert told("pin", "--json")["differences"] == []


@pytest.mark.parametrize(("name", "begins"), [("table.md", "| tool | 0.3.64 | 0.33.0 |"), ("table.json", "[")])
def test_check_writes_the_table(tmp_path: Path, name: str, begins: str) -> None:
    run("check", "--out", str(tmp_path / name))

    assert (tmp_path / name).read_text(encoding="utf-8").startswith(begins)


@pytest.mark.parametrize("assigned", ["ratio", "magic=1", "position=north", "ratio=x:y"])
def test_a_wrong_assignment_is_a_typed_error(assigned: str) -> None:
    assert isinstance(run("graph", "crop_image", "--set", assigned).exception, BadParameter)


@pytest.mark.parametrize(("assigned", "said"), [("steps=many", "steps takes a whole number"), ("steps", "key=value")])
def test_what_is_wrong_with_an_assignment_is_named(assigned: str, said: str) -> None:
    refused = run("graph", "sdxl", "--set", assigned).exception
    assert isinstance(refused, BadParameter)
    assert said in refused.detail


def test_absent_nodes_are_a_failure_only_when_that_is_asked_for() -> None:
    assert run("check", "--json").exit_code == 0
    assert run("check", "--strict", "--json").exit_code == 1


async def _answers(body: bytes, endless: bool, check: Callable[[str], Any]) -> Any:
    """What a check says of a server that answers so."""

    left = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        length = b"" if endless else b"content-length: %d\r\n" % len(body)
        writer.write(b"HTTP/1.1 200 OK\r\n" + length + b"connection: close\r\n\r\n" + body)
        with suppress(ConnectionError):
            await writer.drain()
            while endless:
                writer.write(body)
                await writer.drain()
                await asyncio.sleep(0.001)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        left.set()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        with pytest.raises(FactsUnavailable) as refused:
            await asyncio.to_thread(check, f"http://{host}:{port}")
        await asyncio.wait_for(left.wait(), PATIENCE_S)
    return refused.value.detail


async def test_what_has_no_nodes_is_no_comfyui() -> None:
    assert "no ComfyUI" in await _answers(b"{}", False, from_server)


async def test_a_server_without_end_is_left() -> None:
    many = b" " * 10_000
    assert "more than" in await _answers(many, True, lambda url: from_server(url, most_bytes=100_000))
    assert "end" in await _answers(b" ", True, lambda url: from_server(url, most_s=0.3))


def test_check_holds_all_graphs_against_the_reference() -> None:
    rows = told("check", "--json")
    newest = [row for row in rows if row["server"] == "0.33.0"]
    assert {row["server"] for row in rows} == {"0.3.64", "0.33.0"}
    assert all(row["faults"] == [] for row in rows)
    assert sum(row["verdict"] == "fits" for row in newest) > 222
    assert {row["verdict"] for row in newest if row["tool"] == "image_flux2"} == {"fits"}


async def test_check_asks_a_running_server(tmp_path: Path) -> None:
    async with running(Config(tmp_path)) as port:
        result = await asyncio.to_thread(run, "check", "--server", f"http://127.0.0.1:{port}", "--json")
    assert result.exit_code == 0, result.output
    verdicts = {(row["tool"], row["implementation"]): row["verdict"] for row in json.loads(result.stdout)}
    assert verdicts["adjust_color", "own"] == "fits"


def test_check_of_a_server_that_is_away_is_a_typed_error() -> None:
    result = run("check", "--server", "http://127.0.0.1:9", "--json")
    assert isinstance(result.exception, Problem)
    assert "127.0.0.1" not in result.exception.detail


async def test_check_of_something_else_is_a_typed_error() -> None:
    async with ScriptedModel(Page()) as other:
        result = await asyncio.to_thread(run, "check", "--server", other.url, "--json")
    assert isinstance(result.exception, Problem)


def test_search_wants_words() -> None:
    assert run("search").exit_code == 2


def test_what_needs_no_model_loads_none() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from tools.commands import app; run = CliRunner().invoke\n"
        "for words in (['list', '--json'], ['show', 'sdxl'], ['graph', 'crop_image'], ['check', '--json']):\n"
        "    assert run(app, words).exit_code == 0, words\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
        timeout=60,
    )
    assert done.stdout.strip() == "[]"


def test_search_prints_json_and_nothing_else(tmp_path: Path) -> None:
    queries = tmp_path / "queries.txt"
    queries.write_text("make it bigger\n\nblack and white\n", encoding="utf-8")
    code = "from tools.commands import app; app()"
    done = subprocess.run(
        [sys.executable, "-c", code, "search", "--queries", str(queries), "--limit", "3", "--json"],
        capture_output=True, text=True, check=True, timeout=120, cwd=Path(__file__).parents[2],
        env={"STATIONTHIS_DATA": str(built().parent), "PATH": "", "HOME": str(tmp_path)},
    )  # fmt: skip
    bigger, gray = (json.loads(line) for line in done.stdout.splitlines())
    assert [len(bigger), len(gray)] == [3, 3]
    assert set(bigger[0]) == {"name", "title", "family", "tags", "score", "variants"}
    assert bigger[0]["name"] in ("upscale_image", "resize_image")
    assert gray[0]["name"] == "adjust_color"
    assert done.stderr == ""
