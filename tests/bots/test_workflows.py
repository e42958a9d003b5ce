"""`stationthis workflows` against the real server: a workflow is added, found in a chat, run, changed, shared and deleted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PIL import Image, ImageChops

from bots.terminal.workflows import changed, used
from tests.bots.test_spells import run
from tests.server import Server

NEGATIVE = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "photo.png"}},
    "2": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}},
    "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "mine"}},
}


def told(server: Server, cwd: Path, *arguments: str) -> Any:
    done = run(server, cwd, "workflows", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def events(server: Server, cwd: Path, text: str) -> list[dict[str, Any]]:
    done = run(server, cwd, "chat", text, "--attach", "photo.png", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def planned(found: list[dict[str, Any]]) -> list[str]:
    return [step["tool"] for event in found if event["type"] == "plan" for step in event["plan"]["steps"]]


def test_a_workflow_goes_round(server: Server, tmp_path: Path) -> None:
    (tmp_path / "flow.json").write_text(json.dumps(NEGATIVE))
    photo = Image.effect_noise((48, 32), 90).convert("RGB")
    photo.save(tmp_path / "photo.png")

    looked = told(server, tmp_path, "add", "flow.json", "--name", "Moonlight negative", "--dry-run")
    assert (looked["keepable"], list(looked["inputs"]), list(looked["outputs"])) == (True, ["image"], ["image"])
    assert told(server, tmp_path, "list") == []
    words = "Gives a photograph the look of an old film negative."
    workflow = told(server, tmp_path, "add", "flow.json", "--name", "Moonlight negative", "--description", words)
    assert workflow["available"] is True

    found = events(server, tmp_path, "use moonlight negative on this")
    short = workflow["name"].rpartition("-")[2]
    assert planned(found) == [f"my/{short}@1"]
    made = next(event for event in found if event["type"] == "run.output")
    with Image.open(made["path"]) as result:
        difference = ImageChops.difference(result.convert("RGB"), ImageChops.invert(photo))
    assert max(difference.tobytes()) <= 1  # rounding
    assert planned(events(server, tmp_path, "give this photograph the look of an old film negative")) == [f"my/{short}@1"]

    assert told(server, tmp_path, "rename", "moonlight negative", "Pale negative")["version"] == 2
    assert told(server, tmp_path, "share", "pale negative")["link"].startswith("/api/v1/shared/workflows/")
    assert run(server, tmp_path, "workflows", "export", "pale negative", "--out", "back.json").returncode == 0
    assert json.loads((tmp_path / "back.json").read_text()) == NEGATIVE
    assert told(server, tmp_path, "delete", "pale negative") == {"deleted": workflow["id"]}
    gone = run(server, tmp_path, "workflows", "show", "pale negative")
    assert json.loads(gone.stderr.splitlines()[-1])["code"] == "workflow_unknown"
    assert "Moonlight" not in server.log.read_text()


def test_what_is_unsafe_is_not_kept_and_every_reason_is_said(server: Server, tmp_path: Path) -> None:
    bad = {**NEGATIVE, "4": {"class_type": "SaveLoRA", "inputs": {}}, "5": {"class_type": "ExecPython", "inputs": {}}}
    (tmp_path / "bad.json").write_text(json.dumps(bad))
    done = run(server, tmp_path, "workflows", "add", "bad.json")
    assert done.returncode == 1
    assert "SaveLoRA" in done.stderr
    assert "ExecPython" in done.stderr
    assert told(server, tmp_path, "list") == []


def test_only_the_facts_that_are_needed_are_sent() -> None:
    assert used({"ImageInvert": {"input": {}}, "Other": {}}, NEGATIVE) == {"ImageInvert": {"input": {}}}
    assert used(None, NEGATIVE) is None


def test_changes_are_said_by_the_names_that_were_found() -> None:
    assert changed(["seed"], ["cfg=mood"], ["steps=30", "cfg=4.5", "prompt=a fox"]) == {
        "seed": {"hidden": True}, "cfg": {"name": "mood", "default": 4.5}, "steps": {"default": 30},
        "prompt": {"default": "a fox"},
    }  # fmt: skip
