"""`stationthis spells` against the real server: what was said in a chat is saved, cast, exported, imported and shared."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from bots.terminal.spells import blanks, ports
from tests.server import Server, traced_environment


def run(server: Server, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = traced_environment(cwd / "data", STATIONTHIS_URL=server.url)
    return subprocess.run(
        [sys.executable, "-m", "stationthis", *arguments], cwd=cwd, env=environment, capture_output=True, text=True,
        timeout=90.0, check=False,
    )  # fmt: skip


def told(server: Server, cwd: Path, *arguments: str) -> Any:
    done = run(server, cwd, "spells", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_spell_goes_round(server: Server, tmp_path: Path) -> None:
    assert run(server, tmp_path, "chat", "draw a fox as a sticker", "--json").returncode == 0
    spell = told(server, tmp_path, "save", "Sticker maker", "--handle", "A1")
    assert spell["steps"][0]["params"]["prompt"] == "{subject} as a sticker"
    assert [each["title"] for each in told(server, tmp_path, "list")] == ["Sticker maker"]
    assert "{subject}" in run(server, tmp_path, "spells", "show", "sticker maker").stdout

    cast = told(server, tmp_path, "cast", "sticker maker", "a", "teapot", "--out", "made")
    assert cast["plan"]["steps"][0]["params"]["prompt"] == "a teapot as a sticker"
    assert [(tmp_path / path).is_file() for path in cast["paths"]] == [True]

    assert run(server, tmp_path, "spells", "export", "sticker maker", "--out", "s.json").returncode == 0
    link = told(server, tmp_path, "share", "sticker maker")["link"]
    assert link.startswith("/api/v1/shared/spells/")
    assert told(server, tmp_path, "delete", "sticker maker") == {"deleted": spell["id"]}
    refused = run(server, tmp_path, "spells", "cast", "sticker maker", "a cat")
    assert refused.returncode == 1
    assert json.loads(refused.stderr.splitlines()[-1])["code"] == "spell_unknown"
    assert told(server, tmp_path, "import", "s.json")["steps"] == spell["steps"]
    missing = run(server, tmp_path, "spells", "cast", "sticker maker")
    assert json.loads(missing.stderr.splitlines()[-1])["code"] == "blank_missing"


def test_words_and_files_find_their_places() -> None:
    text, number = {"type": "string"}, {"type": "integer"}
    spell = {"title": "T", "blanks": {"hero": text, "mood": text, "width": number}, "ports": {"image": {}, "mask": {}}}
    assert blanks(spell, ["a", "robot", "width=512", "mood=dark"]) == {"hero": "a robot", "width": 512, "mood": "dark"}
    assert blanks(spell, ["hero=x", "width=wide"]) == {"hero": "x", "width": "wide"}
    assert ports(spell, ["1", "2", "3"]) == {"image": [{"asset_id": "1"}], "mask": [{"asset_id": "2"}, {"asset_id": "3"}]}
